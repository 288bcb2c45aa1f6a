#include "tests/bench/batch.h"

#include <algorithm>

#include "absl/time/time.h"
#include "tests/bench/activities.h"
#include "tests/bench/reports.h"
#include "tests/bench/rocks_baseline.h"
#include "tests/bench/server_process.h"

namespace parley::bench {
namespace {

constexpr int kSize = 256;

}  // namespace

void BenchBatch(const BenchOptions& options, Figures& figures) {
  double raw = 0;
  for (int i = 0; i < 3; ++i) {
    raw = std::max(raw, RawWritesPerSecond(options.scratch + "/raw" + std::to_string(i), options.duration() / 2));
  }
  Process server = StartServer(options, options.scratch + "/batch");
  Ledgers ledgers = Ledgers::Open(server.port(), "batch", 16, 1);
  const LoadResult result =
      RecordActivities(server.port(), ledgers, kSize, {.in_flight = 16, .duration = options.duration()});
  const absl::Duration settled = Settle(server.port(), ledgers);
  server.Stop();
  const double entries = result.per_second * kSize;
  Complain(result, "batch", figures);
  figures.Add({"raw_rocksdb", raw, "entries/s", "", "synced batches of 256 entries of 300 bytes, 4 threads"});
  figures.Add({"raw_scan", RawScanPerSecond(options.scratch + "/scan", options.quick ? 200'000 : 2'000'000),
               "entries/s", "", "the same entries, read in order"});
  figures.Add({"batch", entries, "entries/s", "", "256 activities a call, 16 in flight, 16 ledgers"});
  figures.Add({"batch_catch_up", absl::ToDoubleSeconds(settled), "s", "",
               "until the read models had all of it, and some hundred queries had told"});
  figures.Add({"batch_ratio", entries / raw, "", ">= 0.50"});
}

}  // namespace parley::bench
