#include "services/aggregate/context.h"

#include <algorithm>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "parley/v1/decision.pb.h"

namespace parley {

absl::StatusOr<const v1::Charter*> Context::BindingCharter() const {
  const v1::Charter* charter = CharterAt(relationship().charter_in_force());
  if (charter == nullptr) return Reject(v1::REASON_CHARTER_NOT_BINDING, "no charter binds this relationship yet");
  return charter;
}

const v1::Charter* Context::CharterAt(int32_t version) const {
  if (version < 1 || version > relationship().charters_size()) return nullptr;
  return &relationship().charters(version - 1).charter();
}

absl::StatusOr<std::string> Context::Require(v1::Permission permission) const {
  bool member = false;
  for (const auto& grant : relationship().grants()) {
    if (grant.principal() != actor_.principal || grant.party_id() != actor_.party) continue;
    member = true;
    if (std::count(grant.permissions().begin(), grant.permissions().end(), permission) > 0) return grant.role();
  }
  if (!member) return Reject(v1::REASON_NOT_A_MEMBER, "the caller holds no role in this relationship");
  return Reject(v1::REASON_PERMISSION_MISSING, "none of the caller's roles gives this permission")
      .With("permission", v1::Permission_Name(permission));
}

absl::StatusOr<std::string> Context::RequireFor(std::string_view party, v1::Permission permission) const {
  PARLEY_ASSIGN_OR_RETURN(std::string role, Require(permission));
  if (actor_.party != party) {
    return Reject(v1::REASON_NOT_YOUR_PARTY, "only the party named may do this").With("party", party);
  }
  return role;
}

bool Context::Holds(const v1::RoleRef& role) const {
  if (role.party_id() != actor_.party) return false;
  const auto& grants = relationship().grants();
  return std::any_of(grants.begin(), grants.end(), [&](const v1::RoleGrant& grant) {
    return grant.principal() == actor_.principal && grant.party_id() == role.party_id() && grant.role() == role.role();
  });
}

absl::Status Context::RequireDecided(std::string_view name) const {
  const auto* decision = ledger_.Find<v1::Decision>(name);
  if (decision == nullptr || decision->state() != v1::DECISION_STATE_DECIDED) {
    return Reject(v1::REASON_DECISION_REQUIRED, "a decided decision of this relationship must be cited")
        .With("decision", name);
  }
  return RequireNotBefore(FromProto(decision->outcomes(decision->outcomes_size() - 1).time()), name);
}

absl::Status Context::RequireNotBefore(absl::Time cited, std::string_view what) const {
  if (effective_at_ >= cited) return absl::OkStatus();
  return Reject(v1::REASON_EFFECTIVE_AT_INVALID, "effective_at precedes what the command cites")
      .With("cited", what)
      .With("cited_time", Rfc3339(cited));
}

}  // namespace parley
