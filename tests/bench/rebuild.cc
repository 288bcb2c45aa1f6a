#include "tests/bench/rebuild.h"

#include <poll.h>

#include <algorithm>
#include <filesystem>

#include "eventstore/base/clock.h"
#include "eventstore/base/random.h"
#include "projections/runner.h"
#include "services/server/options.h"
#include "services/server/store.h"
#include "tests/bench/filled_store.h"
#include "tests/bench/host_memory.h"
#include "tests/bench/server_process.h"

namespace parley::bench {

RebuildResult Rebuild(const std::string& data_dir) {
  std::filesystem::remove_all(data_dir + "/views");
  SystemRandom random;
  const auto store = OpenStore(data_dir, random);
  if (!store.ok()) Die("cannot open " + data_dir + ": " + std::string(store.status().message()));
  FetchHostMemory(absl::Seconds(2));
  const absl::Duration start = Monotonic();
  const auto runner = Runner::Start({.log = store->log.get(),
                                     .store = store->views.get(),
                                     .projections = AllProjections(),
                                     .partitions = static_cast<uint32_t>(ServerOptions().projection_partitions)});
  if (!runner.ok()) Die("no runner: " + std::string(runner.status().message()));
  while (!(*runner)->CaughtUpOnce()) ::poll(nullptr, 0, 1);
  (*runner)->reading().Snapshot(LedgerId());  // Writes the last of it.
  const absl::Duration took = Monotonic() - start;
  for (const ProjectionStatus& status : (*runner)->Status()) {
    if (!status.quarantined.empty()) Die(status.name + " stopped: it cannot follow");
  }
  const uint64_t entries = store->log->NextOffset(ShardId{0});
  return {static_cast<double>(entries) / absl::ToDoubleSeconds(took), entries};
}

void BenchRebuild(const BenchOptions& options, Figures& figures) {
  const std::string data = options.scratch + "/rebuild";
  {
    Process server = StartServer(options, data);
    // Half of it reports, which more read models look at.
    Fill(server.port(), {.prefix = "rebuild",
                         .ledgers = options.quick ? 10 : 400,
                         .metrics_each = 8,
                         .reports_each = 60,
                         .activities = 960});
    server.Stop();
  }
  RebuildResult best;
  for (int i = 0; i < (options.quick ? 1 : 3); ++i) {
    const RebuildResult result = Rebuild(data);
    if (result.per_second > best.per_second) best = result;
  }
  figures.Add({"rebuild", best.per_second, "entries/s", ">= 150000",
               std::to_string(best.entries) + " entries, half of them reports; all read models"});
}

}  // namespace parley::bench
