#include "services/dispute/dispute.h"

#include <algorithm>
#include <set>

#include "eventstore/base/money.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/base/resource_name.h"
#include "eventstore/base/status.h"
#include "services/dispute/dispute_rules.h"
#include "services/relationship/relationship.h"

namespace parley {
namespace {

using v1::Dispute;
using v1::DisputeEvent;

constexpr char kAcknowledgement[] = "acknowledgement";
constexpr char kTier[] = "tier";

absl::Status CheckSubject(const std::string& subject, const Context& context) {
  if (subject.empty()) return absl::OkStatus();
  const auto name = ResourceName::Parse(subject);
  if (!name) return InvalidField("subject", "must be the name of a resource");
  if (name->ledger != context.ledger().ledger() || !name->owner.empty() || !context.ledger().Exists(subject)) {
    return Reject(v1::REASON_CITATION_INVALID, "the subject is no joint resource of this relationship")
        .With("subject", subject);
  }
  return context.RequireNotBefore(context.ledger().FirstEffectiveAt(subject), subject);
}

absl::Status CheckRecurrence(const v1::RaiseDisputeRequest& request, const Context& context) {
  if (request.recurrence_of().empty()) return absl::OkStatus();
  const auto* earlier = context.ledger().Find<Dispute>(request.recurrence_of());
  if (earlier == nullptr || dispute::IsOpen(*earlier) || earlier->subject() != request.subject()) {
    return Reject(v1::REASON_CITATION_INVALID, "what recurs is a dispute that was closed and had the same subject")
        .With("recurrence_of", request.recurrence_of());
  }
  return context.RequireNotBefore(FromProto(earlier->raise_time()), request.recurrence_of());
}

// Those named, or every other buyer and provider.
absl::StatusOr<std::set<std::string>> RespondentsOf(const v1::RaiseDisputeRequest& request, const Context& context) {
  std::set<std::string> respondents;
  const auto& parties = context.relationship().parties();
  if (request.respondents().empty()) {
    for (const auto& party : parties) {
      const bool principal_party = party.kind() != v1::PARTY_KIND_THIRD_PARTY && party.has_accept_time();
      if (principal_party && party.party_id() != context.actor().party) respondents.insert(party.party_id());
    }
    return respondents;
  }
  for (const std::string& id : request.respondents()) {
    if (id == context.actor().party) return InvalidField("respondents", "a party raises no dispute against itself");
    if (!respondents.insert(id).second) return InvalidField("respondents", "names a party twice");
    if (std::none_of(parties.begin(), parties.end(),
                     [&](const v1::Party& party) { return party.party_id() == id && party.has_accept_time(); })) {
      return Reject(v1::REASON_CITATION_INVALID, "names no party that has accepted").With("party", id);
    }
  }
  return respondents;
}

}  // namespace

absl::StatusOr<Events> Decide(const Dispute&, const v1::RaiseDisputeRequest& request, const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role, context.Require(v1::PERMISSION_CONTRIBUTE));
  PARLEY_RETURN_IF_ERROR(RequireNotEnded(context.relationship()));
  PARLEY_ASSIGN_OR_RETURN(const v1::Charter* charter, context.BindingCharter());
  const int32_t version = context.relationship().charter_in_force();
  PARLEY_RETURN_IF_ERROR(context.RequireNotBefore(FromProto(context.relationship().charters(version - 1).bind_time()),
                                                  "the charter in force"));
  if (request.type() == v1::DISPUTE_TYPE_UNSPECIFIED) return InvalidField("type", "must be given");
  if (request.title().empty()) return InvalidField("title", "must be given");
  if (request.has_amount() && (!IsValidMoney(request.amount()) || IsNegative(request.amount()))) {
    return InvalidField("amount", "must be a valid amount, not negative");
  }
  PARLEY_RETURN_IF_ERROR(CheckSubject(request.subject(), context));
  PARLEY_RETURN_IF_ERROR(CheckRecurrence(request, context));
  PARLEY_ASSIGN_OR_RETURN(const std::set<std::string> respondents, RespondentsOf(request, context));

  DisputeEvent event;
  auto& raised = *event.mutable_raised();
  raised.set_type(request.type());
  raised.set_title(request.title());
  raised.set_subject(request.subject());
  raised.set_description(request.description());
  if (request.has_amount()) *raised.mutable_amount() = request.amount();
  for (const std::string& party : respondents) raised.add_respondents(party);
  raised.set_work_suspension_reason(request.work_suspension_reason());
  raised.set_recurrence_of(request.recurrence_of());
  raised.set_style(request.style());
  raised.set_charter_version(version);
  if (context.StartsTimers()) {
    *raised.mutable_acknowledge_due_time() = ToProto(context.now() + FromProto(charter->acknowledgement_window()));
  }
  return Events(role).Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Dispute& dispute, const v1::AcknowledgeDisputeRequest& request,
                              const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role,
                          dispute::RequirePartyToOpen(dispute, v1::PERMISSION_CONTRIBUTE, context));
  const std::string& party = context.actor().party;
  if (party == dispute.raised_by_party()) {
    return Reject(v1::REASON_NOT_YOUR_PARTY, "a dispute is acknowledged by those it was raised against");
  }
  for (const auto& acknowledgement : dispute.acknowledgements()) {
    if (acknowledgement.party_id() == party) return Reject(v1::REASON_WRONG_STATE, "the party acknowledged it before");
  }
  DisputeEvent event;
  event.mutable_acknowledged()->set_late(dispute.acknowledgement_window().has_expire_time());
  return Events(role).Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Dispute& dispute, const v1::StateDisputePositionRequest& request,
                              const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role,
                          dispute::RequirePartyToOpen(dispute, v1::PERMISSION_CONTRIBUTE, context));
  if (request.position().empty()) return InvalidField("position", "must be given");
  if (request.interests().empty())
    return InvalidField("interests", "at least one must be given: why the party wants it");
  for (const std::string& interest : request.interests()) {
    if (interest.empty()) return InvalidField("interests", "none may be empty");
  }
  DisputeEvent event;
  event.mutable_position_stated()->set_position(request.position());
  *event.mutable_position_stated()->mutable_interests() = request.interests();
  return Events(role).Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Dispute& dispute, const v1::SwitchDisputeStyleRequest& request,
                              const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role,
                          dispute::RequirePartyToOpen(dispute, v1::PERMISSION_CONTRIBUTE, context));
  if (request.style() == v1::DISPUTE_STYLE_UNSPECIFIED) return InvalidField("style", "must be given");
  if (request.style() == dispute.style()) return Reject(v1::REASON_WRONG_STATE, "that is the style already");
  DisputeEvent event;
  auto& switched = *event.mutable_style_switched();
  switched.set_from(dispute.style());
  switched.set_to(request.style());
  switched.set_reason(request.reason());
  return Events(role).Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Dispute& dispute, const v1::GiveDisputeSatisfactionRequest& request,
                              const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role, dispute::RequireParty(dispute, v1::PERMISSION_CONTRIBUTE, context));
  if (dispute.state() != v1::DISPUTE_STATE_RESOLVED) {
    return Reject(v1::REASON_WRONG_STATE, "the dispute is not resolved")
        .With("state", v1::DisputeState_Name(dispute.state()));
  }
  if (request.score() < 1 || request.score() > 5) return InvalidField("score", "must be 1 to 5");
  for (const auto& satisfaction : dispute.resolutions(dispute.resolutions_size() - 1).satisfactions()) {
    if (satisfaction.party_id() == context.actor().party) {
      return Reject(v1::REASON_WRONG_STATE, "the party has said how satisfied it is with this resolution");
    }
  }
  DisputeEvent event;
  event.mutable_satisfaction_given()->set_score(request.score());
  event.mutable_satisfaction_given()->set_text(request.text());
  return Events(role).Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Dispute& dispute, const v1::ReopenDisputeRequest& request, const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role, dispute::RequireParty(dispute, v1::PERMISSION_SIGN, context));
  PARLEY_RETURN_IF_ERROR(RequireNotEnded(context.relationship()));
  if (dispute.state() != v1::DISPUTE_STATE_RESOLVED) {
    return Reject(v1::REASON_WRONG_STATE, "the dispute is not resolved")
        .With("state", v1::DisputeState_Name(dispute.state()));
  }
  if (request.reason().empty()) return InvalidField("reason", "must be given");
  // The parties bound themselves to what the neutral determines: neither gets out of it alone.
  const bool determined = dispute.resolutions(dispute.resolutions_size() - 1).determined();
  if (determined || !request.decision().empty()) PARLEY_RETURN_IF_ERROR(context.RequireDecided(request.decision()));
  DisputeEvent event;
  auto& reopened = *event.mutable_reopened();
  reopened.set_reason(request.reason());
  reopened.set_decision(request.decision());
  const v1::Charter& charter = *context.CharterAt(dispute.charter_version());
  if (const int tier = dispute::TierIndex(charter, dispute.tier_id()); tier >= 0 && context.StartsTimers()) {
    *reopened.mutable_window_due_time() = ToProto(context.now() + FromProto(charter.escalation_tiers(tier).window()));
  }
  return Events(role).Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Dispute& dispute, const v1::WithdrawDisputeRequest& request,
                              const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role,
                          context.RequireFor(dispute.raised_by_party(), v1::PERMISSION_CONTRIBUTE));
  PARLEY_RETURN_IF_ERROR(dispute::RequireOpen(dispute));
  if (!dispute.resolutions().empty()) {
    return Reject(v1::REASON_WRONG_STATE, "it was resolved once: withdrawing would undo what both sides settled");
  }
  if (dispute.neutral().binding()) {
    return Reject(v1::REASON_WRONG_STATE, "a binding neutral is appointed: neither side gets out of it alone");
  }
  DisputeEvent event;
  event.mutable_withdrawn()->set_reason(request.reason());
  return Events(role).Emit(context.target(), std::move(event));
}

std::vector<Deadline> Deadlines(const Dispute& dispute) {
  std::vector<Deadline> deadlines;
  if (!dispute::IsOpen(dispute)) return deadlines;
  if (dispute::AwaitsAcknowledgement(dispute)) {
    const auto& acknowledgement = dispute.acknowledgement_window();
    deadlines.push_back({.due = FromProto(acknowledgement.due_time()),
                         .kind = kAcknowledgement,
                         .occurrence = std::to_string(acknowledgement.number())});
  }
  if (const auto& window = dispute.window(); dispute::Runs(window)) {
    deadlines.push_back(
        {.due = FromProto(window.due_time()), .kind = kTier, .occurrence = std::to_string(window.number())});
  }
  return deadlines;
}

absl::StatusOr<Events> Expire(const Dispute& dispute, const Deadline& deadline, const Context& context) {
  const auto& window = deadline.kind == kTier ? dispute.window() : dispute.acknowledgement_window();
  auto event = std::make_shared<DisputeEvent>();
  event->mutable_window_expired()->set_tier_id(window.tier_id());
  *event->mutable_window_expired()->mutable_due_time() = window.due_time();
  Events events;
  events.Add({.stream = context.target(), .event = std::move(event), .caused_by = window.opened_by()});
  return events;
}

bool BlocksExit(const Dispute& dispute) { return dispute::IsOpen(dispute); }

}  // namespace parley
