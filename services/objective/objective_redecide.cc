// The requests that an objective's events answered to.
#include "services/aggregate/recheck.h"
#include "services/objective/objective.h"

namespace parley {

using v1::ObjectiveEvent;

absl::StatusOr<Events> Redecide(const v1::Objective& objective, const RecordedCommand& recorded,
                                const Context& context) {
  const ObjectiveEvent& event = *recorded.First<ObjectiveEvent>();
  switch (event.kind_case()) {
    case ObjectiveEvent::kStated: {
      v1::StateObjectiveRequest request;
      request.set_title(event.stated().title());
      request.set_description(event.stated().description());
      return DecideAgain(objective, request, context);
    }
    case ObjectiveEvent::kRanked: {
      v1::RankObjectiveRequest request;
      request.set_rank(event.ranked().rank());
      return DecideAgain(objective, request, context);
    }
    case ObjectiveEvent::kEndorsed:
      return DecideAgain(objective, v1::EndorseObjectiveRequest(), context);
    case ObjectiveEvent::kRetired: {
      v1::RetireObjectiveRequest request;
      request.set_reason(event.retired().reason());
      request.set_decision(event.retired().decision());
      return DecideAgain(objective, request, context);
    }
    case ObjectiveEvent::KIND_NOT_SET:
      break;
  }
  return NoCommandBeginsWith(recorded);
}

}  // namespace parley
