// When a value is not accepted: contested by another party, settled by both, and closed once it is beyond doubt.
#include "eventstore/base/status.h"
#include "services/metric/metric.h"
#include "services/metric/metric_checks.h"
#include "services/metric/metric_state.h"
#include "services/relationship/parties.h"

namespace parley {
namespace {

using v1::Metric;
using v1::MetricEvent;

// A settlement is between the party that reported and the one that contested; nobody signs for them.
absl::Status RequirePartyToContest(const v1::MetricPeriod& period, const std::string& party) {
  if (party == period.reported().party_id() || party == period.contest().party_id()) return absl::OkStatus();
  return Reject(v1::REASON_NOT_YOUR_PARTY, "only the reporting and the contesting party settle a contest")
      .With("party", party);
}

// A period with no contest to settle is in the wrong state for it, whichever other state it is in.
absl::Status RequireContested(const PeriodRef& ref) {
  if (ref.state != nullptr && ref.state->state() == v1::METRIC_PERIOD_STATE_CLOSED) {
    return RequirePeriodState(ref, v1::METRIC_PERIOD_STATE_CONTESTED);
  }
  if (ref.state != nullptr && ref.state->state() == v1::METRIC_PERIOD_STATE_CONTESTED) return absl::OkStatus();
  return Reject(v1::REASON_WRONG_STATE, "no contest is open").With("period", ref.id);
}

}  // namespace

absl::StatusOr<Events> Decide(const Metric& metric, const v1::ContestMetricRequest& request, const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role, context.Require(v1::PERMISSION_CONTRIBUTE));
  PARLEY_RETURN_IF_ERROR(RequireContractingParty(context.relationship(), context.actor().party));
  PARLEY_ASSIGN_OR_RETURN(const PeriodRef ref, FindPeriodRef(metric, request.version(), request.period()));
  PARLEY_RETURN_IF_ERROR(RequirePeriodState(ref, v1::METRIC_PERIOD_STATE_REPORTED));
  if (context.actor().party == ref.state->reported().party_id()) {
    return Reject(v1::REASON_NOT_YOUR_PARTY, "the party that reported corrects; another one contests")
        .With("party", context.actor().party);
  }
  if (request.grounds().empty()) return InvalidField("grounds", "must be given");
  MetricEvent event;
  auto& contested = *event.mutable_contested();
  contested.set_version(ref.version->version());
  contested.set_period(ref.id);
  contested.set_grounds(request.grounds());
  return Events(role).Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Metric& metric, const v1::ProposeMetricSettlementRequest& request,
                              const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role, context.Require(v1::PERMISSION_SIGN));
  PARLEY_ASSIGN_OR_RETURN(const PeriodRef ref, FindPeriodRef(metric, request.version(), request.period()));
  PARLEY_RETURN_IF_ERROR(RequireContested(ref));
  PARLEY_RETURN_IF_ERROR(RequirePartyToContest(*ref.state, context.actor().party));
  PARLEY_RETURN_IF_ERROR(CheckMeasurement(request.measurement()));
  MetricEvent event;
  auto& proposed = *event.mutable_contest_settlement_proposed();
  proposed.set_version(ref.version->version());
  proposed.set_period(ref.id);
  proposed.set_settlement(ref.state->contest().settlement().settlement() + 1);
  *proposed.mutable_measurement() = request.measurement();
  proposed.set_rationale(request.rationale());
  return Events(role).Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Decide(const Metric& metric, const v1::AgreeToMetricSettlementRequest& request,
                              const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role, context.Require(v1::PERMISSION_SIGN));
  PARLEY_ASSIGN_OR_RETURN(const PeriodRef ref, FindPeriodRef(metric, request.version(), request.period()));
  PARLEY_RETURN_IF_ERROR(RequireContested(ref));
  PARLEY_RETURN_IF_ERROR(RequirePartyToContest(*ref.state, context.actor().party));
  const auto& latest = ref.state->contest().settlement();
  if (latest.settlement() == 0) return Reject(v1::REASON_WRONG_STATE, "no settlement was proposed yet");
  if (request.settlement() != latest.settlement()) {
    return Reject(v1::REASON_WRONG_STATE, "only the latest proposal can be agreed to")
        .With("latest", std::to_string(latest.settlement()));
  }
  if (latest.party_id() == context.actor().party) {
    return Reject(v1::REASON_NOT_YOUR_PARTY, "the other party agrees to a proposal").With("party", latest.party_id());
  }
  MetricEvent event;
  auto& settled = *event.mutable_contest_settled();
  settled.set_version(ref.version->version());
  settled.set_period(ref.id);
  settled.set_settlement(latest.settlement());
  *settled.mutable_measurement() = latest.measurement();
  return Events(role)
      .Emit(context.target(), std::move(event))
      .Emit(context.target(), RatedEvent(ref, latest.measurement()));
}

absl::StatusOr<Events> Decide(const Metric& metric, const v1::CloseMetricPeriodRequest& request,
                              const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role, context.Require(v1::PERMISSION_SIGN));
  const std::string& party = context.actor().party;
  PARLEY_RETURN_IF_ERROR(RequireContractingParty(context.relationship(), party));
  PARLEY_ASSIGN_OR_RETURN(const PeriodRef ref, FindPeriodRef(metric, request.version(), request.period()));
  const auto state = ref.state ? ref.state->state() : v1::METRIC_PERIOD_STATE_UNSPECIFIED;
  if (state != v1::METRIC_PERIOD_STATE_MISSING && state != v1::METRIC_PERIOD_STATE_SETTLED) {
    PARLEY_RETURN_IF_ERROR(RequirePeriodState(ref, v1::METRIC_PERIOD_STATE_REPORTED));
    // To close is to accept: whoever reported would only accept itself, and cut the other's contest off.
    if (party == ref.state->reported().party_id()) {
      return Reject(v1::REASON_NOT_YOUR_PARTY, "a party other than the one that reported closes").With("party", party);
    }
  }
  MetricEvent event;
  event.mutable_period_closed()->set_version(ref.version->version());
  event.mutable_period_closed()->set_period(ref.id);
  return Events(role).Emit(context.target(), std::move(event));
}

}  // namespace parley
