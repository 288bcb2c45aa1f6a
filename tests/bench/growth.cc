#include "tests/bench/growth.h"

#include <algorithm>

#include "tests/bench/disk.h"
#include "tests/bench/filled_store.h"
#include "tests/bench/memory.h"
#include "tests/bench/query_load.h"
#include "tests/bench/reports.h"
#include "tests/bench/server_process.h"
#include "tests/bench/start_time.h"

namespace parley::bench {
namespace {

std::string Entries(uint64_t n) { return std::to_string(n) + " entries"; }

// p99 of each kind in both, and `name`: the worst ratio of the first to the second.
void CompareQueries(const std::string& name, const std::vector<QueryTimes>& times, const std::string& note,
                    Figures& figures) {
  double worst = 0;
  for (size_t kind = 0; kind < kQueryKinds.size(); ++kind) {
    figures.Add({name + "_" + kQueryKinds[kind] + "_large", times[0][kind], "us"});
    figures.Add({name + "_" + kQueryKinds[kind] + "_small", times[1][kind], "us"});
    worst = std::max(worst, times[0][kind] / times[1][kind]);
  }
  figures.Add({name, worst, "", "<= 1.2", "the worst of dashboard, list, get, each the best of rounds; " + note});
}

// One ledger that is long beside one that is short, in the same store.
void BenchOneLedger(const BenchOptions& options, Figures& figures) {
  const uint64_t length = options.quick ? 10'000 : 1'000'000;
  const uint64_t shorter = options.quick ? 1'000 : 10'000;
  const std::string dir = options.scratch + "/one-ledger";
  Process server = StartServer(options, dir);
  const Ledgers tall = Fill(server.port(), {.prefix = "tall", .reports_each = 12, .activities = length});
  Ledgers low = Fill(server.port(), {.prefix = "low", .reports_each = 12, .activities = shorter});
  Settle(server.port(), low);
  AwaitRest(options, {&server});
  const auto times = MeasureQueries(options, {{&server, dir, tall.names()}, {&server, dir, low.names()}}, figures);
  server.Stop();
  CompareQueries("query_p99_growth_one_ledger", times, Entries(length) + " in a ledger over " + Entries(shorter),
                 figures);
}

// Full load on ledgers that are new in a store of any size; the best of two rounds each, in turn. Returns the ratio.
double BenchAppends(const BenchOptions& options, const std::string& name, int large, Figures& figures) {
  Process empty = StartServer(options, options.scratch + "/empty-store-" + name);
  const int count = options.quick ? 20 : 500;
  Ledgers in_large = Ledgers::Open(large, name, count, 8), in_empty = Ledgers::Open(empty.port(), name, count, 8);
  double at_large = 0, at_empty = 0;
  for (int round = 0; round < (options.quick ? 1 : 2); ++round) {
    // Neither has anything left to do while the other one is measured.
    const LoadResult l = Report(large, in_large, {.duration = options.duration()});
    Settle(large, in_large);
    const LoadResult e = Report(empty.port(), in_empty, {.duration = options.duration()});
    Settle(empty.port(), in_empty);
    Complain(l, name + "_large", figures);
    Complain(e, name + "_empty", figures);
    at_large = std::max(at_large, l.per_second);
    at_empty = std::max(at_empty, e.per_second);
  }
  figures.Add({name + "_large", at_large, "calls/s", "", std::to_string(count) + " new ledgers, 256 in flight"});
  figures.Add({name + "_empty", at_empty, "calls/s", "", "the same in an empty store"});
  return at_large / at_empty;
}

}  // namespace

void BenchGrowth(const BenchOptions& options, Figures& figures) {
  const uint64_t large_size = options.large(), small_size = std::max(kEntriesEach, large_size / 100);
  const std::string note = Entries(large_size) + " over " + Entries(small_size) + (options.quick ? " (quick)" : "");
  const std::string large_dir = options.scratch + "/large", small_dir = options.scratch + "/small";
  BenchOneLedger(options, figures);
  Process large = StartServer(options, large_dir), small = StartServer(options, small_dir);
  Ledgers ledgers = Fill(large.port(), ThousandEach("large", large_size));
  Ledgers few = Fill(small.port(), ThousandEach("small", small_size));
  Settle(large.port(), ledgers);
  Settle(small.port(), few);
  MakeCheckpoints(large.port(), ledgers.names());
  AwaitRest(options, {&large, &small});
  const uint64_t read_before = DiskReadBytes(large.pid());
  const auto times =
      MeasureQueries(options, {{&large, large_dir, ledgers.names()}, {&small, small_dir, few.names()}}, figures);
  CompareQueries("query_p99_growth", times, note, figures);
  figures.Add({"query_disk_reads", static_cast<double>(DiskReadBytes(large.pid()) - read_before) / (1 << 20), "MiB", "",
               "by the large store's server meanwhile"});
  figures.Add({"append_growth", BenchAppends(options, "append", large.port(), figures), "", ">= 0.9"});
  small.Stop();
  large.Stop();

  const double open_large = StartSeconds(options, large_dir), open_small = StartSeconds(options, small_dir);
  figures.Add({"open_small", open_small, "s", "", Entries(small_size)});
  figures.Add({"open_large", open_large, "s", "< 2", Entries(large_size)});
  figures.Add({"open_growth", open_large / open_small, "", "<= 2", note});

  // What a start leaves to be done goes on meanwhile: notes are held against the log, deadlines are learnt.
  if (!options.quick) {
    Process again = StartServer(options, large_dir);
    figures.Add({"restart_append_growth", BenchAppends(options, "restart-append", again.port(), figures), "", "",
                 "the same in the first seconds after a start"});
    again.Stop();
  }

  const DiskUse disk = MeasureDisk(large_dir);
  figures.Add({"disk_stored", static_cast<double>(disk.stored) / (1 << 20), "MiB", "",
               "headers and parts of " + Entries(disk.entries)});
  figures.Add({"disk_used", static_cast<double>(disk.on_disk) / (1 << 20), "MiB", "", "everything, compacted"});
  figures.Add({"disk", disk.ratio(), "", "<= 1.5"});

  // Last, since the store grows while it is watched.
  Process watched = StartServer(options, large_dir);
  const MemoryUse memory = MeasureMemory(watched, ledgers, options.watch(), figures);
  // The goal is about an hour: less only fills the caches.
  const bool long_enough = options.watch() >= absl::Hours(1);
  figures.Add({"memory", memory.highest, "MiB", long_enough ? "<= 1024" : "",
               Entries(large_size) + ", " + std::to_string(ledgers.names().size()) + " ledgers under full load for " +
                   absl::FormatDuration(options.watch()) + ", " + std::to_string(memory.calls) + " calls"});
  figures.Add({"memory_drift", memory.drift, "MiB", long_enough ? "flat" : "", "last quarter less the second"});
  watched.Stop();
}

}  // namespace parley::bench
