// What several of the metric's rules ask alike.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "parley/v1/metric.pb.h"
#include "services/metric/period.h"

namespace parley {

// One period under one version, as a command names it.
struct PeriodRef {
  const v1::MetricDefinitionVersion* version = nullptr;
  Period period;
  std::string id;
  const v1::MetricPeriod* state = nullptr;  // Null: nothing is recorded of it.
};

// DEFINITION_NOT_EFFECTIVE where the version (0: see VersionFor) never took effect; FIELD_INVALID where `period` is no
// period of its kind.
absl::StatusOr<PeriodRef> FindPeriodRef(const v1::Metric& metric, int32_t version, const std::string& period);

// FIELD_INVALID unless `period` is one of `kind`.
absl::StatusOr<Period> ParsePeriod(v1::PeriodKind kind, const std::string& period, const std::string& field);

// Denominators not negative, no clock-stopped value without the raw one, evidence whole or not at all.
absl::Status CheckMeasurement(const v1::Measurement& measurement);

// Refuses, with the reason that fits, unless something is recorded of the period and its state is `wanted`.
absl::Status RequirePeriodState(const PeriodRef& ref, v1::MetricPeriodState wanted);

// The event that goes with every new live value.
v1::MetricEvent RatedEvent(const PeriodRef& ref, const v1::Measurement& measurement);

}  // namespace parley
