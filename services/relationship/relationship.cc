#include "services/relationship/relationship.h"

#include <algorithm>
#include <set>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/resource_name.h"
#include "eventstore/base/status.h"
#include "services/relationship/charter.h"

namespace parley {
namespace {

using v1::Relationship;
using v1::RelationshipEvent;

// The role that a party's first member gets by accepting.
constexpr char kRepresentative[] = "representative";

const v1::Party* FindParty(const Relationship& relationship, std::string_view party_id) {
  const auto it = std::find_if(relationship.parties().begin(), relationship.parties().end(),
                               [&](const v1::Party& party) { return party.party_id() == party_id; });
  return it == relationship.parties().end() ? nullptr : &*it;
}

auto FindGrant(const Relationship& relationship, std::string_view principal, std::string_view party_id,
               std::string_view role) {
  return std::find_if(relationship.grants().begin(), relationship.grants().end(), [&](const v1::RoleGrant& grant) {
    return grant.principal() == principal && grant.party_id() == party_id && grant.role() == role;
  });
}

bool HasPermission(const v1::RoleGrant& grant, v1::Permission permission) {
  return std::count(grant.permissions().begin(), grant.permissions().end(), permission) > 0;
}

absl::Status CheckParty(const v1::Party& party, const std::string& field) {
  if (!IsSlug(party.party_id())) return InvalidField(field + ".party_id", "must be a lower-case slug");
  if (!v1::PartyKind_IsValid(party.kind()) || party.kind() == v1::PARTY_KIND_UNSPECIFIED) {
    return InvalidField(field + ".kind", "must be given");
  }
  if (party.display_name().empty()) return InvalidField(field + ".display_name", "must be given");
  if (!IsHandle(party.first_member()) || party.first_member() == kSystemActor) {
    return InvalidField(field + ".first_member", "must be a handle");
  }
  return absl::OkStatus();
}

// Drops what a client may not set.
v1::Party Admitted(v1::Party party) {
  party.clear_accept_time();
  return party;
}

absl::Status RequireNothingOpen(const Context& context) {
  const std::vector<std::string> open = context.ledger().OpenMatters();
  if (open.empty()) return absl::OkStatus();
  Reject reject(v1::REASON_EXIT_BLOCKED, absl::StrCat(open.size(), " matters are open and no decision waives them"));
  for (const std::string& name : open) std::move(reject).Violation(name, "is open");
  return reject;
}

}  // namespace

absl::Status RequireNotEnded(const Relationship& relationship) {
  if (relationship.stage() != v1::STAGE_EXITED) return absl::OkStatus();
  return Reject(v1::REASON_WRONG_STATE, "the relationship has ended").With("stage", "EXITED");
}

absl::StatusOr<Events> Decide(const Relationship&, const v1::EstablishRelationshipRequest& request,
                              const Context& context) {
  if (request.display_name().empty()) return InvalidField("display_name", "must be given");
  if (!v1::Archetype_IsValid(request.archetype()) || request.archetype() == v1::ARCHETYPE_UNSPECIFIED) {
    return InvalidField("archetype", "must be given");
  }
  if (!v1::Stage_IsValid(request.stage()) || request.stage() == v1::STAGE_UNSPECIFIED ||
      request.stage() == v1::STAGE_EXITING || request.stage() == v1::STAGE_EXITED) {
    return InvalidField("stage", "must be given, and none of leaving");
  }
  RelationshipEvent event;
  auto& established = *event.mutable_established();
  established.set_display_name(request.display_name());
  established.set_archetype(request.archetype());
  established.set_stage(request.stage());
  for (int i = 0; i < request.parties_size(); ++i) {
    const auto& party = request.parties(i);
    PARLEY_RETURN_IF_ERROR(CheckParty(party, absl::StrCat("parties[", i, "]")));
    for (int j = 0; j < i; ++j) {
      if (request.parties(j).party_id() == party.party_id()) {
        return InvalidField(absl::StrCat("parties[", i, "].party_id"), "is there twice");
      }
    }
    *established.add_parties() = Admitted(party);
  }
  return Events().Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Relationship& relationship, const v1::AdmitPartyRequest& request,
                              const Context& context) {
  PARLEY_RETURN_IF_ERROR(RequireNotEnded(relationship));
  // Before a charter binds, whoever established the relationship admits; afterwards, a party's administrator does.
  std::string role;
  if (relationship.charter_in_force() > 0 || context.actor().principal != relationship.established_by()) {
    PARLEY_ASSIGN_OR_RETURN(role, context.Require(v1::PERMISSION_ADMINISTER));
    PARLEY_RETURN_IF_ERROR(context.BindingCharter().status());
  }
  PARLEY_RETURN_IF_ERROR(CheckParty(request.party(), "party"));
  if (FindParty(relationship, request.party().party_id()) != nullptr) {
    return Reject(v1::REASON_ALREADY_EXISTS, "a party of that id was admitted before")
        .With("party", request.party().party_id());
  }
  RelationshipEvent event;
  *event.mutable_party_admitted()->mutable_party() = Admitted(request.party());
  return Events(role).Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Relationship& relationship, const v1::AcceptPartyRequest& request,
                              const Context& context) {
  PARLEY_RETURN_IF_ERROR(RequireNotEnded(relationship));
  const v1::Party* party = FindParty(relationship, request.party_id());
  if (party == nullptr) return Reject(v1::REASON_NOT_FOUND, "no such party").With("party", request.party_id());
  if (party->first_member() != context.actor().principal) {
    return Reject(v1::REASON_NOT_YOUR_PARTY, "only the party's first member accepts for it")
        .With("party", request.party_id());
  }
  if (party->has_accept_time()) return Reject(v1::REASON_WRONG_STATE, "the party accepted before");
  // Nobody accepts for one party in the name of another.
  if (!context.actor().party.empty() && context.actor().party != request.party_id()) {
    return Reject(v1::REASON_NOT_YOUR_PARTY, "the caller acts for another party: name the one to accept for")
        .With("party", request.party_id());
  }
  RelationshipEvent event;
  event.mutable_party_accepted()->set_party_id(request.party_id());
  return Events(kRepresentative).Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Relationship& relationship, const v1::GrantRoleRequest& request,
                              const Context& context) {
  PARLEY_RETURN_IF_ERROR(RequireNotEnded(relationship));
  PARLEY_ASSIGN_OR_RETURN(const std::string role, context.RequireFor(request.party_id(), v1::PERMISSION_ADMINISTER));
  if (!IsHandle(request.principal()) || request.principal() == kSystemActor) {
    return InvalidField("principal", "must be a handle");
  }
  if (!IsSlug(request.role())) return InvalidField("role", "must be a lower-case slug");
  for (const int permission : request.permissions()) {
    if (!v1::Permission_IsValid(permission) || permission == v1::PERMISSION_UNSPECIFIED) {
      return InvalidField("permissions", "holds an unknown permission");
    }
  }
  if (FindGrant(relationship, request.principal(), request.party_id(), request.role()) != relationship.grants().end()) {
    return Reject(v1::REASON_ALREADY_EXISTS,
                  "the principal holds that role; revoke it first to change its permissions");
  }
  RelationshipEvent event;
  auto& granted = *event.mutable_role_granted();
  granted.set_principal(request.principal());
  granted.set_party_id(request.party_id());
  granted.set_role(request.role());
  *granted.mutable_permissions() = request.permissions();
  return Events(role).Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Relationship& relationship, const v1::RevokeRoleRequest& request,
                              const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role, context.RequireFor(request.party_id(), v1::PERMISSION_ADMINISTER));
  const auto grant = FindGrant(relationship, request.principal(), request.party_id(), request.role());
  if (grant == relationship.grants().end())
    return Reject(v1::REASON_NOT_FOUND, "the principal does not hold that role");
  const auto administrators =
      std::count_if(relationship.grants().begin(), relationship.grants().end(), [&](const v1::RoleGrant& other) {
        return other.party_id() == request.party_id() && HasPermission(other, v1::PERMISSION_ADMINISTER);
      });
  if (HasPermission(*grant, v1::PERMISSION_ADMINISTER) && administrators == 1) {
    return Reject(v1::REASON_WRONG_STATE, "a party's last administrator cannot be revoked");
  }
  RelationshipEvent event;
  auto& revoked = *event.mutable_role_revoked();
  revoked.set_principal(request.principal());
  revoked.set_party_id(request.party_id());
  revoked.set_role(request.role());
  revoked.set_reason(request.reason());
  return Events(role).Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Relationship& relationship, const v1::ProposeCharterRequest& request,
                              const Context& context) {
  PARLEY_RETURN_IF_ERROR(RequireNotEnded(relationship));
  PARLEY_ASSIGN_OR_RETURN(const std::string role, context.Require(v1::PERMISSION_SIGN));
  PARLEY_RETURN_IF_ERROR(CheckCharter(request.charter(), relationship));
  RelationshipEvent event;
  auto& proposed = *event.mutable_charter_proposed();
  proposed.set_version(relationship.charters_size() + 1);
  *proposed.mutable_charter() = request.charter();
  return Events(role).Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Relationship& relationship, const v1::AdoptCharterRequest& request,
                              const Context& context) {
  PARLEY_RETURN_IF_ERROR(RequireNotEnded(relationship));
  PARLEY_ASSIGN_OR_RETURN(const std::string role, context.Require(v1::PERMISSION_SIGN));
  if (request.version() < 1 || request.version() > relationship.charters_size()) {
    return Reject(v1::REASON_NOT_FOUND, "no such charter version");
  }
  if (request.version() != relationship.charters_size()) {
    return Reject(v1::REASON_CHARTER_VERSION_STALE, "a later charter version has been proposed")
        .With("latest", std::to_string(relationship.charters_size()));
  }
  const v1::CharterVersion& version = relationship.charters(request.version() - 1);
  const std::string& party = context.actor().party;
  auto signed_by = [&](const std::string& id) {
    return std::any_of(version.signatures().begin(), version.signatures().end(),
                       [&](const v1::CharterSignature& signature) { return signature.party_id() == id; });
  };
  if (version.has_bind_time() || signed_by(party)) {
    return Reject(v1::REASON_WRONG_STATE, "the party signed this version before");
  }
  // Parties may have been admitted since it was proposed: it must fit them when it is signed.
  PARLEY_RETURN_IF_ERROR(CheckCharter(version.charter(), relationship));

  // A party that it does not name may sign, too; nobody waits for it.
  const std::set<std::string> named = PartiesNamedBy(version.charter());
  const bool binding = std::all_of(named.begin(), named.end(),
                                   [&](const std::string& other) { return other == party || signed_by(other); });
  Events events(role);
  RelationshipEvent adopted;
  adopted.mutable_charter_adopted()->set_version(request.version());
  adopted.mutable_charter_adopted()->set_party_id(party);
  adopted.mutable_charter_adopted()->set_binding(binding);
  events.Emit(context.target(), std::move(adopted));
  if (binding && relationship.charter_in_force() > 0) {
    RelationshipEvent amended;
    amended.mutable_charter_amended()->set_from_version(relationship.charter_in_force());
    amended.mutable_charter_amended()->set_to_version(request.version());
    events.Emit(context.target(), std::move(amended));
  }
  return events;
}

absl::StatusOr<Events> Decide(const Relationship& relationship, const v1::ChangeStageRequest& request,
                              const Context& context) {
  PARLEY_RETURN_IF_ERROR(RequireNotEnded(relationship));
  PARLEY_ASSIGN_OR_RETURN(const std::string role, context.Require(v1::PERMISSION_SIGN));
  if (!v1::Stage_IsValid(request.stage()) || request.stage() == v1::STAGE_UNSPECIFIED ||
      request.stage() == v1::STAGE_EXITING || request.stage() == v1::STAGE_EXITED) {
    return InvalidField("stage", "must be given; PlanExit and ExitRelationship leave");
  }
  if (request.stage() == relationship.stage())
    return Reject(v1::REASON_WRONG_STATE, "the relationship is at that stage");
  if (relationship.charter_in_force() > 0 || !request.decision().empty()) {
    PARLEY_RETURN_IF_ERROR(context.RequireDecided(request.decision()));
  }
  RelationshipEvent event;
  auto& changed = *event.mutable_stage_changed();
  changed.set_from(relationship.stage());
  changed.set_to(request.stage());
  changed.set_decision(request.decision());
  return Events(role).Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Relationship& relationship, const v1::PlanExitRequest& request,
                              const Context& context) {
  PARLEY_RETURN_IF_ERROR(RequireNotEnded(relationship));
  PARLEY_ASSIGN_OR_RETURN(const std::string role, context.Require(v1::PERMISSION_SIGN));
  if (FromProto(request.plan().exit_time()) <= context.effective_at()) {
    return InvalidField("plan.exit_time", "must lie ahead");
  }
  PARLEY_RETURN_IF_ERROR(context.RequireDecided(request.plan().decision()));
  RelationshipEvent event;
  *event.mutable_exit_planned()->mutable_plan() = request.plan();
  return Events(role).Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Relationship& relationship, const v1::ExitRelationshipRequest& request,
                              const Context& context) {
  PARLEY_RETURN_IF_ERROR(RequireNotEnded(relationship));
  PARLEY_ASSIGN_OR_RETURN(const std::string role, context.Require(v1::PERMISSION_SIGN));
  if (!relationship.has_exit_plan()) return Reject(v1::REASON_WRONG_STATE, "an exit is planned before it is made");
  if (request.waiver_decision().empty()) {
    PARLEY_RETURN_IF_ERROR(RequireNothingOpen(context));
  } else {
    PARLEY_RETURN_IF_ERROR(context.RequireDecided(request.waiver_decision()));
  }
  RelationshipEvent event;
  event.mutable_exited()->set_waiver_decision(request.waiver_decision());
  return Events(role).Emit(context.target(), std::move(event));
}

void Evolve(Relationship& relationship, const RelationshipEvent& event, const EventInfo& info) {
  const auto effective = ToProto(info.effective_at);
  switch (event.kind_case()) {
    case RelationshipEvent::kEstablished: {
      const auto& e = event.established();
      relationship.set_display_name(e.display_name());
      relationship.set_archetype(e.archetype());
      relationship.set_stage(e.stage());
      relationship.set_established_by(info.actor);
      *relationship.mutable_parties() = e.parties();
      return;
    }
    case RelationshipEvent::kPartyAdmitted:
      *relationship.add_parties() = event.party_admitted().party();
      return;
    case RelationshipEvent::kPartyAccepted:
      for (auto& party : *relationship.mutable_parties()) {
        if (party.party_id() != event.party_accepted().party_id()) continue;
        *party.mutable_accept_time() = effective;
        auto* grant = relationship.add_grants();
        grant->set_principal(party.first_member());
        grant->set_party_id(party.party_id());
        grant->set_role(kRepresentative);
        for (const auto permission : {v1::PERMISSION_CONTRIBUTE, v1::PERMISSION_SIGN, v1::PERMISSION_ADMINISTER}) {
          grant->add_permissions(permission);
        }
        *grant->mutable_grant_time() = effective;
      }
      return;
    case RelationshipEvent::kRoleGranted: {
      const auto& e = event.role_granted();
      auto* grant = relationship.add_grants();
      grant->set_principal(e.principal());
      grant->set_party_id(e.party_id());
      grant->set_role(e.role());
      *grant->mutable_permissions() = e.permissions();
      *grant->mutable_grant_time() = effective;
      return;
    }
    case RelationshipEvent::kRoleRevoked: {
      const auto& e = event.role_revoked();
      const auto grant = FindGrant(relationship, e.principal(), e.party_id(), e.role());
      if (grant != relationship.grants().end()) relationship.mutable_grants()->erase(grant);
      return;
    }
    case RelationshipEvent::kCharterProposed: {
      auto* version = relationship.add_charters();
      version->set_version(event.charter_proposed().version());
      *version->mutable_charter() = event.charter_proposed().charter();
      version->set_proposed_by_party(info.party);
      *version->mutable_propose_time() = effective;
      return;
    }
    case RelationshipEvent::kCharterAdopted: {
      const auto& e = event.charter_adopted();
      if (e.version() < 1 || e.version() > relationship.charters_size()) return;
      auto* version = relationship.mutable_charters(e.version() - 1);
      auto* signature = version->add_signatures();
      signature->set_party_id(e.party_id());
      signature->set_principal(info.actor);
      *signature->mutable_sign_time() = effective;
      if (e.binding()) {
        *version->mutable_bind_time() = effective;
        relationship.set_charter_in_force(e.version());
      }
      return;
    }
    case RelationshipEvent::kCharterAmended:
      relationship.set_charter_in_force(event.charter_amended().to_version());
      return;
    case RelationshipEvent::kStageChanged:
      relationship.set_stage(event.stage_changed().to());
      relationship.clear_exit_plan();  // Who moves on to another stage does not leave.
      return;
    case RelationshipEvent::kExitPlanned:
      *relationship.mutable_exit_plan() = event.exit_planned().plan();
      relationship.set_stage(v1::STAGE_EXITING);
      return;
    case RelationshipEvent::kExited:
      relationship.set_stage(v1::STAGE_EXITED);
      *relationship.mutable_exit_time() = effective;
      return;
    case RelationshipEvent::KIND_NOT_SET:
      return;  // Poison: DecodeEvent never lets it through.
  }
}

}  // namespace parley
