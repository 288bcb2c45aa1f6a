// Finding one's way in a metric: versions, periods, what is live, which reports are awaited.
#pragma once

#include <string_view>

#include "absl/time/time.h"
#include "parley/v1/metric.pb.h"

namespace parley {

// Null where there is no such version.
const v1::MetricDefinitionVersion* FindVersion(const v1::Metric& metric, int32_t version);
v1::MetricDefinitionVersion* FindVersion(v1::Metric& metric, int32_t version);

// Null where the ledger holds nothing of the period. At once for the latest period, O(log periods) for others.
const v1::MetricPeriod* FindPeriod(const v1::Metric& metric, int32_t version, std::string_view period);
// The same, made where it is not there. Amortised at once for periods in order, O(later periods) for a belated one.
v1::MetricPeriod& PeriodAt(v1::Metric& metric, int32_t version, std::string_view period);

// The version that a command on `period` is about where it names none: the one in force, unless an earlier one holds
// the period or awaits it and the one in force does not.
int32_t VersionFor(const v1::Metric& metric, std::string_view period);

// The live value: as settled, or else as reported. Null: there is none.
const v1::MetricValue* LiveValue(const v1::MetricPeriod& period);

// The latest adjustment of a closed period; null where there is none.
const v1::MetricAdjustment* LatestAdjustment(const v1::Metric& metric, int32_t version, std::string_view period);

// Moves `version`'s awaited period past those that are reported or recorded as missing, and ends the waiting at the
// version's end.
void AdvanceAwaited(v1::Metric& metric, v1::MetricDefinitionVersion& version);

}  // namespace parley
