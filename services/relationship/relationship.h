// The relationship's rules: who the parties are, who acts for them, and which charter binds them.
#pragma once

#include "absl/status/statusor.h"
#include "parley/v1/relationship.pb.h"
#include "services/aggregate/aggregate.h"
#include "services/aggregate/context.h"

namespace parley {

void Evolve(v1::Relationship& relationship, const v1::RelationshipEvent& event, const EventInfo& info);
absl::StatusOr<Events> Redecide(const v1::Relationship&, const RecordedCommand&, const Context&);

// WRONG_STATE once the relationship has ended: nothing new is opened then.
absl::Status RequireNotEnded(const v1::Relationship& relationship);

absl::StatusOr<Events> Decide(const v1::Relationship&, const v1::EstablishRelationshipRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Relationship&, const v1::AdmitPartyRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Relationship&, const v1::AcceptPartyRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Relationship&, const v1::GrantRoleRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Relationship&, const v1::RevokeRoleRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Relationship&, const v1::ProposeCharterRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Relationship&, const v1::AdoptCharterRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Relationship&, const v1::ChangeStageRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Relationship&, const v1::PlanExitRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Relationship&, const v1::ExitRelationshipRequest&, const Context&);

}  // namespace parley
