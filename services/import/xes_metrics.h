// Monthly metric reports from an event log, as a mapping defines them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "services/import/xes_mapping.h"
#include "services/import/xes_reader.h"

namespace parley {

// A case's events in time order: by time, and by place in the file where times are equal.
std::vector<const XesEvent*> InTimeOrder(const XesTrace& trace);

// One metric in one month (UTC). A month in which no case was resolved has no report: that is unknown, not a pass.
struct MonthlyReport {
  std::string metric_id;
  absl::CivilMonth month;
  int64_t denominator = 0;              // Cases resolved in the month.
  int64_t numerator_raw = 0;            // Of these: resolved within the time, by the calendar.
  int64_t numerator_clock_stopped = 0;  // The same without the time spent in waiting statuses; never less than raw.
};

// Folds cases, in any order, into reports. A case is resolved at the first of its last events, if these have resolved
// statuses: reopening it takes an earlier resolution back. Its clock starts at its first event.
class MonthlyMetrics {
 public:
  explicit MonthlyMetrics(const XesMapping& mapping) : mapping_(mapping) {}

  void Add(const XesTrace& trace);

  // By metric, in the mapping's order, then by month.
  std::vector<MonthlyReport> Reports() const;
  // Cases that never were, or no longer are, resolved: in no report. By metric, in the mapping's order.
  const std::map<size_t, int64_t>& unresolved() const { return unresolved_; }

 private:
  const XesMapping mapping_;
  std::map<std::pair<size_t, absl::CivilMonth>, MonthlyReport> reports_;
  std::map<size_t, int64_t> unresolved_;
};

}  // namespace parley
