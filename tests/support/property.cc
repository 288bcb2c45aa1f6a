#include "tests/support/property.h"

#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"

namespace parley::test {
namespace {

std::string FoldAgain(const World& world) {
  LedgerState again{world.state().ledger()};
  absl::Time recorded_at = absl::InfinitePast();
  std::map<std::string, absl::Time> effective_at;
  for (const Entry& entry : world.entries()) {
    if (!again.Apply(entry).ok()) return "an entry cannot be folded";
    if (FromProto(entry.header.recorded_at()) < recorded_at) return "recorded_at goes back";
    recorded_at = FromProto(entry.header.recorded_at());
    absl::Time& last = effective_at.try_emplace(entry.record.stream(), absl::InfinitePast()).first->second;
    if (FromProto(entry.record.effective_at()) < last) return "effective_at goes back in " + entry.record.stream();
    last = FromProto(entry.record.effective_at());
  }
  const std::string state = Canonical(world.state().ToSnapshot());
  if (Canonical(again.ToSnapshot()) != state) return "the state is not the fold of the entries";
  const auto copy = world.Copy();
  if (!copy.ok() || Canonical(copy->ToSnapshot()) != state) return "the state does not survive its snapshot";
  if (copy->NextDeadline().has_value() != world.state().NextDeadline().has_value())
    return "a deadline was lost in a snapshot";
  return "";
}

// Whoever holds roles of several parties says for which of them.
void ActAsSomebody(World& world, const std::string& principal, Dice& dice) {
  std::vector<std::string> parties;
  for (const auto& grant : world.state().relationship().grants()) {
    if (grant.principal() == principal) parties.push_back(grant.party_id());
  }
  world.Act(principal, parties.empty() ? "" : dice.OneOf(parties));
}

std::string FirstViolation(const WalkOptions& options, const LedgerState& before, const LedgerState& after) {
  for (const Area& area : options.areas) {
    for (const Invariant& invariant : area.invariants) {
      const std::string violation = invariant.violation(before, after);
      if (!violation.empty()) return invariant.name + ": " + violation;
    }
  }
  return "";
}

}  // namespace

std::string Walk(const WalkOptions& options, uint64_t seed, int commands, std::map<std::string, int>& recorded) {
  std::vector<const Move*> moves;
  for (const Area& area : options.areas) {
    for (const Move& move : area.moves) moves.push_back(&move);
  }
  World world;
  options.start(world);
  std::string steps;
  Dice dice(seed);
  for (int i = 0; i < commands; ++i) {
    const LedgerState before = *world.Copy();
    // Now and then time passes: minutes, days, months.
    if (dice.Below(8) == 0) world.AdvanceTo(world.now() + absl::Minutes(1) * (1 << dice.Below(18)));
    ActAsSomebody(world, dice.OneOf(options.principals), dice);
    const size_t entries = world.entries().size();
    const Command command = (*moves[dice.Below(moves.size())])(world.state(), dice);
    const auto outcome = world.Run(command);
    steps += Rfc3339(world.now()) + " " + command.method + " " + command.request->ShortDebugString() + "\n";
    if (outcome.ok()) {
      steps += Describe(*outcome);
    } else {
      steps += "  " + v1::Reason_Name(ReasonOf(outcome.status())) + "\n";
      if (ReasonOf(outcome.status()) == v1::REASON_UNSPECIFIED) return "refused without a reason\n" + steps;
    }
    for (size_t j = entries; j < world.entries().size(); ++j) ++recorded[world.entries()[j].record.event_type()];
    const auto next = world.state().NextDeadline();
    if (next && next->due <= world.now()) return "a deadline that is due stands\n" + steps;
    const std::string violation = FirstViolation(options, before, world.state());
    if (!violation.empty()) return violation + "\n" + steps;
  }
  const std::string violation = FoldAgain(world);
  return violation.empty() ? "" : violation + "\n" + steps;
}

}  // namespace parley::test
