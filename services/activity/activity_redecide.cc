// The request that recorded activities answered to.
#include "eventstore/base/proto_util.h"
#include "services/activity/activity.h"
#include "services/aggregate/recheck.h"

namespace parley {
namespace {

v1::Activity ActivityFrom(const v1::ActivityEvent::Recorded& recorded, absl::Time time) {
  v1::Activity activity;
  activity.set_source(recorded.source());
  activity.set_source_id(recorded.source_id());
  activity.set_case_id(recorded.case_id());
  activity.set_activity(recorded.activity());
  activity.set_status(recorded.status());
  activity.set_waiting(recorded.waiting());
  activity.set_party_id(recorded.party_id());
  activity.set_team(recorded.team());
  activity.set_site(recorded.site());
  activity.set_person(recorded.person());
  activity.set_ordinal(recorded.ordinal());
  *activity.mutable_time() = ToProto(time);
  return activity;
}

}  // namespace

// Batches next to each other that cannot be told apart are decided as one: each activity stands or falls by itself.
absl::StatusOr<Events> Redecide(const v1::Activity&, const RecordedCommand& recorded, const Context& context) {
  v1::RecordActivitiesRequest request;
  for (const RecordedEvent& event : recorded.events) {
    const auto* activity = event.As<v1::ActivityEvent>();
    if (activity == nullptr || request.activities_size() == kMaxActivitiesInBatch) break;
    *request.add_activities() = ActivityFrom(activity->recorded(), event.info.effective_at);
  }
  // Such a command is about the relationship; the activities are what it makes.
  const Context about(context.ledger(), context.actor(), "relationships/" + context.ledger().ledger().str(),
                      context.now(), context.effective_at(), context.historical());
  return DecideAgain(context.relationship(), request, about);
}

}  // namespace parley
