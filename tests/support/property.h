// Property tests over a ledger: whatever anybody asks for, in whatever order, what must hold holds after every command.
// An area brings moves (things somebody may ask for) and invariants; Walk() plays a random sequence of all of them.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "services/aggregate/ledger_state.h"
#include "tests/support/world.h"

namespace parley::test {

// Numbers that follow from a seed (SplitMix64), the same on every machine.
class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}
  // 0 to n - 1.
  size_t Below(size_t n) {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (z ^ (z >> 31)) % n;
  }
  template <class T>
  const T& OneOf(const std::vector<T>& choices) {
    return choices[Below(choices.size())];
  }

 private:
  uint64_t state_;
};

// Makes up a command, which may well be refused. The acting principal is chosen by the walk.
using Move = std::function<Command(const LedgerState&, Dice&)>;

// Of a request made up from the dice.
template <class R, class Request>
Move Asks(std::function<Request(const LedgerState&, Dice&)> make) {
  return [make = std::move(make)](const LedgerState& state, Dice& dice) {
    return MakeCommand<R>(std::make_shared<const Request>(make(state, dice)));
  };
}

// Says what is wrong after a step; empty: nothing.
struct Invariant {
  std::string name;
  std::function<std::string(const LedgerState& before, const LedgerState& after)> violation;
};

struct Area {
  std::vector<Move> moves;
  std::vector<Invariant> invariants;
};

struct WalkOptions {
  std::function<void(World&)> start;
  std::vector<std::string> principals;  // Who may act.
  std::vector<Area> areas;
};

// One walk of so many commands; a shorter one of the same seed is its beginning. The first invariant that breaks and the steps that led there, or nothing. Counts recorded events by type.
// Besides the areas' invariants it holds what is true of every ledger: each refusal has a reason, no deadline that is due
// stands, the state is the fold of the entries and survives its snapshot, recorded_at never goes back, and effective_at
// never does within a stream.
std::string Walk(const WalkOptions& options, uint64_t seed, int commands, std::map<std::string, int>& recorded);

}  // namespace parley::test
