#include "projections/overview.h"

#include <algorithm>
#include <set>

#include "eventstore/base/proto_util.h"
#include "parley/v1/activity.pb.h"
#include "parley/v1/decision.pb.h"
#include "parley/v1/dispute.pb.h"
#include "parley/v1/metric.pb.h"
#include "parley/v1/objective.pb.h"
#include "parley/v1/overview.pb.h"
#include "services/relationship/relationship.h"

namespace parley {
namespace {

using v1::DecisionEvent;
using v1::RelationshipOverview;

constexpr char kRelationshipKey[] = "relationship";

void FoldRelationship(const v1::RelationshipEvent& event, const EventInfo& info, Rows& rows,
                      RelationshipOverview& overview) {
  auto& relationship = rows.Mutable<v1::Relationship>(kRelationshipKey);
  Evolve(relationship, event, info);
  overview.set_relationship(info.stream);
  overview.set_display_name(relationship.display_name());
  overview.set_archetype(relationship.archetype());
  overview.set_stage(relationship.stage());
  overview.clear_parties();
  for (const v1::Party& party : relationship.parties()) {
    auto* summary = overview.add_parties();
    summary->set_party_id(party.party_id());
    summary->set_display_name(party.display_name());
    summary->set_kind(party.kind());
    summary->set_accepted(party.has_accept_time());
    std::set<std::string> members;
    for (const v1::RoleGrant& grant : relationship.grants()) {
      if (grant.party_id() == party.party_id()) members.insert(grant.principal());
    }
    summary->set_members(static_cast<int32_t>(members.size()));
  }
  const int32_t in_force = relationship.charter_in_force();
  overview.set_charter_in_force(in_force);
  if (in_force >= 1 && in_force <= relationship.charters_size()) {
    *overview.mutable_charter_bind_time() = relationship.charters(in_force - 1).bind_time();
  }
  overview.set_charter_pending(relationship.charters_size() > in_force);
}

void DropReview(const std::string& decision, RelationshipOverview& overview) {
  auto& reviews = *overview.mutable_pending_reviews();
  reviews.erase(std::remove_if(reviews.begin(), reviews.end(), [&](const auto& r) { return r.decision() == decision; }),
                reviews.end());
}

// Keeps them in the order of the decisions' names.
void AddReview(const std::string& decision, const google::protobuf::Timestamp& due, RelationshipOverview& overview) {
  DropReview(decision, overview);
  auto* review = overview.add_pending_reviews();
  review->set_decision(decision);
  *review->mutable_due_time() = due;
  std::sort(overview.mutable_pending_reviews()->begin(), overview.mutable_pending_reviews()->end(),
            [](const auto& a, const auto& b) { return a.decision() < b.decision(); });
}

void FoldDecision(const DecisionEvent& event, const EventInfo& info, Rows& rows, RelationshipOverview& overview) {
  const std::string key = "decision/" + info.stream;
  const auto* found = rows.Find<v1::OverviewDecision>(key);
  const v1::OverviewDecision before = found != nullptr ? *found : v1::OverviewDecision();
  v1::OverviewDecision after = before;
  switch (event.kind_case()) {
    case DecisionEvent::kProposed:
      after.set_open(true);
      break;
    case DecisionEvent::kReopened:
      after.set_open(true);
      after.set_standing(false);
      DropReview(info.stream, overview);
      break;
    case DecisionEvent::kDecided:
    case DecisionEvent::kOverridden: {
      after.set_open(false);
      after.set_standing(true);
      const bool decided = event.has_decided();
      if (decided ? event.decided().has_review_due_time() : event.overridden().has_review_due_time()) {
        AddReview(info.stream, decided ? event.decided().review_due_time() : event.overridden().review_due_time(),
                  overview);
      }
      break;
    }
    case DecisionEvent::kOutcomeAssessed:
      DropReview(info.stream, overview);
      break;
    case DecisionEvent::kSuperseded:
      after.set_standing(false);
      DropReview(info.stream, overview);
      break;
    case DecisionEvent::kWithdrawn:
      after.set_open(false);
      break;
    case DecisionEvent::kInputGiven:
    case DecisionEvent::kConcurred:
    case DecisionEvent::kObjected:
    case DecisionEvent::kDeferred:
    case DecisionEvent::kReviewDue:
    case DecisionEvent::kSupersedes:
    case DecisionEvent::KIND_NOT_SET:
      return;
  }
  overview.set_open_decisions(overview.open_decisions() + after.open() - before.open());
  overview.set_standing_decisions(overview.standing_decisions() + after.standing() - before.standing());
  rows.Mutable<v1::OverviewDecision>(key) = std::move(after);
}

void FoldObjective(const v1::ObjectiveEvent& event, RelationshipOverview& overview) {
  overview.set_objectives(overview.objectives() + event.has_stated() - event.has_retired());
}

void FoldMetric(const v1::MetricEvent& event, RelationshipOverview& overview) {
  const bool first_in_force = event.definition_agreed().effective() && event.definition_agreed().supersedes() == 0;
  overview.set_metrics(overview.metrics() + first_in_force);
  overview.set_open_contests(overview.open_contests() + event.has_contested() - event.has_contest_settled());
}

void FoldDispute(const v1::DisputeEvent& event, RelationshipOverview& overview) {
  overview.set_open_disputes(overview.open_disputes() + event.has_raised() + event.has_reopened() -
                             event.has_resolved() - event.has_withdrawn());
}

}  // namespace

absl::Status OverviewProjection::Apply(const RecordedEvent& event, Rows& rows) const {
  auto& overview = rows.Mutable<RelationshipOverview>(kKey);
  overview.set_joint_entries(overview.joint_entries() + 1);
  *overview.mutable_last_activity_time() = ToProto(event.info.recorded_at);
  if (const auto* e = event.As<v1::RelationshipEvent>()) {
    FoldRelationship(*e, event.info, rows, overview);
  } else if (const auto* d = event.As<DecisionEvent>()) {
    FoldDecision(*d, event.info, rows, overview);
  } else if (const auto* o = event.As<v1::ObjectiveEvent>()) {
    FoldObjective(*o, overview);
  } else if (const auto* m = event.As<v1::MetricEvent>()) {
    FoldMetric(*m, overview);
  } else if (const auto* p = event.As<v1::DisputeEvent>()) {
    FoldDispute(*p, overview);
  } else if (event.As<v1::ActivityEvent>() != nullptr) {
    overview.set_activities(overview.activities() + 1);
  }
  return absl::OkStatus();
}

}  // namespace parley
