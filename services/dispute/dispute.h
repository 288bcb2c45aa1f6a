// The rules of disputes: the charter's ladder in order, and whatever binds both sides by the assent of both.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "parley/v1/dispute.pb.h"
#include "services/aggregate/aggregate.h"
#include "services/aggregate/context.h"

namespace parley {

void Evolve(v1::Dispute& dispute, const v1::DisputeEvent& event, const EventInfo& info);
absl::StatusOr<Events> Redecide(const v1::Dispute&, const RecordedCommand&, const Context&);

// The acknowledgement's window and the present tier's.
std::vector<Deadline> Deadlines(const v1::Dispute& dispute);
absl::StatusOr<Events> Expire(const v1::Dispute& dispute, const Deadline& deadline, const Context& context);

// While it is open.
bool BlocksExit(const v1::Dispute& dispute);

// Who may: any contributor of a party to the dispute raises, acknowledges, states, escalates, switches the style, says
// how satisfied the party is; whoever may sign for it assents to statements, neutrals and settlements, and reopens.
absl::StatusOr<Events> Decide(const v1::Dispute&, const v1::RaiseDisputeRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Dispute&, const v1::AcknowledgeDisputeRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Dispute&, const v1::StateDisputePositionRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Dispute&, const v1::AgreeJointStatementRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Dispute&, const v1::EscalateDisputeRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Dispute&, const v1::SwitchDisputeStyleRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Dispute&, const v1::AppointNeutralRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Dispute&, const v1::ProposeDisputeSettlementRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Dispute&, const v1::AcceptDisputeSettlementRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Dispute&, const v1::DetermineDisputeRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Dispute&, const v1::GiveDisputeSatisfactionRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Dispute&, const v1::ReopenDisputeRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Dispute&, const v1::WithdrawDisputeRequest&, const Context&);

}  // namespace parley
