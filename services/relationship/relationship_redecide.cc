// The requests that a relationship's events answered to.
#include "services/aggregate/recheck.h"
#include "services/relationship/relationship.h"

namespace parley {

using v1::RelationshipEvent;

absl::StatusOr<Events> Redecide(const v1::Relationship& relationship, const RecordedCommand& recorded,
                                const Context& context) {
  const RelationshipEvent& event = *recorded.First<RelationshipEvent>();
  switch (event.kind_case()) {
    case RelationshipEvent::kEstablished: {
      v1::EstablishRelationshipRequest request;
      request.set_display_name(event.established().display_name());
      request.set_archetype(event.established().archetype());
      request.set_stage(event.established().stage());
      *request.mutable_parties() = event.established().parties();
      return DecideAgain(relationship, request, context);
    }
    case RelationshipEvent::kPartyAdmitted: {
      v1::AdmitPartyRequest request;
      *request.mutable_party() = event.party_admitted().party();
      return DecideAgain(relationship, request, context);
    }
    case RelationshipEvent::kPartyAccepted: {
      v1::AcceptPartyRequest request;
      request.set_party_id(event.party_accepted().party_id());
      return DecideAgain(relationship, request, context);
    }
    case RelationshipEvent::kRoleGranted: {
      v1::GrantRoleRequest request;
      request.set_principal(event.role_granted().principal());
      request.set_party_id(event.role_granted().party_id());
      request.set_role(event.role_granted().role());
      *request.mutable_permissions() = event.role_granted().permissions();
      return DecideAgain(relationship, request, context);
    }
    case RelationshipEvent::kRoleRevoked: {
      v1::RevokeRoleRequest request;
      request.set_principal(event.role_revoked().principal());
      request.set_party_id(event.role_revoked().party_id());
      request.set_role(event.role_revoked().role());
      request.set_reason(event.role_revoked().reason());
      return DecideAgain(relationship, request, context);
    }
    case RelationshipEvent::kCharterProposed: {
      v1::ProposeCharterRequest request;
      *request.mutable_charter() = event.charter_proposed().charter();
      return DecideAgain(relationship, request, context);
    }
    case RelationshipEvent::kCharterAdopted: {
      v1::AdoptCharterRequest request;
      request.set_version(event.charter_adopted().version());
      return DecideAgain(relationship, request, context);
    }
    case RelationshipEvent::kStageChanged: {
      v1::ChangeStageRequest request;
      request.set_stage(event.stage_changed().to());
      request.set_decision(event.stage_changed().decision());
      return DecideAgain(relationship, request, context);
    }
    case RelationshipEvent::kExitPlanned: {
      v1::PlanExitRequest request;
      *request.mutable_plan() = event.exit_planned().plan();
      return DecideAgain(relationship, request, context);
    }
    case RelationshipEvent::kExited: {
      v1::ExitRelationshipRequest request;
      request.set_waiver_decision(event.exited().waiver_decision());
      return DecideAgain(relationship, request, context);
    }
    case RelationshipEvent::kCharterAmended:  // Goes with the signature that made it bind.
    case RelationshipEvent::KIND_NOT_SET:
      break;
  }
  return NoCommandBeginsWith(recorded);
}

}  // namespace parley
