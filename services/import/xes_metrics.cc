#include "services/import/xes_metrics.h"

#include <algorithm>

#include "absl/time/time.h"

namespace parley {

std::vector<const XesEvent*> InTimeOrder(const XesTrace& trace) {
  std::vector<const XesEvent*> events;
  events.reserve(trace.events.size());
  for (const XesEvent& event : trace.events) events.push_back(&event);
  std::stable_sort(events.begin(), events.end(),
                   [](const XesEvent* a, const XesEvent* b) { return a->time < b->time; });
  return events;
}

void MonthlyMetrics::Add(const XesTrace& trace) {
  const std::vector<const XesEvent*> events = InTimeOrder(trace);
  for (size_t m = 0; m < mapping_.metrics.size(); ++m) {
    const XesMetric& metric = mapping_.metrics[m];
    size_t resolved = events.size();
    while (resolved > 0 && metric.resolved.contains(events[resolved - 1]->Value(mapping_.status))) --resolved;
    if (resolved == events.size()) {
      unresolved_[m] += 1;
      continue;
    }
    absl::Duration waited;
    for (size_t i = 0; i < resolved; ++i) {
      if (mapping_.IsWaiting(*events[i])) waited += events[i + 1]->time - events[i]->time;
    }
    const absl::Time at = events[resolved]->time;
    const absl::Duration took = at - events.front()->time;
    const absl::Duration limit = absl::Hours(metric.within_hours);
    const absl::CivilMonth month = absl::ToCivilMonth(at, absl::UTCTimeZone());
    MonthlyReport& report = reports_[{m, month}];
    report.metric_id = metric.id;
    report.month = month;
    report.denominator += 1;
    report.numerator_raw += took <= limit ? 1 : 0;
    report.numerator_clock_stopped += took - waited <= limit ? 1 : 0;
  }
}

std::vector<MonthlyReport> MonthlyMetrics::Reports() const {
  std::vector<MonthlyReport> reports;
  for (const auto& [key, report] : reports_) reports.push_back(report);
  return reports;
}

}  // namespace parley
