#include "services/cli/demo_dispute_script.h"

#include "services/cli/demo_chapters.h"

namespace parley::demo {
namespace {

using Disputes = v1::DisputeService::Stub;

// How much later the second side does what takes both.
constexpr int kHoursBetween = 5;

When Later(When when) {
  when.hour += kHoursBetween;
  return when;
}

std::string Resource(const char* id) { return std::string("disputes/") + id; }

template <class Request>
Request About(const Agenda& agenda, const char* id) {
  Request request;
  request.set_name(agenda.Name(Resource(id)));
  return request;
}

std::string NameOrNothing(const Agenda& agenda, const std::string& resource) {
  return resource.empty() ? "" : agenda.Name(resource);
}

v1::DisputeTerms Terms(const Agenda& agenda, const Settlement& settlement) {
  v1::DisputeTerms terms;
  terms.set_text(settlement.text);
  terms.set_style(settlement.style);
  terms.set_decision(NameOrNothing(agenda, settlement.decision));
  terms.set_precedent(settlement.precedent);
  return terms;
}

}  // namespace

void DisputeScript::Raise(const When& when, const Person& who, const char* id, const Matter& matter) {
  v1::RaiseDisputeRequest request;
  request.set_parent(agenda_.root());
  request.set_dispute_id(id);
  request.set_type(matter.type);
  request.set_title(matter.title);
  request.set_description(matter.description);
  request.set_subject(NameOrNothing(agenda_, matter.subject));
  if (matter.eur > 0) *request.mutable_amount() = Eur(matter.eur);
  request.set_style(matter.style);
  request.set_recurrence_of(*matter.recurrence_of ? agenda_.Name(Resource(matter.recurrence_of)) : "");
  request.set_work_suspension_reason(matter.suspended);
  agenda_.Add(when, who, &Disputes::RaiseDispute, Resource(id), request);
}

void DisputeScript::Acknowledge(const When& when, const Person& who, const char* id) {
  agenda_.Add(when, who, &Disputes::AcknowledgeDispute, Resource(id),
              About<v1::AcknowledgeDisputeRequest>(agenda_, id));
}

void DisputeScript::Position(const When& when, const Person& who, const char* id, const char* position,
                             const std::vector<const char*>& interests) {
  auto request = About<v1::StateDisputePositionRequest>(agenda_, id);
  request.set_position(position);
  for (const char* interest : interests) request.add_interests(interest);
  agenda_.Add(when, who, &Disputes::StateDisputePosition, Resource(id), request);
}

void DisputeScript::JointStatement(const When& when, const Person& first, const Person& second, const char* id,
                                   const char* text) {
  auto request = About<v1::AgreeJointStatementRequest>(agenda_, id);
  request.set_text(text);
  agenda_.Add(when, first, &Disputes::AgreeJointStatement, Resource(id), request);
  agenda_.Add(Later(when), second, &Disputes::AgreeJointStatement, Resource(id), request);
}

void DisputeScript::Escalate(const When& when, const Person& who, const char* id, const char* tier,
                             v1::EscalationMode mode, const char* reason, bool urgent_relief) {
  auto request = About<v1::EscalateDisputeRequest>(agenda_, id);
  request.set_tier_id(tier);
  request.set_mode(mode);
  request.set_reason(reason);
  request.set_urgent_relief(urgent_relief);
  agenda_.Add(when, who, &Disputes::EscalateDispute, Resource(id), request);
}

void DisputeScript::EscalateAlone(const When& when, const Person& who, const char* id, const char* tier,
                                  const char* reason, bool urgent_relief) {
  Escalate(when, who, id, tier, v1::ESCALATION_MODE_ONE_SIDED, reason, urgent_relief);
}

void DisputeScript::EscalateJointly(const When& when, const Person& first, const Person& second, const char* id,
                                    const char* tier, const char* reason) {
  Escalate(when, first, id, tier, v1::ESCALATION_MODE_JOINT, reason, false);
  Escalate(Later(when), second, id, tier, v1::ESCALATION_MODE_JOINT, reason, false);
}

void DisputeScript::SwitchStyle(const When& when, const Person& who, const char* id, v1::DisputeStyle style,
                                const char* reason) {
  auto request = About<v1::SwitchDisputeStyleRequest>(agenda_, id);
  request.set_style(style);
  request.set_reason(reason);
  agenda_.Add(when, who, &Disputes::SwitchDisputeStyle, Resource(id), request);
}

void DisputeScript::AppointNeutral(const When& when, const Person& first, const Person& second, const char* id,
                                   const Person& neutral) {
  auto request = About<v1::AppointNeutralRequest>(agenda_, id);
  request.mutable_neutral()->set_principal(std::string(neutral.handle));
  request.mutable_neutral()->set_party_id(std::string(neutral.party));
  request.mutable_neutral()->set_binding(true);
  agenda_.Add(when, first, &Disputes::AppointNeutral, Resource(id), request);
  agenda_.Add(Later(when), second, &Disputes::AppointNeutral, Resource(id), request);
}

void DisputeScript::ProposeSettlement(const When& when, const Person& who, const char* id,
                                      const Settlement& settlement) {
  auto request = About<v1::ProposeDisputeSettlementRequest>(agenda_, id);
  *request.mutable_terms() = Terms(agenda_, settlement);
  agenda_.Add(when, who, &Disputes::ProposeDisputeSettlement, Resource(id), request);
}

void DisputeScript::AcceptSettlement(const When& when, const Person& who, const char* id, int number) {
  auto request = About<v1::AcceptDisputeSettlementRequest>(agenda_, id);
  request.set_number(number);
  agenda_.Add(when, who, &Disputes::AcceptDisputeSettlement, Resource(id), request);
}

void DisputeScript::Determine(const When& when, const Person& neutral, const char* id, const Settlement& settlement) {
  auto request = About<v1::DetermineDisputeRequest>(agenda_, id);
  *request.mutable_terms() = Terms(agenda_, settlement);
  agenda_.Add(when, neutral, &Disputes::DetermineDispute, Resource(id), request);
}

void DisputeScript::Satisfied(const When& when, const Person& buyer, int buyer_score, const Person& provider,
                              int provider_score, const char* id) {
  Satisfaction(when, buyer, id, buyer_score);
  Satisfaction(Later(when), provider, id, provider_score);
}

void DisputeScript::Satisfaction(const When& when, const Person& who, const char* id, int score) {
  auto request = About<v1::GiveDisputeSatisfactionRequest>(agenda_, id);
  request.set_score(score);
  agenda_.Add(when, who, &Disputes::GiveDisputeSatisfaction, Resource(id), request);
}

void DisputeScript::Reopen(const When& when, const Person& who, const char* id, const char* reason) {
  auto request = About<v1::ReopenDisputeRequest>(agenda_, id);
  request.set_reason(reason);
  agenda_.Add(when, who, &Disputes::ReopenDispute, Resource(id), request);
}

void DisputeScript::Withdraw(const When& when, const Person& who, const char* id, const char* reason) {
  auto request = About<v1::WithdrawDisputeRequest>(agenda_, id);
  request.set_reason(reason);
  agenda_.Add(when, who, &Disputes::WithdrawDispute, Resource(id), request);
}

void TellDisputes(Agenda& agenda) {
  DisputeScript script(agenda);
  TellFirstYear(script);
  TellSecondYear(script);
}

}  // namespace parley::demo
