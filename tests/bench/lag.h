// How long it takes until what was acknowledged shows in every read model.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/bench/figures.h"
#include "tests/bench/ledgers.h"
#include "tests/bench/load.h"

namespace parley::bench {

// Times in milliseconds, ascending.
struct Lag {
  // From an acknowledgement's arrival to the arrival of the last of eight queries' answers, which the acknowledgement's token held back
  // until their read models had it. So it is an upper bound: the queries' own time is in it.
  std::vector<double> visible;
  // The same queries under the same load about a ledger in which nothing happens, so that nothing is waited for: that own time.
  std::vector<double> queries;
  uint64_t failures = 0;
};

// Reports with 256 in flight, and asks after one acknowledgement every 20 milliseconds. `quiet_metric`: of a ledger that is as
// the others, and not among them.
Lag MeasureLag(int port, Ledgers& ledgers, const std::string& quiet_metric, const LoadOptions& options);
// lag_p50, lag_p99, lag_queries_p99.
void AddLag(const Lag& lag, Figures& figures);

}  // namespace parley::bench
