// The requests that a decision's events answered to.
#include "services/aggregate/recheck.h"
#include "services/decision/decision.h"

namespace parley {

using v1::DecisionEvent;

absl::StatusOr<Events> Redecide(const v1::Decision& decision, const RecordedCommand& recorded, const Context& context) {
  const DecisionEvent& event = *recorded.First<DecisionEvent>();
  switch (event.kind_case()) {
    case DecisionEvent::kProposed: {
      v1::ProposeDecisionRequest request;
      request.set_title(event.proposed().title());
      request.set_class_id(event.proposed().class_id());
      *request.mutable_options() = event.proposed().options();
      *request.mutable_criteria() = event.proposed().criteria();
      if (event.proposed().has_amount()) *request.mutable_amount() = event.proposed().amount();
      return DecideAgain(decision, request, context);
    }
    case DecisionEvent::kInputGiven: {
      v1::GiveDecisionInputRequest request;
      request.set_text(event.input_given().text());
      return DecideAgain(decision, request, context);
    }
    case DecisionEvent::kConcurred: {
      v1::ConcurWithDecisionRequest request;
      request.set_text(event.concurred().text());
      return DecideAgain(decision, request, context);
    }
    case DecisionEvent::kObjected: {
      v1::ObjectToDecisionRequest request;
      *request.mutable_grounds() = event.objected().grounds();
      request.set_text(event.objected().text());
      return DecideAgain(decision, request, context);
    }
    case DecisionEvent::kDecided: {
      v1::DecideDecisionRequest request;
      request.set_option_id(event.decided().option_id());
      request.set_rationale(event.decided().rationale());
      request.set_dissent(event.decided().dissent());
      return DecideAgain(decision, request, context);
    }
    case DecisionEvent::kDeferred: {
      v1::DeferDecisionRequest request;
      request.set_forum_id(event.deferred().forum_id());
      request.set_reason(event.deferred().reason());
      return DecideAgain(decision, request, context);
    }
    case DecisionEvent::kOverridden: {
      v1::OverrideDecisionRequest request;
      request.set_option_id(event.overridden().option_id());
      request.set_rationale(event.overridden().rationale());
      return DecideAgain(decision, request, context);
    }
    case DecisionEvent::kOutcomeAssessed: {
      v1::AssessDecisionOutcomeRequest request;
      request.set_score(event.outcome_assessed().score());
      request.set_text(event.outcome_assessed().text());
      return DecideAgain(decision, request, context);
    }
    case DecisionEvent::kSuperseded: {
      v1::SupersedeDecisionRequest request;
      request.set_by(event.superseded().by());
      return DecideAgain(decision, request, context);
    }
    case DecisionEvent::kReopened: {
      v1::ReopenDecisionRequest request;
      request.set_reason(event.reopened().reason());
      return DecideAgain(decision, request, context);
    }
    case DecisionEvent::kWithdrawn: {
      v1::WithdrawDecisionRequest request;
      request.set_reason(event.withdrawn().reason());
      return DecideAgain(decision, request, context);
    }
    case DecisionEvent::kReviewDue:   // A deadline's.
    case DecisionEvent::kSupersedes:  // Goes with the older decision's.
    case DecisionEvent::KIND_NOT_SET:
      break;
  }
  return NoCommandBeginsWith(recorded);
}

}  // namespace parley
