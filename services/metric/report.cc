// What a metric showed: reported once per version and period, corrected while the period is open, adjusted afterwards.
#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "services/metric/metric.h"
#include "services/metric/metric_checks.h"
#include "services/metric/metric_state.h"
#include "services/metric/rating.h"

namespace parley {
namespace {

using v1::Metric;
using v1::MetricEvent;

// A correction of a closed period: leaves it as it is and stands in a later one.
absl::StatusOr<Events> Adjust(const Metric& metric, const PeriodRef& ref, const v1::CorrectMetricRequest& request,
                              const std::string& role, const Context& context) {
  if (ref.state->state() != v1::METRIC_PERIOD_STATE_CLOSED) {
    return InvalidField("adjustment_period", "must be empty: the period is open and can be corrected");
  }
  const auto* in_force = FindVersion(metric, metric.version_in_force());
  PARLEY_ASSIGN_OR_RETURN(const Period carrier, ParsePeriod(in_force->definition().period_kind(),
                                                            request.adjustment_period(), "adjustment_period"));
  if (carrier.start() < ref.period.end()) {
    return InvalidField("adjustment_period", "must come after the period that is corrected");
  }
  PARLEY_RETURN_IF_ERROR(context.RequireNotBefore(carrier.start(), "the start of the period that carries it"));
  const auto* carrying = FindPeriod(metric, in_force->version(), request.adjustment_period());
  if (carrying != nullptr && carrying->state() == v1::METRIC_PERIOD_STATE_CLOSED) {
    return Reject(v1::REASON_PERIOD_CLOSED, "the period that should carry the adjustment is closed too")
        .With("period", request.adjustment_period());
  }
  MetricEvent event;
  auto& adjustment = *event.mutable_adjustment_recorded();
  adjustment.set_period(request.adjustment_period());
  adjustment.set_version(in_force->version());
  adjustment.set_corrects_period(ref.id);
  adjustment.set_corrects_version(ref.version->version());
  const auto* live = LiveValue(*ref.state);
  const auto* earlier = LatestAdjustment(metric, ref.version->version(), ref.id);
  if (live != nullptr) *adjustment.mutable_prior() = live->measurement();
  if (earlier != nullptr) *adjustment.mutable_prior() = earlier->measurement();
  *adjustment.mutable_measurement() = request.measurement();
  *adjustment.mutable_inputs() = InputsOf(request.measurement(), ref.version->definition());
  *adjustment.mutable_rating() = Rate(adjustment.inputs());
  adjustment.set_reason(request.reason());
  return Events(role).Emit(context.target(), std::move(event));
}

// Nobody falls back on a definition that both parties had replaced before the period began.
absl::Status RequireNotReplaced(const PeriodRef& ref) {
  if (!ref.version->has_await_until() || ref.period.start() < FromProto(ref.version->await_until())) {
    return absl::OkStatus();
  }
  return Reject(v1::REASON_DEFINITION_NOT_EFFECTIVE, "a later definition had taken effect before the period began")
      .With("version", std::to_string(ref.version->version()));
}

}  // namespace

absl::StatusOr<Events> Decide(const Metric& metric, const v1::ReportMetricRequest& request, const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role, context.Require(v1::PERMISSION_CONTRIBUTE));
  PARLEY_ASSIGN_OR_RETURN(const PeriodRef ref, FindPeriodRef(metric, request.version(), request.period()));
  PARLEY_RETURN_IF_ERROR(CheckMeasurement(request.measurement()));
  PARLEY_RETURN_IF_ERROR(context.RequireNotBefore(ref.period.end(), "the end of the period"));
  PARLEY_RETURN_IF_ERROR(RequireNotReplaced(ref));
  if (ref.state != nullptr && ref.state->has_reported() && ref.state->state() != v1::METRIC_PERIOD_STATE_CLOSED) {
    return Reject(v1::REASON_ALREADY_EXISTS, "the period was reported; correct or contest it").With("period", ref.id);
  }
  if (ref.state != nullptr) PARLEY_RETURN_IF_ERROR(RequirePeriodState(ref, v1::METRIC_PERIOD_STATE_MISSING));
  MetricEvent event;
  auto& reported = *event.mutable_reported();
  reported.set_version(ref.version->version());
  reported.set_period(ref.id);
  *reported.mutable_measurement() = request.measurement();
  reported.set_late(ref.state != nullptr);
  return Events(role)
      .Emit(context.target(), std::move(event))
      .Emit(context.target(), RatedEvent(ref, request.measurement()));
}

absl::StatusOr<Events> Decide(const Metric& metric, const v1::CorrectMetricRequest& request, const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role, context.Require(v1::PERMISSION_CONTRIBUTE));
  PARLEY_ASSIGN_OR_RETURN(const PeriodRef ref, FindPeriodRef(metric, request.version(), request.period()));
  PARLEY_RETURN_IF_ERROR(CheckMeasurement(request.measurement()));
  if (request.reason().empty()) return InvalidField("reason", "must be given");
  // A closed period that was never reported has no reporter: whoever has the number may bring it in.
  if (ref.state != nullptr && ref.state->has_reported()) {
    PARLEY_RETURN_IF_ERROR(context.RequireFor(ref.state->reported().party_id(), v1::PERMISSION_CONTRIBUTE).status());
  }
  if (ref.state != nullptr && !request.adjustment_period().empty()) return Adjust(metric, ref, request, role, context);
  PARLEY_RETURN_IF_ERROR(RequirePeriodState(ref, v1::METRIC_PERIOD_STATE_REPORTED));
  MetricEvent event;
  auto& corrected = *event.mutable_corrected();
  corrected.set_version(ref.version->version());
  corrected.set_period(ref.id);
  *corrected.mutable_prior() = ref.state->reported().measurement();
  *corrected.mutable_measurement() = request.measurement();
  corrected.set_reason(request.reason());
  return Events(role)
      .Emit(context.target(), std::move(event))
      .Emit(context.target(), RatedEvent(ref, request.measurement()));
}

absl::StatusOr<Events> Decide(const Metric& metric, const v1::SurveyMetricPerceptionRequest& request,
                              const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role, context.Require(v1::PERMISSION_CONTRIBUTE));
  const auto* version = FindVersion(metric, metric.version_in_force());
  if (version == nullptr) return Reject(v1::REASON_DEFINITION_NOT_EFFECTIVE, "no definition was agreed yet");
  PARLEY_ASSIGN_OR_RETURN(const Period period,
                          ParsePeriod(version->definition().period_kind(), request.period(), "period"));
  PARLEY_RETURN_IF_ERROR(context.RequireNotBefore(period.start(), "the start of the period"));
  if (request.score() < 1 || request.score() > 5) return InvalidField("score", "must be 1 to 5");
  MetricEvent event;
  auto& surveyed = *event.mutable_perception_surveyed();
  surveyed.set_period(request.period());
  surveyed.set_party_id(context.actor().party);
  surveyed.set_score(request.score());
  return Events(role).Emit(context.target(), std::move(event));
}

std::vector<Deadline> Deadlines(const Metric& metric) {
  std::vector<Deadline> deadlines;
  for (const auto& version : metric.versions()) {
    if (version.awaited_period().empty()) continue;
    const auto period = Period::Parse(version.awaited_period());
    if (!period) continue;
    deadlines.push_back({.due = period->end() + FromProto(version.report_window()),
                         .kind = "report",
                         .occurrence = version.awaited_period()});
  }
  return deadlines;
}

absl::StatusOr<Events> Expire(const Metric& metric, const Deadline& deadline, const Context& context) {
  const auto& relationship = context.relationship();
  Events events;
  for (const auto& version : metric.versions()) {
    if (version.awaited_period() != deadline.occurrence) continue;
    const auto period = Period::Parse(version.awaited_period());
    MetricEvent event;
    if (relationship.has_exit_time() && period && period->end() > FromProto(relationship.exit_time())) {
      event.mutable_reports_no_longer_awaited()->set_version(version.version());
      event.mutable_reports_no_longer_awaited()->set_period(deadline.occurrence);
    } else {
      event.mutable_report_missing()->set_version(version.version());
      event.mutable_report_missing()->set_period(deadline.occurrence);
      *event.mutable_report_missing()->mutable_due_time() = ToProto(deadline.due);
    }
    events.Emit(context.target(), std::move(event));
  }
  return events;
}

}  // namespace parley
