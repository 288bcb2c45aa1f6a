// The rules of decisions: RAPID rights from the charter version pinned at proposal, enforced when written.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "parley/v1/decision.pb.h"
#include "services/aggregate/aggregate.h"
#include "services/aggregate/context.h"

namespace parley {

void Evolve(v1::Decision& decision, const v1::DecisionEvent& event, const EventInfo& info);
absl::StatusOr<Events> Redecide(const v1::Decision&, const RecordedCommand&, const Context&);

// Objected: version 1 had a single ground.
inline constexpr EventSchema kDecisionObjectedSchema{"objected", 2};
void Upcast(v1::DecisionEvent& event, uint32_t from_version);

// Open reviews.
std::vector<Deadline> Deadlines(const v1::Decision& decision);
absl::StatusOr<Events> Expire(const v1::Decision& decision, const Deadline& deadline, const Context& context);

absl::StatusOr<Events> Decide(const v1::Decision&, const v1::ProposeDecisionRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Decision&, const v1::GiveDecisionInputRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Decision&, const v1::ConcurWithDecisionRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Decision&, const v1::ObjectToDecisionRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Decision&, const v1::DecideDecisionRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Decision&, const v1::DeferDecisionRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Decision&, const v1::OverrideDecisionRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Decision&, const v1::AssessDecisionOutcomeRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Decision&, const v1::SupersedeDecisionRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Decision&, const v1::ReopenDecisionRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Decision&, const v1::WithdrawDecisionRequest&, const Context&);

}  // namespace parley
