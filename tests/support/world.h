// One ledger in memory, driven as the command pipeline drives it, with time and actors in the test's hands. Everything
// that is recorded goes through real entries: encoded, decoded, upcast, folded.
// When the world ends, all of it is decided again: each test of a rule is a test of its recheck, too.
#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/base/random.h"
#include "eventstore/person_keys.h"
#include "services/aggregate/context.h"
#include "services/aggregate/ledger_state.h"
#include "services/command/command.h"

namespace parley::test {

// When every world begins: 2026-01-01T00:00:00Z.
absl::Time Epoch();

class World {
 public:
  explicit World(std::string_view ledger = "acme");
  World(World&&) = default;
  ~World();

  // Who acts from now on. Without a party: the one that the principal holds roles of, none if there are none or
  // several.
  void Act(std::string_view principal, std::string_view party = "");
  void AdvanceTo(absl::Time now) { now_ = now; }
  absl::Time now() const { return now_; }

  // Settles what is due, then decides and records `command`: what it recorded, or why it was refused. Common fields of
  // the request count as in the pipeline.
  absl::StatusOr<std::vector<RecordedEvent>> Run(const Command& command);
  // Records what is due by now, as the system.
  absl::StatusOr<std::vector<RecordedEvent>> Settle();
  // Records an event as it stands, without asking any rule: nothing is decided again then.
  absl::StatusOr<std::vector<RecordedEvent>> Record(const std::string& stream, const google::protobuf::Message& event);

  const LedgerState& state() const { return state_; }
  const std::vector<Entry>& entries() const { return entries_; }
  // Under which texts about people are sealed.
  PersonKeys& keys() { return *keys_; }
  // The state through its own snapshot and back.
  absl::StatusOr<LedgerState> Copy() const { return LedgerState::FromSnapshot(state_.ToSnapshot()); }

 private:
  Actor ActorNow() const;
  // Every command has a request id of its own, as clients give them.
  std::string NextRequestId() const { return "request-" + std::to_string(entries_.size()); }
  absl::StatusOr<std::vector<RecordedEvent>> Append(const Events& events, const Context& context,
                                                    const std::string& request_id);

  LedgerState state_;
  SeededRandom random_{1};
  SeededRandom key_random_{2};
  std::unique_ptr<PersonKeys> keys_ = NewMemoryPersonKeys(key_random_);
  std::vector<Entry> entries_;
  bool by_the_rules_ = true;
  absl::Time now_ = Epoch();
  std::string principal_;
  std::string party_;
};

// A message from its text form, in which later fields replace earlier ones; the test fails where it does not parse.
void ParseTextInto(std::string_view text, google::protobuf::Message& message);
template <class M>
M Parse(std::string_view text) {
  M message;
  ParseTextInto(text, message);
  return message;
}

// One line per event, for failure messages.
std::string Describe(const std::vector<RecordedEvent>& events);

}  // namespace parley::test
