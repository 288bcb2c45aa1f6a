// Queries of three kinds about ledgers of one store.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/bench/figures.h"

namespace parley::bench {

inline constexpr std::array<const char*, 3> kQueryKinds = {"dashboard", "list", "get"};

// 99th percentiles in microseconds, one for each kind.
using QueryTimes = std::array<double, kQueryKinds.size()>;

// Servers whose queries are compared, and which ledgers of theirs are asked about, each as Fill filled it.
struct QueryTarget {
  int port = 0;
  std::vector<std::string> relationships;
};

// Asks all targets the same, in turn, in rounds of that length for each kind, with four calls in flight and on cores that are kept
// awake. Of each the best of five rounds: whoever else uses the machine only takes away.
std::vector<QueryTimes> MeasureQueries(const std::vector<QueryTarget>& targets, absl::Duration round, Figures& figures);

}  // namespace parley::bench
