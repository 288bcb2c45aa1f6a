#include "services/decision/decision.h"

#include <algorithm>
#include <set>

#include "eventstore/base/money.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/base/resource_name.h"
#include "eventstore/base/status.h"
#include "services/relationship/charter.h"
#include "services/relationship/relationship.h"

namespace parley {
namespace {

using v1::Decision;
using v1::DecisionEvent;

// The charter's word on a decision: looked up in the version pinned at proposal.
struct Rights {
  const v1::DecisionClass* decision_class = nullptr;
  const v1::AmountBand* band = nullptr;
};

absl::StatusOr<Rights> RightsOver(const Decision& decision, const Context& context) {
  Rights rights;
  const v1::Charter* charter = context.CharterAt(decision.charter_version());
  if (charter != nullptr) rights.decision_class = FindClass(*charter, decision.class_id());
  if (rights.decision_class != nullptr) rights.band = FindBand(*charter, *rights.decision_class, decision.amount());
  if (rights.band == nullptr) {
    return Reject(v1::REASON_CLASS_NOT_CHARTERED, "the charter gives no rights over this class and amount")
        .With("class_id", decision.class_id());
  }
  return rights;
}

// The role of the actor's that holds `right` in the band; ROLE_NOT_ENTITLED where none does.
absl::StatusOr<std::string> RequireRight(const v1::AmountBand& band, v1::DecisionRole right, const Context& context) {
  PARLEY_RETURN_IF_ERROR(context.Require(v1::PERMISSION_CONTRIBUTE).status());
  std::string holders;
  for (const auto& entry : band.rights()) {
    if (entry.decision_role() != right) continue;
    if (context.Holds(entry.holder())) return entry.holder().role();
    absl::StrAppend(&holders, holders.empty() ? "" : ", ", entry.holder().role(), " of ", entry.holder().party_id());
  }
  return Reject(v1::REASON_ROLE_NOT_ENTITLED, "the charter gives this right to another role")
      .With("right", v1::DecisionRole_Name(right))
      .With("holders", holders.empty() ? "nobody" : holders);
}

const v1::Agreement* AgreementOf(const Decision& decision, const v1::RoleRef& holder) {
  for (const auto& agreement : decision.agreements()) {
    if (agreement.party_id() == holder.party_id() && agreement.role() == holder.role()) return &agreement;
  }
  return nullptr;
}

// Like RequireRight for AGREE. Who holds several Agree roles speaks for one that has not said the same yet.
absl::StatusOr<std::string> RequireAgreeRole(const Decision& decision, const v1::AmountBand& band, bool concurs,
                                             const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(std::string first, RequireRight(band, v1::DECISION_ROLE_AGREE, context));
  for (const auto& right : band.rights()) {
    if (right.decision_role() != v1::DECISION_ROLE_AGREE || !context.Holds(right.holder())) continue;
    const v1::Agreement* said = AgreementOf(decision, right.holder());
    if (said == nullptr || said->concurs() != concurs) return right.holder().role();
  }
  return first;
}

absl::Status RequireState(const Decision& decision, std::initializer_list<v1::DecisionState> allowed) {
  if (std::find(allowed.begin(), allowed.end(), decision.state()) != allowed.end()) return absl::OkStatus();
  return Reject(v1::REASON_WRONG_STATE, "the decision's state does not allow this")
      .With("state", v1::DecisionState_Name(decision.state()));
}

absl::Status RequireUndecided(const Decision& decision) {
  return RequireState(decision, {v1::DECISION_STATE_PROPOSED, v1::DECISION_STATE_DEFERRED});
}

absl::Status RequireOption(const Decision& decision, const std::string& option_id) {
  for (const auto& option : decision.options()) {
    if (option.option_id() == option_id) return absl::OkStatus();
  }
  return InvalidField("option_id", "is none of the decision's options");
}

// Every Agree role of the band must have concurred. Objections block; they are on chartered grounds, or they would not
// have been recorded.
absl::Status RequireAgreement(const Decision& decision, const v1::AmountBand& band) {
  for (const auto& agreement : decision.agreements()) {
    if (!agreement.concurs()) {
      return Reject(v1::REASON_OBJECTION_STANDS, "an Agree role's objection stands")
          .With("party", agreement.party_id())
          .With("role", agreement.role());
    }
  }
  for (const auto& right : band.rights()) {
    if (right.decision_role() != v1::DECISION_ROLE_AGREE) continue;
    if (AgreementOf(decision, right.holder()) == nullptr) {
      return Reject(v1::REASON_AGREEMENT_MISSING, "an Agree role has not spoken yet")
          .With("party", right.holder().party_id())
          .With("role", right.holder().role());
    }
  }
  return absl::OkStatus();
}

// The review's due time, or nothing for historical decisions and classes without reviews.
template <class E>
void SetReview(E& event, const v1::DecisionClass& decision_class, const Context& context) {
  if (!context.StartsTimers() || !decision_class.has_review_after()) return;
  *event.mutable_review_due_time() = ToProto(context.now() + FromProto(decision_class.review_after()));
}

const v1::DecisionOutcome* LastOutcome(const Decision& decision) {
  return decision.outcomes().empty() ? nullptr : &decision.outcomes(decision.outcomes_size() - 1);
}

}  // namespace

absl::StatusOr<Events> Decide(const Decision&, const v1::ProposeDecisionRequest& request, const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(std::string role, context.Require(v1::PERMISSION_CONTRIBUTE));
  PARLEY_RETURN_IF_ERROR(RequireNotEnded(context.relationship()));
  PARLEY_ASSIGN_OR_RETURN(const v1::Charter* charter, context.BindingCharter());
  if (request.title().empty()) return InvalidField("title", "must be given");
  if (request.options().empty()) return InvalidField("options", "at least one must be given");
  std::set<std::string> seen;
  for (const auto& option : request.options()) {
    if (!IsSlug(option.option_id())) return InvalidField("options.option_id", "must be a lower-case slug");
    if (!seen.insert(option.option_id()).second) return InvalidField("options.option_id", "is there twice");
  }
  if (request.has_amount() && (!IsValidMoney(request.amount()) || IsNegative(request.amount()))) {
    return InvalidField("amount", "must be a valid amount, not negative");
  }
  const int32_t version = context.relationship().charter_in_force();
  PARLEY_RETURN_IF_ERROR(context.RequireNotBefore(FromProto(context.relationship().charters(version - 1).bind_time()),
                                                  "the charter in force"));
  if (request.has_amount() && request.amount().currency_code() != charter->currency_code()) {
    return InvalidField("amount.currency_code", "must be the charter's: " + charter->currency_code());
  }
  const auto* decision_class = FindClass(*charter, request.class_id());
  const auto* band = decision_class ? FindBand(*charter, *decision_class, request.amount()) : nullptr;
  if (band == nullptr) {
    return Reject(v1::REASON_CLASS_NOT_CHARTERED, "the charter in force has no such class, or no band for the amount")
        .With("class_id", request.class_id());
  }
  // Where the charter names Recommend roles, only they propose.
  const bool recommended =
      std::any_of(band->rights().begin(), band->rights().end(),
                  [](const v1::DecisionRight& right) { return right.decision_role() == v1::DECISION_ROLE_RECOMMEND; });
  if (recommended) {
    PARLEY_ASSIGN_OR_RETURN(role, RequireRight(*band, v1::DECISION_ROLE_RECOMMEND, context));
  }
  DecisionEvent event;
  auto& proposed = *event.mutable_proposed();
  proposed.set_title(request.title());
  proposed.set_class_id(request.class_id());
  *proposed.mutable_options() = request.options();
  *proposed.mutable_criteria() = request.criteria();
  if (request.has_amount()) *proposed.mutable_amount() = request.amount();
  proposed.set_charter_version(version);
  return Events(role).Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Decision& decision, const v1::GiveDecisionInputRequest& request,
                              const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role, context.Require(v1::PERMISSION_CONTRIBUTE));
  PARLEY_RETURN_IF_ERROR(RequireUndecided(decision));
  if (request.text().empty()) return InvalidField("text", "must be given");
  DecisionEvent event;
  event.mutable_input_given()->set_text(request.text());
  return Events(role).Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Decision& decision, const v1::ConcurWithDecisionRequest& request,
                              const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const Rights rights, RightsOver(decision, context));
  PARLEY_ASSIGN_OR_RETURN(const std::string role, RequireAgreeRole(decision, *rights.band, true, context));
  PARLEY_RETURN_IF_ERROR(RequireUndecided(decision));
  DecisionEvent event;
  event.mutable_concurred()->set_text(request.text());
  return Events(role).Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Decision& decision, const v1::ObjectToDecisionRequest& request,
                              const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const Rights rights, RightsOver(decision, context));
  PARLEY_ASSIGN_OR_RETURN(const std::string role, RequireAgreeRole(decision, *rights.band, false, context));
  PARLEY_RETURN_IF_ERROR(RequireUndecided(decision));
  if (request.grounds().empty()) return InvalidField("grounds", "at least one must be given");
  const auto& chartered = rights.decision_class->agree_grounds();
  for (const auto& ground : request.grounds()) {
    if (std::find(chartered.begin(), chartered.end(), ground) == chartered.end()) {
      return Reject(v1::REASON_GROUND_NOT_CHARTERED, "the charter does not let this ground block; give it as input")
          .With("ground", ground);
    }
  }
  DecisionEvent event;
  *event.mutable_objected()->mutable_grounds() = request.grounds();
  event.mutable_objected()->set_text(request.text());
  return Events(role).Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Decision& decision, const v1::DecideDecisionRequest& request,
                              const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const Rights rights, RightsOver(decision, context));
  PARLEY_ASSIGN_OR_RETURN(const std::string role, RequireRight(*rights.band, v1::DECISION_ROLE_DECIDE, context));
  PARLEY_RETURN_IF_ERROR(RequireUndecided(decision));
  PARLEY_RETURN_IF_ERROR(RequireOption(decision, request.option_id()));
  PARLEY_RETURN_IF_ERROR(RequireAgreement(decision, *rights.band));
  DecisionEvent event;
  auto& decided = *event.mutable_decided();
  decided.set_option_id(request.option_id());
  decided.set_rationale(request.rationale());
  decided.set_dissent(request.dissent());
  SetReview(decided, *rights.decision_class, context);
  return Events(role).Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Decision& decision, const v1::DeferDecisionRequest& request,
                              const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const Rights rights, RightsOver(decision, context));
  PARLEY_ASSIGN_OR_RETURN(const std::string role, RequireRight(*rights.band, v1::DECISION_ROLE_DECIDE, context));
  PARLEY_RETURN_IF_ERROR(RequireUndecided(decision));
  const auto& forums = context.CharterAt(decision.charter_version())->forums();
  if (std::none_of(forums.begin(), forums.end(),
                   [&](const v1::Forum& f) { return f.forum_id() == request.forum_id(); })) {
    return InvalidField("forum_id", "is no forum of the charter that the decision is under");
  }
  DecisionEvent event;
  event.mutable_deferred()->set_forum_id(request.forum_id());
  event.mutable_deferred()->set_reason(request.reason());
  return Events(role).Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Decision& decision, const v1::OverrideDecisionRequest& request,
                              const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const Rights rights, RightsOver(decision, context));
  PARLEY_RETURN_IF_ERROR(context.Require(v1::PERMISSION_CONTRIBUTE).status());
  if (!rights.decision_class->has_override_by() || !context.Holds(rights.decision_class->override_by())) {
    return Reject(v1::REASON_ROLE_NOT_ENTITLED, "the charter gives the override to another role, or to nobody");
  }
  PARLEY_RETURN_IF_ERROR(RequireUndecided(decision));
  PARLEY_RETURN_IF_ERROR(RequireOption(decision, request.option_id()));
  if (request.rationale().empty()) return InvalidField("rationale", "an override is explained");
  if (RequireAgreement(decision, *rights.band).ok()) {
    return Reject(v1::REASON_WRONG_STATE, "every Agree role concurs: there is nothing to override");
  }
  DecisionEvent event;
  auto& overridden = *event.mutable_overridden();
  overridden.set_option_id(request.option_id());
  overridden.set_rationale(request.rationale());
  SetReview(overridden, *rights.decision_class, context);
  return Events(rights.decision_class->override_by().role()).Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Decision& decision, const v1::AssessDecisionOutcomeRequest& request,
                              const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role, context.Require(v1::PERMISSION_CONTRIBUTE));
  PARLEY_RETURN_IF_ERROR(RequireState(decision, {v1::DECISION_STATE_DECIDED}));
  if (request.score() < 1 || request.score() > 5) return InvalidField("score", "must be 1 to 5");
  DecisionEvent event;
  event.mutable_outcome_assessed()->set_score(request.score());
  event.mutable_outcome_assessed()->set_text(request.text());
  return Events(role).Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Decision& decision, const v1::SupersedeDecisionRequest& request,
                              const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const Rights rights, RightsOver(decision, context));
  PARLEY_ASSIGN_OR_RETURN(const std::string role, RequireRight(*rights.band, v1::DECISION_ROLE_DECIDE, context));
  // The chain is walked before states are looked at, so that a cycle is called a cycle.
  std::string next = request.by();
  while (!next.empty()) {
    if (next == decision.name())
      return Reject(v1::REASON_CYCLE, "the decisions would supersede each other in a circle");
    const auto* link = context.ledger().Find<Decision>(next);
    next = link ? link->superseded_by() : "";
  }
  PARLEY_RETURN_IF_ERROR(RequireState(decision, {v1::DECISION_STATE_DECIDED}));
  PARLEY_RETURN_IF_ERROR(context.RequireDecided(request.by()));
  DecisionEvent superseded;
  superseded.mutable_superseded()->set_by(request.by());
  DecisionEvent supersedes;
  supersedes.mutable_supersedes()->set_decision(decision.name());
  return Events(role).Emit(context.target(), std::move(superseded)).Emit(request.by(), std::move(supersedes));
}

absl::StatusOr<Events> Decide(const Decision& decision, const v1::ReopenDecisionRequest& request,
                              const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const Rights rights, RightsOver(decision, context));
  PARLEY_ASSIGN_OR_RETURN(const std::string role, RequireRight(*rights.band, v1::DECISION_ROLE_DECIDE, context));
  PARLEY_RETURN_IF_ERROR(RequireNotEnded(context.relationship()));
  PARLEY_RETURN_IF_ERROR(RequireState(decision, {v1::DECISION_STATE_DECIDED}));
  if (request.reason().empty()) return InvalidField("reason", "must be given");
  DecisionEvent event;
  event.mutable_reopened()->set_reason(request.reason());
  return Events(role).Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Decision& decision, const v1::WithdrawDecisionRequest& request,
                              const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role,
                          context.RequireFor(decision.proposed_by_party(), v1::PERMISSION_CONTRIBUTE));
  PARLEY_RETURN_IF_ERROR(RequireUndecided(decision));
  if (!decision.outcomes().empty()) {
    return Reject(v1::REASON_WRONG_STATE, "it was decided once: it is decided anew, not taken back");
  }
  DecisionEvent event;
  event.mutable_withdrawn()->set_reason(request.reason());
  return Events(role).Emit(context.target(), std::move(event));
}

std::vector<Deadline> Deadlines(const Decision& decision) {
  const v1::DecisionOutcome* outcome = LastOutcome(decision);
  if (decision.state() != v1::DECISION_STATE_DECIDED || outcome == nullptr || !outcome->has_review_due_time() ||
      outcome->has_review_asked_time() || outcome->has_assessment()) {
    return {};
  }
  return {{.due = FromProto(outcome->review_due_time()),
           .kind = "review",
           .occurrence = std::to_string(decision.outcomes_size())}};
}

absl::StatusOr<Events> Expire(const Decision& decision, const Deadline& deadline, const Context& context) {
  auto event = std::make_shared<DecisionEvent>();
  *event->mutable_review_due()->mutable_due_time() = ToProto(deadline.due);
  Events events;
  events.Add({.stream = context.target(), .event = std::move(event), .caused_by = LastOutcome(decision)->sequence()});
  return events;
}

}  // namespace parley
