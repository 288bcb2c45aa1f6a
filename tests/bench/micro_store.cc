// Reading rows that were written again and again since the last flush: what makes a ledger's dashboard slow.
#include <benchmark/benchmark.h>

#include "eventstore/kv_rocks.h"
#include "tests/support/scratch_dir.h"

namespace parley::bench {
namespace {

constexpr int kRows = 600;

// Each version is written together with other rows, as a ledger's are.
void ScanVersions(benchmark::State& state) {
  const test::ScratchDir scratch;
  auto store = OpenRocksKvStore(scratch.path());
  if (!store.ok()) return state.SkipWithError("no store");
  for (int version = 0; version < state.range(0); ++version) {
    KvBatch batch;
    for (int i = 0; i < kRows; ++i) batch.Put("scanned/" + std::to_string(i), std::string(60, 'v'));
    for (int i = 0; i < 500; ++i) batch.Put("other/" + std::to_string(version * 500 + i), std::string(1100, 'x'));
    if (!(*store)->Write(batch).ok()) return state.SkipWithError("not written");
  }
  for (auto _ : state) {
    int seen = 0;
    const auto status = (*store)->Scan("scanned/", "scanned0", [&](std::string_view, std::string_view) {
      ++seen;
      return true;
    });
    if (!status.ok() || seen != kRows) state.SkipWithError("not all rows are there");
  }
  state.SetLabel(std::to_string(kRows) + " rows of so many versions");
}
BENCHMARK(ScanVersions)->Name("scan_versions")->Arg(1)->Arg(9)->Arg(12)->Arg(20);

}  // namespace
}  // namespace parley::bench
