// Queries of three kinds about ledgers of one store.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "tests/bench/figures.h"
#include "tests/bench/options.h"
#include "tests/bench/process.h"

namespace parley::bench {

inline constexpr std::array<const char*, 3> kQueryKinds = {"dashboard", "list", "get"};

// 99th percentiles in microseconds, one for each kind.
using QueryTimes = std::array<double, kQueryKinds.size()>;

// A server on a directory, and which ledgers are asked about, each as Fill filled it.
struct QueryTarget {
  const Process* server = nullptr;
  std::string directory;
  std::vector<std::string> relationships;
};

// Returns when the servers have nothing to do, and have found nothing for a while: then what a start leaves to do is done, and what is
// stored is merged as far as it will be. Ends the run where they do not get there. With --quick at once: what is that small is in memory.
void AwaitRest(const BenchOptions& options, const std::vector<const Process*>& servers);

// Asks all targets the same, in turn, in five rounds of a second for each kind, one call at a time: what is measured is the answer, not
// a queue. Of each the best round: whoever else uses the machine only takes away. A kind is several requests in turn, of which the
// slowest decides the 99th percentile: the six dashboards; lists of metrics and of activities; a metric and the relationship.
std::vector<QueryTimes> MeasureQueries(const BenchOptions& options, const std::vector<QueryTarget>& targets,
                                       Figures& figures);

}  // namespace parley::bench
