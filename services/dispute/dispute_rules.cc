#include "services/dispute/dispute_rules.h"

#include <algorithm>

#include "eventstore/base/status.h"

namespace parley::dispute {

bool IsOpen(const v1::Dispute& dispute) {
  switch (dispute.state()) {
    case v1::DISPUTE_STATE_RAISED:
    case v1::DISPUTE_STATE_ACKNOWLEDGED:
    case v1::DISPUTE_STATE_ESCALATED:
      return true;
    case v1::DISPUTE_STATE_RESOLVED:
    case v1::DISPUTE_STATE_WITHDRAWN:
    case v1::DISPUTE_STATE_UNSPECIFIED:
    case v1::DisputeState_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::DisputeState_INT_MAX_SENTINEL_DO_NOT_USE_:
      return false;
  }
  return false;
}

bool IsPartyTo(const v1::Dispute& dispute, const std::string& party_id) {
  const auto& respondents = dispute.respondents();
  return party_id == dispute.raised_by_party() ||
         std::find(respondents.begin(), respondents.end(), party_id) != respondents.end();
}

bool AllAcknowledged(const v1::Dispute& dispute) {
  const auto& given = dispute.acknowledgements();
  return std::all_of(dispute.respondents().begin(), dispute.respondents().end(), [&](const std::string& party) {
    return std::any_of(given.begin(), given.end(), [&](const auto& ack) { return ack.party_id() == party; });
  });
}

bool Runs(const v1::DisputeWindow& window) { return window.has_due_time() && !window.has_expire_time(); }

bool AwaitsAcknowledgement(const v1::Dispute& dispute) {
  return Runs(dispute.acknowledgement_window()) && dispute.reopen_count() == 0 && !AllAcknowledged(dispute);
}

absl::Status RequireOpen(const v1::Dispute& dispute) {
  if (IsOpen(dispute)) return absl::OkStatus();
  return Reject(v1::REASON_WRONG_STATE, "the dispute is not open")
      .With("state", v1::DisputeState_Name(dispute.state()));
}

absl::StatusOr<std::string> RequireParty(const v1::Dispute& dispute, v1::Permission permission,
                                         const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(std::string role, context.Require(permission));
  if (!IsPartyTo(dispute, context.actor().party)) {
    return Reject(v1::REASON_NOT_YOUR_PARTY, "only the parties to the dispute may do this")
        .With("party", context.actor().party);
  }
  return role;
}

absl::StatusOr<std::string> RequirePartyToOpen(const v1::Dispute& dispute, v1::Permission permission,
                                               const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(std::string role, RequireParty(dispute, permission, context));
  PARLEY_RETURN_IF_ERROR(RequireOpen(dispute));
  return role;
}

absl::Status CheckTerms(const v1::DisputeTerms& terms, const Context& context) {
  if (terms.text().empty()) return InvalidField("terms.text", "must be given");
  if (terms.style() == v1::DISPUTE_STYLE_UNSPECIFIED) return InvalidField("terms.style", "must be given");
  if (!terms.decision().empty()) return context.RequireDecided(terms.decision());
  return absl::OkStatus();
}

bool HasAssented(const Assents& assents, const std::string& party_id) {
  return std::any_of(assents.begin(), assents.end(), [&](const auto& assent) { return assent.party_id() == party_id; });
}

bool CompletedBy(const v1::Dispute& dispute, const Assents& assents, const std::string& party_id) {
  const auto assented = [&](const std::string& party) { return party == party_id || HasAssented(assents, party); };
  return assented(dispute.raised_by_party()) &&
         std::all_of(dispute.respondents().begin(), dispute.respondents().end(), assented);
}

absl::Status RequireNotAssented(const Assents& assents, const Context& context) {
  if (!HasAssented(assents, context.actor().party)) return absl::OkStatus();
  return Reject(v1::REASON_WRONG_STATE, "the party assented to the very same before");
}

int TierIndex(const v1::Charter& charter, const std::string& tier_id) {
  for (int i = 0; i < charter.escalation_tiers_size(); ++i) {
    if (charter.escalation_tiers(i).tier_id() == tier_id) return i;
  }
  return -1;
}

}  // namespace parley::dispute
