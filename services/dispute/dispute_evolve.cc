// How a dispute's state follows from its events.
#include "eventstore/base/proto_util.h"
#include "services/dispute/dispute.h"
#include "services/dispute/dispute_rules.h"

namespace parley {
namespace {

using v1::Dispute;
using v1::DisputeEvent;

template <class T>
void StampActor(T& target, const EventInfo& info) {
  target.set_party_id(info.party);
  target.set_principal(info.actor);
  *target.mutable_time() = ToProto(info.effective_at);
}

void Open(v1::DisputeWindow& window, const std::string& tier_id, const google::protobuf::Timestamp* due,
          const EventInfo& info) {
  const int number = window.number() + 1;
  window.Clear();
  window.set_tier_id(tier_id);
  window.set_number(number);
  if (due != nullptr) *window.mutable_due_time() = *due;
  window.set_opened_by(info.sequence);
}

// What is on the table when a dispute is resolved or opened again is no longer.
void ClearTable(Dispute& dispute) {
  dispute.clear_statement_proposal();
  dispute.clear_escalation_proposal();
  dispute.clear_neutral_proposal();
  dispute.clear_settlement();
}

void Raise(Dispute& dispute, const DisputeEvent::Raised& e, const EventInfo& info) {
  dispute.set_state(v1::DISPUTE_STATE_RAISED);
  dispute.set_type(e.type());
  dispute.set_title(e.title());
  dispute.set_subject(e.subject());
  dispute.set_description(e.description());
  if (e.has_amount()) *dispute.mutable_amount() = e.amount();
  dispute.set_charter_version(e.charter_version());
  dispute.set_raised_by(info.actor);
  dispute.set_raised_by_party(info.party);
  *dispute.mutable_raise_time() = ToProto(info.effective_at);
  *dispute.mutable_respondents() = e.respondents();
  dispute.set_work_continues(e.work_suspension_reason().empty());
  dispute.set_work_suspension_reason(e.work_suspension_reason());
  dispute.set_recurrence_of(e.recurrence_of());
  dispute.set_style(e.style());
  Open(*dispute.mutable_acknowledgement_window(), "",
       e.has_acknowledge_due_time() ? &e.acknowledge_due_time() : nullptr, info);
}

void Escalate(Dispute& dispute, const DisputeEvent::Escalated& e, const EventInfo& info) {
  dispute.set_state(v1::DISPUTE_STATE_ESCALATED);
  dispute.set_tier_id(e.tier_id());
  auto* escalation = dispute.add_escalations();
  escalation->set_tier_id(e.tier_id());
  escalation->set_mode(e.mode());
  escalation->set_reason(e.reason());
  escalation->set_urgent_relief(e.urgent_relief());
  *escalation->mutable_skipped_tier_ids() = e.skipped_tier_ids();
  escalation->set_early(e.early());
  StampActor(*escalation, info);
  dispute.clear_escalation_proposal();
  Open(*dispute.mutable_window(), e.tier_id(), e.has_window_due_time() ? &e.window_due_time() : nullptr, info);
}

void Reopen(Dispute& dispute, const DisputeEvent::Reopened& e, const EventInfo& info) {
  dispute.set_reopen_count(dispute.reopen_count() + 1);
  ClearTable(dispute);
  if (dispute.tier_id().empty()) {
    dispute.set_state(dispute::AllAcknowledged(dispute) ? v1::DISPUTE_STATE_ACKNOWLEDGED : v1::DISPUTE_STATE_RAISED);
    return;
  }
  dispute.set_state(v1::DISPUTE_STATE_ESCALATED);
  Open(*dispute.mutable_window(), dispute.tier_id(), e.has_window_due_time() ? &e.window_due_time() : nullptr, info);
}

}  // namespace

void Evolve(Dispute& dispute, const DisputeEvent& event, const EventInfo& info) {
  switch (event.kind_case()) {
    case DisputeEvent::kRaised:
      return Raise(dispute, event.raised(), info);
    case DisputeEvent::kAcknowledged: {
      auto* acknowledgement = dispute.add_acknowledgements();
      StampActor(*acknowledgement, info);
      acknowledgement->set_late(event.acknowledged().late());
      if (dispute.state() == v1::DISPUTE_STATE_RAISED && dispute::AllAcknowledged(dispute)) {
        dispute.set_state(v1::DISPUTE_STATE_ACKNOWLEDGED);
      }
      return;
    }
    case DisputeEvent::kPositionStated: {
      auto* position = dispute.add_positions();
      StampActor(*position, info);
      position->set_position(event.position_stated().position());
      *position->mutable_interests() = event.position_stated().interests();
      return;
    }
    case DisputeEvent::kStatementAssented: {
      auto* proposal = dispute.mutable_statement_proposal();
      if (proposal->text() != event.statement_assented().text()) proposal->clear_assents();
      proposal->set_text(event.statement_assented().text());
      StampActor(*proposal->add_assents(), info);
      return;
    }
    case DisputeEvent::kJointStatementAgreed: {
      auto* statement = dispute.mutable_joint_statement();
      *statement = dispute.statement_proposal();
      statement->set_text(event.joint_statement_agreed().text());
      *statement->mutable_agree_time() = ToProto(info.effective_at);
      dispute.clear_statement_proposal();
      return;
    }
    case DisputeEvent::kEscalationAssented: {
      const auto& e = event.escalation_assented();
      auto* proposal = dispute.mutable_escalation_proposal();
      if (proposal->tier_id() != e.tier_id() || proposal->urgent_relief() != e.urgent_relief()) proposal->Clear();
      if (proposal->reason().empty()) proposal->set_reason(e.reason());
      proposal->set_tier_id(e.tier_id());
      proposal->set_urgent_relief(e.urgent_relief());
      StampActor(*proposal->add_assents(), info);
      return;
    }
    case DisputeEvent::kEscalated:
      return Escalate(dispute, event.escalated(), info);
    case DisputeEvent::kWindowExpired: {
      auto* window = event.window_expired().tier_id().empty() ? dispute.mutable_acknowledgement_window()
                                                              : dispute.mutable_window();
      *window->mutable_expire_time() = ToProto(info.effective_at);
      return;
    }
    case DisputeEvent::kStyleSwitched:
      dispute.set_style(event.style_switched().to());
      return;
    case DisputeEvent::kNeutralAssented: {
      const auto& e = event.neutral_assented();
      auto* proposal = dispute.mutable_neutral_proposal();
      if (proposal->principal() != e.principal() || proposal->party_id() != e.party_id() ||
          proposal->binding() != e.binding()) {
        proposal->Clear();
      }
      proposal->set_principal(e.principal());
      proposal->set_party_id(e.party_id());
      proposal->set_binding(e.binding());
      StampActor(*proposal->add_assents(), info);
      return;
    }
    case DisputeEvent::kNeutralAppointed: {
      const auto& e = event.neutral_appointed();
      auto* neutral = dispute.mutable_neutral();
      *neutral = dispute.neutral_proposal();
      neutral->set_principal(e.principal());
      neutral->set_party_id(e.party_id());
      neutral->set_binding(e.binding());
      *neutral->mutable_appoint_time() = ToProto(info.effective_at);
      dispute.clear_neutral_proposal();
      return;
    }
    case DisputeEvent::kSettlementProposed: {
      const auto& e = event.settlement_proposed();
      auto* settlement = dispute.mutable_settlement();
      settlement->Clear();
      settlement->set_number(e.number());
      *settlement->mutable_terms() = e.terms();
      settlement->set_proposed_by_party(info.party);
      StampActor(*settlement->add_assents(), info);
      dispute.set_settlement_count(e.number());
      return;
    }
    case DisputeEvent::kSettlementAssented:
      StampActor(*dispute.mutable_settlement()->add_assents(), info);
      return;
    case DisputeEvent::kResolved: {
      auto* resolution = dispute.add_resolutions();
      *resolution->mutable_terms() = event.resolved().terms();
      resolution->set_determined(event.resolved().determined());
      StampActor(*resolution, info);
      dispute.set_state(v1::DISPUTE_STATE_RESOLVED);
      ClearTable(dispute);
      return;
    }
    case DisputeEvent::kSatisfactionGiven: {
      if (dispute.resolutions().empty()) return;
      auto* satisfaction = dispute.mutable_resolutions(dispute.resolutions_size() - 1)->add_satisfactions();
      StampActor(*satisfaction, info);
      satisfaction->set_score(event.satisfaction_given().score());
      satisfaction->set_text(event.satisfaction_given().text());
      return;
    }
    case DisputeEvent::kReopened:
      return Reopen(dispute, event.reopened(), info);
    case DisputeEvent::kWithdrawn:
      dispute.set_state(v1::DISPUTE_STATE_WITHDRAWN);
      dispute.set_withdraw_reason(event.withdrawn().reason());
      ClearTable(dispute);
      return;
    case DisputeEvent::KIND_NOT_SET:
      return;  // Poison: DecodeEvent never lets it through.
  }
}

}  // namespace parley
