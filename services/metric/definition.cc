// What a metric means: proposed by one, agreed by all, linked to what it is for.
#include <algorithm>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/resource_name.h"
#include "eventstore/base/status.h"
#include "parley/v1/objective.pb.h"
#include "services/metric/metric.h"
#include "services/metric/metric_state.h"
#include "services/metric/period.h"
#include "services/metric/rating.h"
#include "services/objective/objective.h"
#include "services/relationship/parties.h"
#include "services/relationship/relationship.h"

namespace parley {
namespace {

using v1::Metric;
using v1::MetricEvent;

constexpr int32_t kMaxWeight = 1'000'000;

absl::Status CheckLevel(const v1::MetricLevel& level, const std::string& field) {
  if (level.level_case() == v1::MetricLevel::LEVEL_NOT_SET) return InvalidField(field, "must be given");
  if (level.has_fraction() && level.fraction().denominator() <= 0) {
    return InvalidField(field + ".fraction.denominator", "must be positive");
  }
  return absl::OkStatus();
}

absl::Status CheckDefinition(const v1::MetricDefinition& definition) {
  if (definition.display_name().empty()) return InvalidField("definition.display_name", "must be given");
  if (definition.formula().empty()) return InvalidField("definition.formula", "must be given");
  if (definition.unit().empty()) return InvalidField("definition.unit", "must be given");
  if (definition.source().empty()) return InvalidField("definition.source", "must be given");
  if (!v1::PeriodKind_IsValid(definition.period_kind()) || definition.period_kind() == v1::PERIOD_KIND_UNSPECIFIED) {
    return InvalidField("definition.period_kind", "must be given");
  }
  if (!v1::MetricDirection_IsValid(definition.direction()) ||
      definition.direction() == v1::METRIC_DIRECTION_UNSPECIFIED) {
    return InvalidField("definition.direction", "must be given");
  }
  PARLEY_RETURN_IF_ERROR(CheckLevel(definition.expected(), "definition.expected"));
  PARLEY_RETURN_IF_ERROR(CheckLevel(definition.target(), "definition.target"));
  if (!IsAtLeast(definition.target(), definition.expected(), definition.direction())) {
    return InvalidField("definition.target", "must be at least as good as the expected level");
  }
  if (definition.ease() < 1 || definition.ease() > 5) return InvalidField("definition.ease", "must be 1 to 5");
  if (definition.weight() < 0 || definition.weight() > kMaxWeight) {
    return InvalidField("definition.weight", "must be 0 to 1,000,000");
  }
  return absl::OkStatus();
}

absl::StatusOr<Events> Propose(int32_t version, const v1::MetricDefinition& definition, const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role, context.Require(v1::PERMISSION_CONTRIBUTE));
  PARLEY_RETURN_IF_ERROR(RequireNotEnded(context.relationship()));
  PARLEY_RETURN_IF_ERROR(context.BindingCharter().status());
  PARLEY_RETURN_IF_ERROR(CheckDefinition(definition));
  MetricEvent event;
  event.mutable_definition_proposed()->set_version(version);
  *event.mutable_definition_proposed()->mutable_definition() = definition;
  return Events(role).Emit(context.target(), std::move(event));
}

bool AgreedBy(const v1::MetricDefinitionVersion& version, std::string_view party) {
  return std::any_of(version.agreements().begin(), version.agreements().end(),
                     [&](const v1::MetricDefinitionAgreement& agreement) { return agreement.party_id() == party; });
}

// From now on reports are awaited: of the period that runs, and of all after it. An imported agreement starts nothing.
absl::Status AwaitReports(MetricEvent::DefinitionAgreed& agreed, v1::PeriodKind kind, const Context& context) {
  if (!context.StartsTimers()) return absl::OkStatus();
  PARLEY_ASSIGN_OR_RETURN(const v1::Charter* charter, context.BindingCharter());
  const auto& version = context.relationship().charters(context.relationship().charter_in_force() - 1);
  PARLEY_RETURN_IF_ERROR(context.RequireNotBefore(FromProto(version.bind_time()), "the charter in force"));
  *agreed.mutable_report_window() = charter->report_window();
  agreed.set_first_awaited_period(Period::Containing(kind, context.now()).id());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Events> Decide(const Metric&, const v1::ProposeMetricRequest& request, const Context& context) {
  return Propose(1, request.definition(), context);
}

absl::StatusOr<Events> Decide(const Metric& metric, const v1::ProposeMetricDefinitionRequest& request,
                              const Context& context) {
  return Propose(metric.versions_size() + 1, request.definition(), context);
}

absl::StatusOr<Events> Decide(const Metric& metric, const v1::AgreeToMetricDefinitionRequest& request,
                              const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role, context.Require(v1::PERMISSION_SIGN));
  const std::string& party = context.actor().party;
  PARLEY_RETURN_IF_ERROR(RequireContractingParty(context.relationship(), party));
  PARLEY_RETURN_IF_ERROR(RequireNotEnded(context.relationship()));
  const auto* version = FindVersion(metric, request.version());
  if (version == nullptr) return Reject(v1::REASON_NOT_FOUND, "no such version of the definition");
  if (request.version() != metric.versions_size()) {
    return Reject(v1::REASON_WRONG_STATE, "a later version has been proposed")
        .With("latest", std::to_string(metric.versions_size()));
  }
  if (version->has_effect_time()) return Reject(v1::REASON_WRONG_STATE, "the version is in force");
  if (AgreedBy(*version, party)) return Reject(v1::REASON_WRONG_STATE, "the party agreed to this version before");

  const auto parties = ContractingParties(context.relationship());
  MetricEvent event;
  auto& agreed = *event.mutable_definition_agreed();
  agreed.set_version(request.version());
  agreed.set_party_id(party);
  agreed.set_effective(std::all_of(parties.begin(), parties.end(), [&](std::string_view other) {
    return other == party || AgreedBy(*version, other);
  }));
  if (agreed.effective()) {
    agreed.set_supersedes(metric.version_in_force());
    PARLEY_RETURN_IF_ERROR(AwaitReports(agreed, version->definition().period_kind(), context));
  }
  return Events(role).Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Metric&, const v1::LinkMetricToObjectiveRequest& request, const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role, context.Require(v1::PERMISSION_CONTRIBUTE));
  if (request.strength() < 1 || request.strength() > 5) return InvalidField("strength", "must be 1 to 5");
  const auto* objective = context.ledger().Find<v1::Objective>(request.objective());
  // Joint deciders see joint streams only: a party's draft is not there for them.
  const bool joint = ResourceName::Parse(request.objective()).value_or(ResourceName{}).owner.empty();
  if (objective == nullptr || !joint || objective->state() != v1::OBJECTIVE_STATE_STATED) {
    return Reject(v1::REASON_CITATION_INVALID, "no such joint objective, or it was retired")
        .With("objective", request.objective());
  }
  // What matters is settled before how it is measured.
  for (const std::string_view party : ContractingParties(context.relationship())) {
    if (!IsRankedBy(*objective, party)) {
      return Reject(v1::REASON_CITATION_INVALID, "every buyer and provider ranks an objective before it is measured")
          .With("objective", request.objective())
          .With("party", party);
    }
  }
  PARLEY_RETURN_IF_ERROR(context.RequireNotBefore(FromProto(objective->state_time()), request.objective()));
  MetricEvent event;
  event.mutable_linked_to_objective()->set_objective(request.objective());
  event.mutable_linked_to_objective()->set_strength(request.strength());
  return Events(role).Emit(context.target(), std::move(event));
}

}  // namespace parley
