// The numbers of the demo's metrics: a course over the two years, the season, and chance.
#pragma once

#include <array>
#include <string>

#include "parley/v1/metric.pb.h"
#include "services/cli/demo_agenda.h"

namespace parley::demo {

// How a monthly metric went. Values are parts per million, at the start, after half a year, a year, one and a half,
// two; straight lines between.
struct Course {
  const char* id;
  // The denominator in an ordinary month, and whether it follows the season.
  int64_t volume;
  bool seasonal = false;
  std::array<int64_t, 5> value;
  // How much a month may be off by chance, and what a month a tenth busier costs.
  int64_t noise = 0;
  int64_t strain = 0;
  // What stopping the clock adds; all zero: nothing stops it.
  std::array<int64_t, 5> clock_gain = {};
  // May lie above one: not a share of anything.
  bool unbounded = false;
};

// What happened in a month, beside its course.
struct Incident {
  const char* id;
  int month;
  int64_t value;
};

// What was measured in a month; document and all. The same for the same seed.
v1::Measurement Measure(const Agenda& agenda, const Course& course, int month);

// `numerator` of `denominator`, with a document.
v1::Measurement MeasureCount(const Agenda& agenda, const std::string& id, const std::string& period, int64_t numerator,
                             int64_t denominator);

}  // namespace parley::demo
