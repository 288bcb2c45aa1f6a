#include "services/objective/objective.h"

#include <algorithm>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/resource_name.h"
#include "eventstore/base/status.h"
#include "services/relationship/relationship.h"

namespace parley {
namespace {

using v1::Objective;
using v1::ObjectiveEvent;

// A role of the caller's with `permission`. A private objective is its own party's business only.
absl::StatusOr<std::string> RequireAccess(v1::Permission permission, const Context& context) {
  const auto name = ResourceName::Parse(context.target());
  if (name && !name->owner.empty()) return context.RequireFor(name->owner, permission);
  return context.Require(permission);
}

bool IsJoint(const Context& context) {
  const auto name = ResourceName::Parse(context.target());
  return name && name->owner.empty();
}

absl::Status RequirePursued(const Objective& objective) {
  if (objective.state() == v1::OBJECTIVE_STATE_STATED) return absl::OkStatus();
  return Reject(v1::REASON_WRONG_STATE, "the objective was retired");
}

bool IsEndorsedBy(const Objective& objective, std::string_view party) {
  return std::any_of(objective.endorsements().begin(), objective.endorsements().end(),
                     [&](const v1::ObjectiveEndorsement& endorsement) { return endorsement.party_id() == party; });
}

v1::ObjectiveRanking& RankingOf(Objective& objective, const std::string& party) {
  for (auto& ranking : *objective.mutable_rankings()) {
    if (ranking.party_id() == party) return ranking;
  }
  auto* ranking = objective.add_rankings();
  ranking->set_party_id(party);
  return *ranking;
}

}  // namespace

bool IsRankedBy(const Objective& objective, std::string_view party) {
  return std::any_of(objective.rankings().begin(), objective.rankings().end(),
                     [&](const v1::ObjectiveRanking& ranking) { return ranking.party_id() == party; });
}

absl::StatusOr<Events> Decide(const Objective&, const v1::StateObjectiveRequest& request, const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role, RequireAccess(v1::PERMISSION_CONTRIBUTE, context));
  PARLEY_RETURN_IF_ERROR(RequireNotEnded(context.relationship()));
  // A party may draft for itself from the start; what is joint waits for the charter.
  if (IsJoint(context)) PARLEY_RETURN_IF_ERROR(context.BindingCharter().status());
  if (request.title().empty()) return InvalidField("title", "must be given");
  ObjectiveEvent event;
  event.mutable_stated()->set_title(request.title());
  event.mutable_stated()->set_description(request.description());
  return Events(role).Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Objective& objective, const v1::RankObjectiveRequest& request,
                              const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role, RequireAccess(v1::PERMISSION_CONTRIBUTE, context));
  PARLEY_RETURN_IF_ERROR(RequirePursued(objective));
  if (request.rank() < 1 || request.rank() > 5) return InvalidField("rank", "must be 1 to 5");
  ObjectiveEvent event;
  event.mutable_ranked()->set_party_id(context.actor().party);
  event.mutable_ranked()->set_rank(request.rank());
  return Events(role).Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Objective& objective, const v1::EndorseObjectiveRequest&, const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role, RequireAccess(v1::PERMISSION_SIGN, context));
  PARLEY_RETURN_IF_ERROR(RequirePursued(objective));
  if (IsEndorsedBy(objective, context.actor().party)) {
    return Reject(v1::REASON_WRONG_STATE, "the party endorsed the objective before");
  }
  ObjectiveEvent event;
  event.mutable_endorsed()->set_party_id(context.actor().party);
  return Events(role).Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Objective& objective, const v1::RetireObjectiveRequest& request,
                              const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role, context.RequireFor(objective.stated_by_party(), v1::PERMISSION_SIGN));
  PARLEY_RETURN_IF_ERROR(RequirePursued(objective));
  if (request.reason().empty()) return InvalidField("reason", "must be given");
  // Once another party stands behind it, no party gives it up alone.
  const bool shared = std::any_of(objective.endorsements().begin(), objective.endorsements().end(),
                                  [&](const auto& e) { return e.party_id() != objective.stated_by_party(); });
  if (shared || !request.decision().empty()) PARLEY_RETURN_IF_ERROR(context.RequireDecided(request.decision()));
  ObjectiveEvent event;
  event.mutable_retired()->set_reason(request.reason());
  event.mutable_retired()->set_decision(request.decision());
  return Events(role).Emit(context.target(), std::move(event));
}

void Evolve(Objective& objective, const ObjectiveEvent& event, const EventInfo& info) {
  const auto time = ToProto(info.effective_at);
  switch (event.kind_case()) {
    case ObjectiveEvent::kStated:
      objective.set_state(v1::OBJECTIVE_STATE_STATED);
      objective.set_title(event.stated().title());
      objective.set_description(event.stated().description());
      objective.set_stated_by(info.actor);
      objective.set_stated_by_party(info.party);
      *objective.mutable_state_time() = time;
      return;
    case ObjectiveEvent::kRanked: {
      auto& ranking = RankingOf(objective, event.ranked().party_id());
      ranking.set_rank(event.ranked().rank());
      ranking.set_principal(info.actor);
      *ranking.mutable_time() = time;
      ranking.set_times_ranked(ranking.times_ranked() + 1);
      return;
    }
    case ObjectiveEvent::kEndorsed: {
      auto* endorsement = objective.add_endorsements();
      endorsement->set_party_id(event.endorsed().party_id());
      endorsement->set_principal(info.actor);
      *endorsement->mutable_time() = time;
      return;
    }
    case ObjectiveEvent::kRetired:
      objective.set_state(v1::OBJECTIVE_STATE_RETIRED);
      objective.set_retire_reason(event.retired().reason());
      objective.set_retire_decision(event.retired().decision());
      *objective.mutable_retire_time() = time;
      return;
    case ObjectiveEvent::KIND_NOT_SET:
      return;  // Poison: DecodeEvent never lets it through.
  }
}

}  // namespace parley
