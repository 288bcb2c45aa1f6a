#include "tests/bench/micro_world.h"

#include <cstdlib>
#include <iostream>

#include "services/metric/metric.h"

namespace parley::bench {
namespace {

std::string MonthBack(int n) {
  const absl::CivilMonth month = absl::ToCivilMonth(test::Epoch(), absl::UTCTimeZone()) - 1 - n;
  return absl::FormatCivilTime(month);
}

}  // namespace

const test::World& ReportedWorld() {
  // Never taken down: that would decide all of it again.
  static const test::World& world = *[] {
    auto* made = new test::World();
    test::Chartered(*made);
    test::Agreed(*made);
    made->Act("petra");
    for (int i = 0; i < kReportedPeriods; ++i) {
      const auto recorded = made->Run(MakeCommand<v1::Metric>(
          std::make_shared<const v1::ReportMetricRequest>(test::Report(MonthBack(i), 80 + i % 20, 100))));
      if (!recorded.ok()) {
        std::cerr << "bench: a report was refused: " << recorded.status() << "\n";
        std::exit(1);
      }
    }
    return made;
  }();
  return world;
}

v1::ReportMetricRequest NextReport() { return test::Report(MonthBack(kReportedPeriods), 85, 100); }

std::vector<Entry> LatestReport() {
  const auto& entries = ReportedWorld().entries();
  return {entries.end() - 2, entries.end()};
}

}  // namespace parley::bench
