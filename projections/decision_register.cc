#include "projections/decision_register.h"

#include <set>
#include <vector>

#include "eventstore/base/proto_util.h"
#include "parley/v1/decision.pb.h"
#include "parley/v1/decision_register.pb.h"
#include "services/decision/decision.h"

namespace parley {
namespace {

using v1::Decision;
using v1::DecisionOutcome;
using v1::DecisionRegisterEntry;

std::string EntryKey(std::string_view decision) { return DecisionRegisterProjection::kEntries + std::string(decision); }
std::string DecisionKey(std::string_view decision) { return "decision/" + std::string(decision); }

bool IsOpen(const Decision& decision) {
  return decision.state() == v1::DECISION_STATE_PROPOSED || decision.state() == v1::DECISION_STATE_DEFERRED;
}

void DescribeOutcomes(const Decision& decision, DecisionRegisterEntry& entry) {
  if (decision.outcomes().empty()) return;
  const DecisionOutcome& last = *decision.outcomes().rbegin();
  entry.set_option_id(last.option_id());
  entry.set_decided_by_party(last.party_id());
  entry.set_decided_by_role(last.role());
  *entry.mutable_decide_time() = last.time();
  *entry.mutable_latency() = ToProto(FromProto(decision.outcomes(0).time()) - FromProto(decision.propose_time()));
  for (const DecisionOutcome& outcome : decision.outcomes()) {
    if (outcome.overridden()) entry.set_override_count(entry.override_count() + 1);
  }
  entry.set_assessment_score(last.assessment().score());
  if (decision.state() == v1::DECISION_STATE_DECIDED && last.has_review_due_time() && !last.has_assessment()) {
    *entry.mutable_review_due_time() = last.review_due_time();
  }
}

// What follows from the decision alone.
DecisionRegisterEntry EntryOf(const Decision& decision) {
  DecisionRegisterEntry entry;
  entry.set_decision(decision.name());
  entry.set_title(decision.title());
  entry.set_class_id(decision.class_id());
  if (decision.has_amount()) *entry.mutable_amount() = decision.amount();
  entry.set_state(decision.state());
  entry.set_proposed_by_party(decision.proposed_by_party());
  *entry.mutable_propose_time() = decision.propose_time();
  entry.set_reopen_count(decision.reopen_count());
  entry.set_superseded_by(decision.superseded_by());
  *entry.mutable_supersedes() = decision.supersedes();
  if (IsOpen(decision)) {
    entry.set_forum_id(decision.forum_id());
    for (const auto& agreement : decision.agreements()) {
      if (!agreement.concurs()) entry.set_standing_objections(entry.standing_objections() + 1);
    }
  }
  DescribeOutcomes(decision, entry);
  return entry;
}

// The end of the chain from `decision` on.
std::string HoldsInstead(const std::string& decision, Rows& rows) {
  std::string last = decision;
  std::set<std::string> seen;  // Chains are acyclic; a damaged one must not hang the fold.
  while (seen.insert(last).second) {
    const auto* entry = rows.Find<DecisionRegisterEntry>(EntryKey(last));
    if (entry == nullptr || entry->superseded_by().empty()) break;
    last = entry->superseded_by();
  }
  return last == decision ? "" : last;
}

// Tells everything that `decision` replaced, directly or not, what holds instead by now.
void UpdateChain(const std::string& decision, Rows& rows) {
  std::vector<std::string> pending{decision};
  std::set<std::string> seen;
  while (!pending.empty()) {
    const std::string next = pending.back();
    pending.pop_back();
    if (!seen.insert(next).second) continue;
    if (rows.Find<DecisionRegisterEntry>(EntryKey(next)) == nullptr) continue;
    auto& entry = rows.Mutable<DecisionRegisterEntry>(EntryKey(next));
    entry.set_holds_instead(HoldsInstead(next, rows));
    pending.insert(pending.end(), entry.supersedes().begin(), entry.supersedes().end());
  }
}

}  // namespace

absl::Status DecisionRegisterProjection::Apply(const RecordedEvent& event, Rows& rows) const {
  const auto* of_decision = event.As<v1::DecisionEvent>();
  if (of_decision == nullptr) return absl::OkStatus();
  const std::string& name = event.info.stream;
  const auto& decision = rows.Fold<Decision>(DecisionKey(name), event);

  auto& before = rows.Mutable<DecisionRegisterEntry>(EntryKey(name));
  DecisionRegisterEntry entry = EntryOf(decision);
  entry.set_holds_instead(before.holds_instead());
  if (IsOpen(decision)) {
    *entry.mutable_open_since_time() =
        before.has_open_since_time() ? before.open_since_time() : ToProto(event.info.effective_at);
  }
  before = std::move(entry);
  if (of_decision->has_superseded() || of_decision->has_supersedes()) UpdateChain(name, rows);
  return absl::OkStatus();
}

}  // namespace parley
