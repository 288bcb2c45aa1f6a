// The rules of objectives: stated jointly or in private, ranked by each party for itself, never averaged.
#pragma once

#include "absl/status/statusor.h"
#include "parley/v1/objective.pb.h"
#include "services/aggregate/aggregate.h"
#include "services/aggregate/context.h"

namespace parley {

void Evolve(v1::Objective& objective, const v1::ObjectiveEvent& event, const EventInfo& info);
absl::StatusOr<Events> Redecide(const v1::Objective&, const RecordedCommand&, const Context&);

absl::StatusOr<Events> Decide(const v1::Objective&, const v1::StateObjectiveRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Objective&, const v1::RankObjectiveRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Objective&, const v1::EndorseObjectiveRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Objective&, const v1::RetireObjectiveRequest&, const Context&);

// Whether the party has ranked the objective.
bool IsRankedBy(const v1::Objective& objective, std::string_view party);

}  // namespace parley
