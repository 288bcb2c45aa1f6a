#include "tests/bench/batch.h"

#include <algorithm>

#include "tests/bench/activities.h"
#include "tests/bench/rocks_baseline.h"
#include "tests/bench/server_process.h"

namespace parley::bench {

void BenchBatch(const BenchOptions& options, Figures& figures) {
  double raw = 0;
  for (int i = 0; i < 3; ++i) {
    raw = std::max(raw, RawWritesPerSecond(options.scratch + "/raw" + std::to_string(i), options.duration()));
  }
  Process server = StartServer(options, options.scratch + "/batch");
  const Ledgers ledgers = Ledgers::Open(server.port(), "batch", 16, 0);
  const LoadResult result = RecordActivities(server.port(), ledgers, {.in_flight = 16, .duration = options.duration()});
  server.Stop();
  const double entries = result.per_second * kActivities;
  if (result.failures > 0) {
    figures.Add(
        {"batch_failures", static_cast<double>(result.failures), "calls", "0", "first: " + result.first_failure});
  }
  figures.Add({"raw_rocksdb", raw, "entries/s", "", "synced batches of 256 entries of 300 bytes, 4 threads"});
  figures.Add({"batch", entries, "entries/s", "", "256 activities a call, 16 in flight, 16 ledgers"});
  figures.Add({"batch_ratio", entries / raw, "", ">= 0.50"});
}

}  // namespace parley::bench
