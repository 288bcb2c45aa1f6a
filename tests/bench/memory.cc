#include "tests/bench/memory.h"

#include <poll.h>

#include <algorithm>
#include <atomic>
#include <numeric>
#include <thread>

#include "tests/bench/activities.h"
#include "tests/bench/reports.h"

namespace parley::bench {
namespace {

double Mean(const std::vector<double>& values, size_t from, size_t to) {
  if (from >= to) return 0;
  const auto begin = values.begin();
  return std::accumulate(begin + static_cast<long>(from), begin + static_cast<long>(to), 0.0) /
         static_cast<double>(to - from);
}

}  // namespace

MemoryUse MeasureMemory(const Process& server, const Ledgers& ledgers, absl::Duration duration, Figures& figures) {
  std::atomic<bool> stop{false};
  std::vector<double> samples;
  std::thread watcher([&] {
    while (!stop) {
      samples.push_back(static_cast<double>(ResidentBytes(server.pid())) / (1 << 20));
      ::poll(nullptr, 0, 100);
    }
  });
  const LoadResult load = RecordActivities(server.port(), ledgers, 1, {.duration = duration, .keep_latencies = false});
  stop = true;
  watcher.join();
  Complain(load, "memory", figures);
  const size_t n = samples.size();
  return {.highest = *std::max_element(samples.begin(), samples.end()),
          .drift = Mean(samples, n * 3 / 4, n) - Mean(samples, n / 4, n / 2),
          .calls = load.calls};
}

}  // namespace parley::bench
