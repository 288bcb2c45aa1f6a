// The store of the read models: what it costs to write rows, and to read rows that were written again and again since the last flush,
// which makes a ledger's dashboard slow.
#include <benchmark/benchmark.h>

#include <unistd.h>

#include <filesystem>

#include "absl/strings/str_format.h"
#include "eventstore/kv_rocks.h"

namespace parley::bench {
namespace {

constexpr int kRows = 600;
// As read models write: what is written of a ledger lies apart, with other ledgers' rows in between.
constexpr int kLedgers = 10'000, kSpaces = 15, kLedgersAtATime = 12, kRowsEach = 4;

// A directory that goes when the program ends.
struct Scratch {
  Scratch() { std::filesystem::remove_all(path); }
  ~Scratch() { std::filesystem::remove_all(path); }
  const std::string path = std::filesystem::temp_directory_path() / ("parley-micro-" + std::to_string(::getpid()));
};

// Each version is written together with other rows, as a ledger's are.
void ScanVersions(benchmark::State& state) {
  const Scratch scratch;
  auto store = OpenRocksKvStore(scratch.path);
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

void WriteLedgers(benchmark::State& state) {
  const Scratch scratch;
  auto store = OpenRocksKvStore(scratch.path);
  if (!store.ok()) return state.SkipWithError("no store");
  int ledger = 0;
  int64_t rows = 0;
  for (auto _ : state) {
    KvBatch batch;
    for (int n = 0; n < kLedgersAtATime; ++n, ledger = (ledger + 1) % kLedgers) {
      for (int space = 0; space < kSpaces; ++space) {
        for (int row = 0; row < kRowsEach; ++row, ++rows) {
          batch.Put(absl::StrFormat("r%08d/ledger-%05d/row-%d", space, ledger, row), std::string(100, 'v'));
        }
      }
    }
    if (!(*store)->Write(batch).ok()) return state.SkipWithError("not written");
  }
  state.SetItemsProcessed(rows);
  state.SetLabel("rows");
}
BENCHMARK(WriteLedgers)->Name("write_ledgers");

}  // namespace
}  // namespace parley::bench
