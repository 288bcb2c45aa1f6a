#include "services/cli/demo_decision_script.h"

#include "services/cli/demo_chapters.h"

namespace parley::demo {
namespace {

using Decisions = v1::DecisionService::Stub;

std::string Resource(const char* id) { return std::string("decisions/") + id; }

template <class Request>
Request About(const Agenda& agenda, const char* id) {
  Request request;
  request.set_name(agenda.Name(Resource(id)));
  return request;
}

}  // namespace

void DecisionScript::Propose(const When& when, const Person& who, const char* id, const Proposal& proposal) {
  v1::ProposeDecisionRequest request;
  request.set_parent(agenda_.root());
  request.set_decision_id(id);
  request.set_title(proposal.title);
  request.set_class_id(proposal.class_id);
  for (const Option& option : proposal.options) {
    auto& added = *request.add_options();
    added.set_option_id(option.id);
    added.set_description(option.description);
  }
  for (const char* criterion : proposal.criteria) request.add_criteria(criterion);
  if (proposal.eur > 0) *request.mutable_amount() = Eur(proposal.eur);
  agenda_.Add(when, who, &Decisions::ProposeDecision, Resource(id), request);
}

void DecisionScript::Input(const When& when, const Person& who, const char* id, const char* text) {
  auto request = About<v1::GiveDecisionInputRequest>(agenda_, id);
  request.set_text(text);
  agenda_.Add(when, who, &Decisions::GiveDecisionInput, Resource(id), request);
}

void DecisionScript::Concur(const When& when, const Person& who, const char* id, const char* text) {
  auto request = About<v1::ConcurWithDecisionRequest>(agenda_, id);
  request.set_text(text);
  agenda_.Add(when, who, &Decisions::ConcurWithDecision, Resource(id), request);
}

void DecisionScript::Object(const When& when, const Person& who, const char* id, const char* ground, const char* text) {
  auto request = About<v1::ObjectToDecisionRequest>(agenda_, id);
  request.add_grounds(ground);
  request.set_text(text);
  agenda_.Add(when, who, &Decisions::ObjectToDecision, Resource(id), request);
}

void DecisionScript::Decide(const When& when, const Person& who, const char* id, const char* option,
                            const char* rationale, const char* dissent) {
  auto request = About<v1::DecideDecisionRequest>(agenda_, id);
  request.set_option_id(option);
  request.set_rationale(rationale);
  request.set_dissent(dissent);
  agenda_.Add(when, who, &Decisions::DecideDecision, Resource(id), request);
}

void DecisionScript::Defer(const When& when, const Person& who, const char* id, const char* forum, const char* reason) {
  auto request = About<v1::DeferDecisionRequest>(agenda_, id);
  request.set_forum_id(forum);
  request.set_reason(reason);
  agenda_.Add(when, who, &Decisions::DeferDecision, Resource(id), request);
}

void DecisionScript::Override(const When& when, const Person& who, const char* id, const char* option,
                              const char* rationale) {
  auto request = About<v1::OverrideDecisionRequest>(agenda_, id);
  request.set_option_id(option);
  request.set_rationale(rationale);
  agenda_.Add(when, who, &Decisions::OverrideDecision, Resource(id), request);
}

void DecisionScript::Assess(const When& when, const Person& who, const char* id, int score, const char* text) {
  auto request = About<v1::AssessDecisionOutcomeRequest>(agenda_, id);
  request.set_score(score);
  request.set_text(text);
  agenda_.Add(when, who, &Decisions::AssessDecisionOutcome, Resource(id), request);
}

void DecisionScript::Supersede(const When& when, const Person& who, const char* id, const char* by) {
  auto request = About<v1::SupersedeDecisionRequest>(agenda_, id);
  request.set_by(agenda_.Name(Resource(by)));
  agenda_.Add(when, who, &Decisions::SupersedeDecision, Resource(id), request);
}

void DecisionScript::Reopen(const When& when, const Person& who, const char* id, const char* reason) {
  auto request = About<v1::ReopenDecisionRequest>(agenda_, id);
  request.set_reason(reason);
  agenda_.Add(when, who, &Decisions::ReopenDecision, Resource(id), request);
}

void DecisionScript::Withdraw(const When& when, const Person& who, const char* id, const char* reason) {
  auto request = About<v1::WithdrawDecisionRequest>(agenda_, id);
  request.set_reason(reason);
  agenda_.Add(when, who, &Decisions::WithdrawDecision, Resource(id), request);
}

void TellDecisions(Agenda& agenda) {
  DecisionScript script(agenda);
  TellFirstHalfYear(script);
  TellSecondHalfYear(script);
  TellThirdHalfYear(script);
  TellFourthHalfYear(script);
}

}  // namespace parley::demo
