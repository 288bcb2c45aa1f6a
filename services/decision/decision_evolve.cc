// How a decision's state follows from its events.
#include "eventstore/base/proto_util.h"
#include "services/decision/decision.h"

namespace parley {
namespace {

using v1::Decision;
using v1::DecisionEvent;

// Replaces the latest word of the same role.
v1::Agreement* AgreementOf(Decision& decision, const EventInfo& info) {
  v1::Agreement* agreement = nullptr;
  for (auto& other : *decision.mutable_agreements()) {
    if (other.party_id() == info.party && other.role() == info.role) agreement = &other;
  }
  if (agreement == nullptr) agreement = decision.add_agreements();
  agreement->Clear();
  agreement->set_party_id(info.party);
  agreement->set_role(info.role);
  agreement->set_principal(info.actor);
  *agreement->mutable_time() = ToProto(info.effective_at);
  return agreement;
}

v1::DecisionOutcome* AddOutcome(Decision& decision, const EventInfo& info, const std::string& option_id,
                                const std::string& rationale) {
  auto* outcome = decision.add_outcomes();
  outcome->set_option_id(option_id);
  outcome->set_rationale(rationale);
  outcome->set_decided_by(info.actor);
  outcome->set_party_id(info.party);
  outcome->set_role(info.role);
  *outcome->mutable_time() = ToProto(info.effective_at);
  outcome->set_sequence(info.sequence);
  decision.set_state(v1::DECISION_STATE_DECIDED);
  return outcome;
}

v1::DecisionOutcome* LastOutcome(Decision& decision) {
  return decision.outcomes().empty() ? nullptr : decision.mutable_outcomes(decision.outcomes_size() - 1);
}

}  // namespace

void Evolve(Decision& decision, const DecisionEvent& event, const EventInfo& info) {
  switch (event.kind_case()) {
    case DecisionEvent::kProposed: {
      const auto& e = event.proposed();
      decision.set_state(v1::DECISION_STATE_PROPOSED);
      decision.set_title(e.title());
      decision.set_class_id(e.class_id());
      *decision.mutable_options() = e.options();
      *decision.mutable_criteria() = e.criteria();
      if (e.has_amount()) *decision.mutable_amount() = e.amount();
      decision.set_charter_version(e.charter_version());
      decision.set_proposed_by(info.actor);
      decision.set_proposed_by_party(info.party);
      *decision.mutable_propose_time() = ToProto(info.effective_at);
      return;
    }
    case DecisionEvent::kInputGiven: {
      auto* input = decision.add_inputs();
      input->set_principal(info.actor);
      input->set_party_id(info.party);
      input->set_text(event.input_given().text());
      *input->mutable_time() = ToProto(info.effective_at);
      return;
    }
    case DecisionEvent::kConcurred: {
      auto* agreement = AgreementOf(decision, info);
      agreement->set_concurs(true);
      agreement->set_text(event.concurred().text());
      return;
    }
    case DecisionEvent::kObjected: {
      auto* agreement = AgreementOf(decision, info);
      agreement->set_text(event.objected().text());
      *agreement->mutable_grounds() = event.objected().grounds();
      return;
    }
    case DecisionEvent::kDecided: {
      const auto& e = event.decided();
      auto* outcome = AddOutcome(decision, info, e.option_id(), e.rationale());
      outcome->set_dissent(e.dissent());
      if (e.has_review_due_time()) *outcome->mutable_review_due_time() = e.review_due_time();
      return;
    }
    case DecisionEvent::kDeferred:
      decision.set_state(v1::DECISION_STATE_DEFERRED);
      decision.set_forum_id(event.deferred().forum_id());
      return;
    case DecisionEvent::kOverridden: {
      const auto& e = event.overridden();
      auto* outcome = AddOutcome(decision, info, e.option_id(), e.rationale());
      outcome->set_overridden(true);
      if (e.has_review_due_time()) *outcome->mutable_review_due_time() = e.review_due_time();
      return;
    }
    case DecisionEvent::kReviewDue:
      if (auto* outcome = LastOutcome(decision)) *outcome->mutable_review_asked_time() = ToProto(info.effective_at);
      return;
    case DecisionEvent::kOutcomeAssessed:
      if (auto* outcome = LastOutcome(decision)) {
        auto* assessment = outcome->has_assessment() ? outcome->add_later_assessments() : outcome->mutable_assessment();
        assessment->set_score(event.outcome_assessed().score());
        assessment->set_text(event.outcome_assessed().text());
        assessment->set_principal(info.actor);
        assessment->set_party_id(info.party);
        *assessment->mutable_time() = ToProto(info.effective_at);
      }
      return;
    case DecisionEvent::kSuperseded:
      decision.set_state(v1::DECISION_STATE_SUPERSEDED);
      decision.set_superseded_by(event.superseded().by());
      return;
    case DecisionEvent::kSupersedes:
      decision.add_supersedes(event.supersedes().decision());
      return;
    case DecisionEvent::kReopened:
      decision.set_state(v1::DECISION_STATE_PROPOSED);
      decision.set_reopen_count(decision.reopen_count() + 1);
      // What was agreed was agreed to the last outcome: Agree roles speak again.
      decision.clear_agreements();
      decision.clear_forum_id();
      return;
    case DecisionEvent::kWithdrawn:
      decision.set_state(v1::DECISION_STATE_WITHDRAWN);
      decision.set_withdraw_reason(event.withdrawn().reason());
      return;
    case DecisionEvent::KIND_NOT_SET:
      return;  // Poison: DecodeEvent never lets it through.
  }
}

void Upcast(DecisionEvent& event, uint32_t from_version) {
  if (event.has_objected() && from_version < 2) {
    auto* objected = event.mutable_objected();
    objected->add_grounds(objected->ground_v1());
    objected->clear_ground_v1();
  }
}

}  // namespace parley
