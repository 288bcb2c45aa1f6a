// What is done to every entry: sealed, taken apart, hashed.
#include <benchmark/benchmark.h>

#include "eventstore/base/proto_util.h"
#include "eventstore/entry.h"
#include "eventstore/group.h"
#include "eventstore/proof/merkle.h"
#include "tests/bench/micro_world.h"

namespace parley::bench {
namespace {

const Entry& SomeEntry() {
  static const Entry& entry = *new Entry(LatestReport()[0]);
  return entry;
}

void EncodeOne(benchmark::State& state) {
  const Entry& entry = SomeEntry();
  const NewEntry fresh{.ledger = LedgerId("acme"),
                       .sequence = entry.sequence(),
                       .recorded_at = FromProto(entry.header.recorded_at()),
                       .owner = entry.header.owner(),
                       .record = entry.record};
  SystemRandom random;
  for (auto _ : state) benchmark::DoNotOptimize(EncodeEntry(fresh, random));
  state.SetLabel(std::to_string(entry.stored.ByteSizeLong()) + " bytes");
}
BENCHMARK(EncodeOne)->Name("encode_entry");

void DecodeOne(benchmark::State& state) {
  const std::string bytes = SomeEntry().stored.SerializeAsString();
  for (auto _ : state) {
    v1::StoredEntry stored;
    if (!stored.ParseFromString(bytes)) state.SkipWithError("does not parse");
    const auto entry = DecodeEntry(std::move(stored), Position());
    if (!entry.ok()) state.SkipWithError("does not decode");
    benchmark::DoNotOptimize(entry);
  }
}
BENCHMARK(DecodeOne)->Name("decode_entry");

void HashLeaf(benchmark::State& state) {
  const std::string& header = SomeEntry().stored.header();
  for (auto _ : state) benchmark::DoNotOptimize(LeafHash(header));
}
BENCHMARK(HashLeaf)->Name("leaf_hash");

void Verify(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(VerifyCommitments(SomeEntry()));
}
BENCHMARK(Verify)->Name("verify_commitments");

// Two entries a commit, as ReportMetric makes them; 64 commits in one record of the log.
void GroupCommits(benchmark::State& state) {
  std::vector<std::string> entries;
  for (const Entry& entry : LatestReport()) entries.push_back(entry.stored.SerializeAsString());
  const std::vector<std::string_view> views(entries.begin(), entries.end());
  for (auto _ : state) {
    std::vector<std::string> commits;
    for (int64_t i = 0; i < state.range(0); ++i) commits.push_back(EncodeCommit(views));
    benchmark::DoNotOptimize(EncodeGroup({commits.begin(), commits.end()}));
  }
}
BENCHMARK(GroupCommits)->Name("group_commits")->Arg(1)->Arg(64);

void SplitCommits(benchmark::State& state) {
  std::vector<std::string> entries;
  for (const Entry& entry : LatestReport()) entries.push_back(entry.stored.SerializeAsString());
  const std::string commit = EncodeCommit({entries.begin(), entries.end()});
  const std::string group = EncodeGroup(std::vector<std::string_view>(static_cast<size_t>(state.range(0)), commit));
  for (auto _ : state) benchmark::DoNotOptimize(SplitGroup(group));
}
BENCHMARK(SplitCommits)->Name("split_group")->Arg(64);

}  // namespace
}  // namespace parley::bench
