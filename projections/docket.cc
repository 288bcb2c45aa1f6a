#include "projections/docket.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "eventstore/base/proto_util.h"
#include "parley/v1/dispute.pb.h"
#include "parley/v1/docket.pb.h"
#include "parley/v1/relationship.pb.h"
#include "services/dispute/dispute.h"
#include "services/dispute/dispute_rules.h"

namespace parley {
namespace {

using v1::Dispute;
using v1::DisputeEvent;
using v1::DocketEntry;
using v1::DocketTopic;

std::string EntryKey(std::string_view dispute) { return DocketProjection::kEntries + std::string(dispute); }
std::string DisputeKey(std::string_view dispute) { return "dispute/" + std::string(dispute); }
std::string LadderKey(int32_t version) { return "ladder/" + std::to_string(version); }

void RememberLadder(const v1::RelationshipEvent& event, Rows& rows) {
  if (!event.has_charter_proposed()) return;
  v1::DocketLadder ladder;
  for (const auto& tier : event.charter_proposed().charter().escalation_tiers()) ladder.add_tier_ids(tier.tier_id());
  rows.Put(LadderKey(event.charter_proposed().version()), ladder);
}

// The tier's place in the ladder that the dispute is under, from 1; 0 where it is not on it.
int32_t LevelOf(const Dispute& dispute, Rows& rows) {
  if (dispute.tier_id().empty()) return 0;
  const auto* ladder = rows.Find<v1::DocketLadder>(LadderKey(dispute.charter_version()));
  if (ladder == nullptr) return 0;
  const auto& ids = ladder->tier_ids();
  const auto found = std::find(ids.begin(), ids.end(), dispute.tier_id());
  return found == ids.end() ? 0 : static_cast<int32_t>(found - ids.begin()) + 1;
}

void DescribeAcknowledgements(const Dispute& dispute, DocketEntry& entry) {
  const auto& given = dispute.acknowledgements();
  for (const auto& acknowledgement : given) {
    if (acknowledgement.late()) entry.add_acknowledged_late_by(acknowledgement.party_id());
  }
  if (!dispute::IsOpen(dispute) || !dispute.resolutions().empty()) return;
  for (const std::string& party : dispute.respondents()) {
    const bool gave = std::any_of(given.begin(), given.end(), [&](const auto& a) { return a.party_id() == party; });
    if (!gave) entry.add_unacknowledged_by(party);
  }
  const v1::DisputeWindow& window = dispute.acknowledgement_window();
  if (!entry.unacknowledged_by().empty() && window.has_due_time()) {
    *entry.mutable_acknowledge_due_time() = window.due_time();
  }
}

void DescribeEscalations(const Dispute& dispute, DocketEntry& entry) {
  for (const v1::DisputeEscalation& from : dispute.escalations()) {
    v1::DocketEscalation& to = *entry.add_escalations();
    to.set_tier_id(from.tier_id());
    to.set_mode(from.mode());
    if (from.mode() == v1::ESCALATION_MODE_ONE_SIDED) to.set_alone_party(from.party_id());
    to.set_early(from.early());
    to.set_urgent_relief(from.urgent_relief());
    *to.mutable_skipped_tier_ids() = from.skipped_tier_ids();
    *to.mutable_time() = from.time();
  }
}

void DescribeResolutions(const Dispute& dispute, DocketEntry& entry) {
  for (const v1::DisputeResolution& from : dispute.resolutions()) {
    v1::DocketResolution& to = *entry.add_resolutions();
    to.set_style(from.terms().style());
    to.set_determined(from.determined());
    to.set_precedent(from.terms().precedent());
    to.set_decision(from.terms().decision());
    *to.mutable_time() = from.time();
    for (const v1::DisputeSatisfaction& satisfaction : from.satisfactions()) {
      v1::DocketSatisfaction& score = *to.add_satisfactions();
      score.set_party_id(satisfaction.party_id());
      score.set_score(satisfaction.score());
    }
    std::sort(to.mutable_satisfactions()->begin(), to.mutable_satisfactions()->end(),
              [](const auto& a, const auto& b) { return a.party_id() < b.party_id(); });
  }
  if (dispute.resolutions().empty()) return;
  *entry.mutable_time_to_resolve() =
      ToProto(FromProto(dispute.resolutions(0).time()) - FromProto(dispute.raise_time()));
}

// What follows from the dispute alone.
DocketEntry EntryOf(const Dispute& dispute) {
  DocketEntry entry;
  entry.set_dispute(dispute.name());
  entry.set_type(dispute.type());
  entry.set_title(dispute.title());
  entry.set_subject(dispute.subject());
  if (dispute.has_amount()) *entry.mutable_amount() = dispute.amount();
  entry.set_state(dispute.state());
  entry.set_tier_id(dispute.tier_id());
  entry.set_style(dispute.style());
  entry.set_raised_by(dispute.raised_by());
  entry.set_raised_by_party(dispute.raised_by_party());
  *entry.mutable_respondents() = dispute.respondents();
  *entry.mutable_raise_time() = dispute.raise_time();
  if (dispute::IsOpen(dispute) && dispute.window().has_due_time()) {
    *entry.mutable_window_due_time() = dispute.window().due_time();
  }
  DescribeAcknowledgements(dispute, entry);
  entry.set_joint_statement(dispute.has_joint_statement());
  entry.set_work_suspended(!dispute.work_continues());
  DescribeEscalations(dispute, entry);
  entry.set_neutral(dispute.neutral().principal());
  entry.set_neutral_party(dispute.neutral().party_id());
  entry.set_neutral_binding(dispute.neutral().binding());
  entry.set_settlements_proposed(dispute.settlement_count());
  DescribeResolutions(dispute, entry);
  entry.set_reopen_count(dispute.reopen_count());
  entry.set_recurrence_of(dispute.recurrence_of());
  return entry;
}

// Since when it has been open and on its tier: raising it and opening it again begin both anew, an escalation the
// latter.
void DescribeSince(const DisputeEvent& event, const EventInfo& info, const DocketEntry& before, const Dispute& dispute,
                   DocketEntry& entry) {
  if (!dispute::IsOpen(dispute)) return;
  const auto now = ToProto(info.effective_at);
  const bool opened = event.has_raised() || event.has_reopened();
  *entry.mutable_open_since_time() = opened ? now : before.open_since_time();
  *entry.mutable_tier_since_time() = opened || event.has_escalated() ? now : before.tier_since_time();
}

// Places a dispute just raised among those about the same.
void CountRecurrence(DocketEntry& entry, Rows& rows) {
  std::string first = entry.dispute();
  if (entry.subject().empty() && !entry.recurrence_of().empty()) {
    const auto* earlier = rows.Find<DocketEntry>(EntryKey(entry.recurrence_of()));
    if (earlier != nullptr) first = earlier->first_dispute();
  }
  const std::string key = entry.subject().empty() ? "chain/" + first : "subject/" + entry.subject();
  auto& topic = rows.Mutable<DocketTopic>(key);
  if (topic.first_dispute().empty()) topic.set_first_dispute(first);
  entry.set_first_dispute(topic.first_dispute());
  entry.set_earlier_disputes(topic.disputes());
  topic.set_disputes(topic.disputes() + 1);
}

}  // namespace

absl::Status DocketProjection::Apply(const RecordedEvent& event, Rows& rows) const {
  if (const auto* of_relationship = event.As<v1::RelationshipEvent>()) RememberLadder(*of_relationship, rows);
  const auto* of_dispute = event.As<DisputeEvent>();
  if (of_dispute == nullptr) return absl::OkStatus();
  const std::string& name = event.info.stream;
  const auto& dispute = rows.Fold<Dispute>(DisputeKey(name), event);

  // While a first entry is worked out, the row is not there yet for those that look for it.
  const auto* found = rows.Find<DocketEntry>(EntryKey(name));
  const DocketEntry before = found != nullptr ? *found : DocketEntry();
  DocketEntry entry = EntryOf(dispute);
  entry.set_tier_level(LevelOf(dispute, rows));
  DescribeSince(*of_dispute, event.info, before, dispute, entry);
  const bool tier_window_expired = of_dispute->has_window_expired() && !of_dispute->window_expired().tier_id().empty();
  entry.set_windows_expired(before.windows_expired() + tier_window_expired);
  if (of_dispute->has_raised()) {
    CountRecurrence(entry, rows);
  } else {
    entry.set_first_dispute(before.first_dispute());
    entry.set_earlier_disputes(before.earlier_disputes());
  }
  rows.Mutable<DocketEntry>(EntryKey(name)) = std::move(entry);
  return absl::OkStatus();
}

}  // namespace parley
