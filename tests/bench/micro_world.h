// A ledger in memory for microbenchmarks: chartered, with one metric whose days are reported.
#pragma once

#include <optional>
#include <vector>

#include "tests/support/metric_fixtures.h"

namespace parley::bench {

inline constexpr int kReportedPeriods = 100;

// relationships/acme with m1 by month, in force, and reports of as many months before today: a metric in the middle of its life.
const test::World& ReportedWorld();
// The report of the month before all those.
v1::ReportMetricRequest NextReport();
// The entries of the latest report: reported and rated.
std::vector<Entry> LatestReport();

}  // namespace parley::bench
