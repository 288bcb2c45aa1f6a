// The requests that a dispute's events answered to.
#include "services/aggregate/recheck.h"
#include "services/dispute/dispute.h"

namespace parley {
namespace {

using v1::DisputeEvent;

v1::RaiseDisputeRequest RaiseRequest(const DisputeEvent::Raised& raised) {
  v1::RaiseDisputeRequest request;
  request.set_type(raised.type());
  request.set_title(raised.title());
  request.set_subject(raised.subject());
  request.set_description(raised.description());
  if (raised.has_amount()) *request.mutable_amount() = raised.amount();
  *request.mutable_respondents() = raised.respondents();
  request.set_work_suspension_reason(raised.work_suspension_reason());
  request.set_recurrence_of(raised.recurrence_of());
  request.set_style(raised.style());
  return request;
}

// A joint escalation begins with an assent, whether or not it is the last one missing.
v1::EscalateDisputeRequest JointRequest(const DisputeEvent::EscalationAssented& assented) {
  v1::EscalateDisputeRequest request;
  request.set_mode(v1::ESCALATION_MODE_JOINT);
  request.set_tier_id(assented.tier_id());
  request.set_reason(assented.reason());
  request.set_urgent_relief(assented.urgent_relief());
  return request;
}

v1::EscalateDisputeRequest OneSidedRequest(const DisputeEvent::Escalated& escalated) {
  v1::EscalateDisputeRequest request;
  request.set_mode(escalated.mode());
  request.set_tier_id(escalated.tier_id());
  request.set_reason(escalated.reason());
  request.set_urgent_relief(escalated.urgent_relief());
  return request;
}

}  // namespace

absl::StatusOr<Events> Redecide(const v1::Dispute& dispute, const RecordedCommand& recorded, const Context& context) {
  const DisputeEvent& event = *recorded.First<DisputeEvent>();
  switch (event.kind_case()) {
    case DisputeEvent::kRaised:
      return DecideAgain(dispute, RaiseRequest(event.raised()), context);
    case DisputeEvent::kAcknowledged:
      return DecideAgain(dispute, v1::AcknowledgeDisputeRequest(), context);
    case DisputeEvent::kPositionStated: {
      v1::StateDisputePositionRequest request;
      request.set_position(event.position_stated().position());
      *request.mutable_interests() = event.position_stated().interests();
      return DecideAgain(dispute, request, context);
    }
    case DisputeEvent::kStatementAssented: {
      v1::AgreeJointStatementRequest request;
      request.set_text(event.statement_assented().text());
      return DecideAgain(dispute, request, context);
    }
    case DisputeEvent::kEscalationAssented:
      return DecideAgain(dispute, JointRequest(event.escalation_assented()), context);
    case DisputeEvent::kEscalated:
      return DecideAgain(dispute, OneSidedRequest(event.escalated()), context);
    case DisputeEvent::kStyleSwitched: {
      v1::SwitchDisputeStyleRequest request;
      request.set_style(event.style_switched().to());
      request.set_reason(event.style_switched().reason());
      return DecideAgain(dispute, request, context);
    }
    case DisputeEvent::kNeutralAssented: {
      v1::AppointNeutralRequest request;
      request.mutable_neutral()->set_principal(event.neutral_assented().principal());
      request.mutable_neutral()->set_party_id(event.neutral_assented().party_id());
      request.mutable_neutral()->set_binding(event.neutral_assented().binding());
      return DecideAgain(dispute, request, context);
    }
    case DisputeEvent::kSettlementProposed: {
      v1::ProposeDisputeSettlementRequest request;
      *request.mutable_terms() = event.settlement_proposed().terms();
      return DecideAgain(dispute, request, context);
    }
    case DisputeEvent::kSettlementAssented: {
      v1::AcceptDisputeSettlementRequest request;
      request.set_number(event.settlement_assented().number());
      return DecideAgain(dispute, request, context);
    }
    case DisputeEvent::kResolved: {
      // Not after an assent: the neutral's word.
      v1::DetermineDisputeRequest request;
      *request.mutable_terms() = event.resolved().terms();
      return DecideAgain(dispute, request, context);
    }
    case DisputeEvent::kSatisfactionGiven: {
      v1::GiveDisputeSatisfactionRequest request;
      request.set_score(event.satisfaction_given().score());
      request.set_text(event.satisfaction_given().text());
      return DecideAgain(dispute, request, context);
    }
    case DisputeEvent::kReopened: {
      v1::ReopenDisputeRequest request;
      request.set_reason(event.reopened().reason());
      request.set_decision(event.reopened().decision());
      return DecideAgain(dispute, request, context);
    }
    case DisputeEvent::kWithdrawn: {
      v1::WithdrawDisputeRequest request;
      request.set_reason(event.withdrawn().reason());
      return DecideAgain(dispute, request, context);
    }
    case DisputeEvent::kJointStatementAgreed:  // Goes with the last assent.
    case DisputeEvent::kNeutralAppointed:      // Likewise.
    case DisputeEvent::kWindowExpired:         // A deadline's.
    case DisputeEvent::KIND_NOT_SET:
      break;
  }
  return NoCommandBeginsWith(recorded);
}

}  // namespace parley
