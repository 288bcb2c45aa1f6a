#include "services/metric/metric_checks.h"

#include "eventstore/base/status.h"
#include "services/metric/metric_state.h"
#include "services/metric/rating.h"

namespace parley {
namespace {

constexpr size_t kSha256Bytes = 32;

}  // namespace

absl::StatusOr<Period> ParsePeriod(v1::PeriodKind kind, const std::string& period, const std::string& field) {
  const auto parsed = Period::Parse(period);
  if (!parsed) return InvalidField(field, "must be 2026-03-05, 2026-W10, 2026-03 or 2026-Q1");
  if (parsed->kind() != kind) {
    return InvalidField(field, "must be a period of the definition's kind, " + v1::PeriodKind_Name(kind));
  }
  return *parsed;
}

absl::StatusOr<PeriodRef> FindPeriodRef(const v1::Metric& metric, int32_t version, const std::string& period) {
  const int32_t number = version == 0 ? VersionFor(metric, period) : version;
  const auto* found = FindVersion(metric, number);
  if (found == nullptr || !found->has_effect_time()) {
    return Reject(v1::REASON_DEFINITION_NOT_EFFECTIVE, "not every buyer and provider agreed to this definition")
        .With("version", std::to_string(number));
  }
  PARLEY_ASSIGN_OR_RETURN(const Period parsed, ParsePeriod(found->definition().period_kind(), period, "period"));
  return PeriodRef{found, parsed, period, FindPeriod(metric, number, period)};
}

absl::Status CheckMeasurement(const v1::Measurement& measurement) {
  if (measurement.raw().denominator() < 0) return InvalidField("measurement.raw.denominator", "must not be negative");
  if (measurement.clock_stopped().denominator() < 0) {
    return InvalidField("measurement.clock_stopped.denominator", "must not be negative");
  }
  if (measurement.has_clock_stopped() && !measurement.has_raw()) {
    return InvalidField("measurement.raw", "must stand beside the clock-stopped value");
  }
  if (measurement.has_evidence()) {
    if (measurement.evidence().sha256().size() != kSha256Bytes) {
      return InvalidField("measurement.evidence.sha256", "must be 32 bytes");
    }
    if (measurement.evidence().uri().empty()) return InvalidField("measurement.evidence.uri", "must be given");
  }
  return absl::OkStatus();
}

absl::Status RequirePeriodState(const PeriodRef& ref, v1::MetricPeriodState wanted) {
  const auto state = ref.state ? ref.state->state() : v1::METRIC_PERIOD_STATE_UNSPECIFIED;
  if (state == wanted) return absl::OkStatus();
  if (state == v1::METRIC_PERIOD_STATE_CLOSED) {
    return Reject(v1::REASON_PERIOD_CLOSED, "the period is closed").With("period", ref.id);
  }
  if (state == v1::METRIC_PERIOD_STATE_CONTESTED) {
    return Reject(v1::REASON_VALUE_CONTESTED, "the period's value is contested").With("period", ref.id);
  }
  return Reject(v1::REASON_WRONG_STATE, "the period's state does not allow this")
      .With("period", ref.id)
      .With("state", v1::MetricPeriodState_Name(state));
}

v1::MetricEvent RatedEvent(const PeriodRef& ref, const v1::Measurement& measurement) {
  const auto* live = ref.state ? LiveValue(*ref.state) : nullptr;
  v1::MetricEvent event;
  auto& rated = *event.mutable_rated();
  rated.set_version(ref.version->version());
  rated.set_period(ref.id);
  rated.set_revision(live ? live->revision() + 1 : 1);
  *rated.mutable_inputs() = InputsOf(measurement, ref.version->definition());
  *rated.mutable_rating() = Rate(rated.inputs());
  return event;
}

}  // namespace parley
