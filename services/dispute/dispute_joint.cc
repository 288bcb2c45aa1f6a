// What takes the assent of every party, and the ladder.
#include <algorithm>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "services/dispute/dispute.h"
#include "services/dispute/dispute_rules.h"

namespace parley {
namespace {

using v1::Dispute;
using v1::DisputeEvent;

// The tiers that going to `target` leaves out; a refusal where they may not be left out.
absl::StatusOr<std::vector<std::string>> SkippedTiers(const Dispute& dispute, const v1::Charter& charter,
                                                      const v1::EscalateDisputeRequest& request, int target) {
  const int current = dispute::TierIndex(charter, dispute.tier_id());
  if (target <= current) {
    return Reject(v1::REASON_WRONG_STATE, "the dispute has reached that tier").With("tier", dispute.tier_id());
  }
  std::vector<std::string> skipped;
  for (int i = current + 1; i < target; ++i) {
    const auto& tier = charter.escalation_tiers(i);
    if (!request.urgent_relief() || tier.precondition()) {
      return Reject(v1::REASON_TIER_SKIPPED, tier.precondition()
                                                 ? "a tier that is a precondition is never skipped"
                                                 : "tiers are climbed in order unless urgent relief is sought")
          .With("tier", tier.tier_id());
    }
    skipped.push_back(tier.tier_id());
  }
  return skipped;
}

bool IsEarly(const Dispute& dispute) {
  if (dispute.has_window()) return dispute::Runs(dispute.window());
  return dispute::AwaitsAcknowledgement(dispute);
}

// Someone whom neither side employs, and who can act in this ledger.
absl::Status CheckNeutral(const Dispute& dispute, const v1::Neutral& neutral, const Context& context) {
  bool member = false;
  for (const auto& grant : context.relationship().grants()) {
    if (grant.principal() != neutral.principal()) continue;
    if (dispute::IsPartyTo(dispute, grant.party_id())) {
      return Reject(v1::REASON_CITATION_INVALID, "a neutral holds no role of a party to the dispute")
          .With("party", grant.party_id());
    }
    member |= grant.party_id() == neutral.party_id();
  }
  if (!member) {
    return Reject(v1::REASON_CITATION_INVALID, "a neutral is a member of a party that is none to the dispute")
        .With("principal", neutral.principal());
  }
  return absl::OkStatus();
}

DisputeEvent ResolvedEvent(const v1::DisputeTerms& terms, bool determined) {
  DisputeEvent event;
  *event.mutable_resolved()->mutable_terms() = terms;
  event.mutable_resolved()->set_determined(determined);
  return event;
}

}  // namespace

absl::StatusOr<Events> Decide(const Dispute& dispute, const v1::AgreeJointStatementRequest& request,
                              const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role, dispute::RequirePartyToOpen(dispute, v1::PERMISSION_SIGN, context));
  if (request.text().empty()) return InvalidField("text", "must be given");
  const bool same = dispute.statement_proposal().text() == request.text();
  const dispute::Assents assents = same ? dispute.statement_proposal().assents() : dispute::Assents();
  PARLEY_RETURN_IF_ERROR(dispute::RequireNotAssented(assents, context));
  DisputeEvent assented;
  assented.mutable_statement_assented()->set_text(request.text());
  Events events(role);
  events.Emit(context.target(), std::move(assented));
  if (dispute::CompletedBy(dispute, assents, context.actor().party)) {
    DisputeEvent agreed;
    agreed.mutable_joint_statement_agreed()->set_text(request.text());
    events.Emit(context.target(), std::move(agreed));
  }
  return events;
}

absl::StatusOr<Events> Decide(const Dispute& dispute, const v1::EscalateDisputeRequest& request,
                              const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role,
                          dispute::RequirePartyToOpen(dispute, v1::PERMISSION_CONTRIBUTE, context));
  if (request.mode() == v1::ESCALATION_MODE_UNSPECIFIED) return InvalidField("mode", "must be given");
  if (request.reason().empty()) return InvalidField("reason", "must be given");
  const v1::Charter& charter = *context.CharterAt(dispute.charter_version());
  const int target = dispute::TierIndex(charter, request.tier_id());
  if (target < 0) return InvalidField("tier_id", "is no tier of the charter that the dispute is under");
  PARLEY_ASSIGN_OR_RETURN(const std::vector<std::string> skipped, SkippedTiers(dispute, charter, request, target));

  Events events(role);
  if (request.mode() == v1::ESCALATION_MODE_JOINT) {
    const auto& proposal = dispute.escalation_proposal();
    // The reason may be in each party's own words.
    const bool same = proposal.tier_id() == request.tier_id() && proposal.urgent_relief() == request.urgent_relief();
    const dispute::Assents assents = same ? proposal.assents() : dispute::Assents();
    PARLEY_RETURN_IF_ERROR(dispute::RequireNotAssented(assents, context));
    DisputeEvent assented;
    assented.mutable_escalation_assented()->set_tier_id(request.tier_id());
    assented.mutable_escalation_assented()->set_reason(request.reason());
    assented.mutable_escalation_assented()->set_urgent_relief(request.urgent_relief());
    events.Emit(context.target(), std::move(assented));
    if (!dispute::CompletedBy(dispute, assents, context.actor().party)) return events;
  }
  DisputeEvent event;
  auto& escalated = *event.mutable_escalated();
  escalated.set_tier_id(request.tier_id());
  escalated.set_mode(request.mode());
  escalated.set_reason(request.reason());
  escalated.set_urgent_relief(request.urgent_relief());
  for (const std::string& tier : skipped) escalated.add_skipped_tier_ids(tier);
  escalated.set_early(IsEarly(dispute));
  if (context.StartsTimers()) {
    *escalated.mutable_window_due_time() =
        ToProto(context.now() + FromProto(charter.escalation_tiers(target).window()));
  }
  events.Emit(context.target(), std::move(event));
  return events;
}

absl::StatusOr<Events> Decide(const Dispute& dispute, const v1::AppointNeutralRequest& request,
                              const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role, dispute::RequirePartyToOpen(dispute, v1::PERMISSION_SIGN, context));
  const v1::Neutral& wanted = request.neutral();
  PARLEY_RETURN_IF_ERROR(CheckNeutral(dispute, wanted, context));
  const auto is_wanted = [&](const v1::Neutral& other) {
    return other.principal() == wanted.principal() && other.party_id() == wanted.party_id() &&
           other.binding() == wanted.binding();
  };
  if (is_wanted(dispute.neutral())) return Reject(v1::REASON_WRONG_STATE, "that neutral is appointed");
  const dispute::Assents assents =
      is_wanted(dispute.neutral_proposal()) ? dispute.neutral_proposal().assents() : dispute::Assents();
  PARLEY_RETURN_IF_ERROR(dispute::RequireNotAssented(assents, context));
  DisputeEvent assented;
  assented.mutable_neutral_assented()->set_principal(wanted.principal());
  assented.mutable_neutral_assented()->set_party_id(wanted.party_id());
  assented.mutable_neutral_assented()->set_binding(wanted.binding());
  Events events(role);
  events.Emit(context.target(), std::move(assented));
  if (dispute::CompletedBy(dispute, assents, context.actor().party)) {
    DisputeEvent appointed;
    appointed.mutable_neutral_appointed()->set_principal(wanted.principal());
    appointed.mutable_neutral_appointed()->set_party_id(wanted.party_id());
    appointed.mutable_neutral_appointed()->set_binding(wanted.binding());
    events.Emit(context.target(), std::move(appointed));
  }
  return events;
}

absl::StatusOr<Events> Decide(const Dispute& dispute, const v1::ProposeDisputeSettlementRequest& request,
                              const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role, dispute::RequirePartyToOpen(dispute, v1::PERMISSION_SIGN, context));
  PARLEY_RETURN_IF_ERROR(dispute::CheckTerms(request.terms(), context));
  DisputeEvent event;
  event.mutable_settlement_proposed()->set_number(dispute.settlement_count() + 1);
  *event.mutable_settlement_proposed()->mutable_terms() = request.terms();
  return Events(role).Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Dispute& dispute, const v1::AcceptDisputeSettlementRequest& request,
                              const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role, dispute::RequirePartyToOpen(dispute, v1::PERMISSION_SIGN, context));
  if (request.number() < 1) return InvalidField("number", "must be given");
  // Terms that were replaced meanwhile are not what the caller has read.
  const v1::DisputeSettlement& settlement = dispute.settlement();
  if (settlement.number() != request.number()) {
    return Reject(v1::REASON_WRONG_STATE, "that settlement is not on the table")
        .With("latest", std::to_string(settlement.number()));
  }
  PARLEY_RETURN_IF_ERROR(dispute::RequireNotAssented(settlement.assents(), context));
  PARLEY_RETURN_IF_ERROR(dispute::CheckTerms(settlement.terms(), context));
  DisputeEvent assented;
  assented.mutable_settlement_assented()->set_number(request.number());
  Events events(role);
  events.Emit(context.target(), std::move(assented));
  if (dispute::CompletedBy(dispute, settlement.assents(), context.actor().party)) {
    events.Emit(context.target(), ResolvedEvent(settlement.terms(), false));
  }
  return events;
}

absl::StatusOr<Events> Decide(const Dispute& dispute, const v1::DetermineDisputeRequest& request,
                              const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role, context.Require(v1::PERMISSION_CONTRIBUTE));
  const v1::Neutral& neutral = dispute.neutral();
  if (!neutral.binding() || neutral.principal() != context.actor().principal ||
      neutral.party_id() != context.actor().party) {
    return Reject(v1::REASON_ROLE_NOT_ENTITLED,
                  "only the binding neutral that all parties appointed determines a dispute");
  }
  PARLEY_RETURN_IF_ERROR(dispute::RequireOpen(dispute));
  PARLEY_RETURN_IF_ERROR(dispute::CheckTerms(request.terms(), context));
  return Events(role).Emit(context.target(), ResolvedEvent(request.terms(), true));
}

}  // namespace parley
