#include "services/metric/metric_state.h"

#include <algorithm>

#include "eventstore/base/proto_util.h"
#include "services/metric/period.h"

namespace parley {
namespace {

using v1::Metric;
using v1::MetricDefinitionVersion;
using v1::MetricPeriod;

bool Before(const MetricPeriod& a, int32_t version, std::string_view period) {
  return a.version() != version ? a.version() < version : a.period() < period;
}

// Index of the first period that does not come before.
int LowerBound(const Metric& metric, int32_t version, std::string_view period) {
  const int size = metric.periods_size();
  if (size == 0 || Before(metric.periods(size - 1), version, period)) return size;
  const auto it = std::partition_point(metric.periods().begin(), metric.periods().end(),
                                       [&](const MetricPeriod& other) { return Before(other, version, period); });
  return static_cast<int>(it - metric.periods().begin());
}

bool IsAt(const Metric& metric, int index, int32_t version, std::string_view period) {
  return index < metric.periods_size() && metric.periods(index).version() == version &&
         metric.periods(index).period() == period;
}

bool Awaits(const MetricDefinitionVersion& version, std::string_view period) {
  if (version.awaited_period().empty()) return false;
  const auto asked = Period::Parse(period);
  const auto awaited = Period::Parse(version.awaited_period());
  if (!asked || !awaited || asked->kind() != awaited->kind() || asked->start() < awaited->start()) return false;
  return !version.has_await_until() || asked->end() <= FromProto(version.await_until());
}

}  // namespace

const MetricDefinitionVersion* FindVersion(const Metric& metric, int32_t version) {
  return version < 1 || version > metric.versions_size() ? nullptr : &metric.versions(version - 1);
}

MetricDefinitionVersion* FindVersion(Metric& metric, int32_t version) {
  return version < 1 || version > metric.versions_size() ? nullptr : metric.mutable_versions(version - 1);
}

const MetricPeriod* FindPeriod(const Metric& metric, int32_t version, std::string_view period) {
  const int index = LowerBound(metric, version, period);
  return IsAt(metric, index, version, period) ? &metric.periods(index) : nullptr;
}

MetricPeriod& PeriodAt(Metric& metric, int32_t version, std::string_view period) {
  const int index = LowerBound(metric, version, period);
  if (IsAt(metric, index, version, period)) return *metric.mutable_periods(index);
  auto* added = metric.add_periods();
  added->set_version(version);
  added->set_period(std::string(period));
  for (int i = metric.periods_size() - 1; i > index; --i) metric.mutable_periods()->SwapElements(i, i - 1);
  return *metric.mutable_periods(index);
}

int32_t VersionFor(const Metric& metric, std::string_view period) {
  const int32_t in_force = metric.version_in_force();
  if (in_force <= 1 || FindPeriod(metric, in_force, period) != nullptr) return in_force;
  for (int32_t version = in_force - 1; version >= 1; --version) {
    if (FindPeriod(metric, version, period) != nullptr || Awaits(metric.versions(version - 1), period)) return version;
  }
  return in_force;
}

const v1::MetricValue* LiveValue(const MetricPeriod& period) {
  if (period.has_settled()) return &period.settled();
  return period.has_reported() ? &period.reported() : nullptr;
}

const v1::MetricAdjustment* LatestAdjustment(const Metric& metric, int32_t version, std::string_view period) {
  for (int i = metric.adjustments_size() - 1; i >= 0; --i) {
    const auto& adjustment = metric.adjustments(i);
    if (adjustment.corrects_version() == version && adjustment.corrects_period() == period) return &adjustment;
  }
  return nullptr;
}

void AdvanceAwaited(Metric& metric, MetricDefinitionVersion& version) {
  if (version.awaited_period().empty()) return;
  auto awaited = Period::Parse(version.awaited_period());
  while (awaited && FindPeriod(metric, version.version(), awaited->id()) != nullptr) awaited = awaited->Next();
  const bool over = !awaited || (version.has_await_until() && awaited->end() > FromProto(version.await_until()));
  version.set_awaited_period(over ? "" : awaited->id());
}

}  // namespace parley
