// What is done to a command and its events: decided, folded, made into bytes.
#include <benchmark/benchmark.h>

#include "eventstore/base/proto_util.h"
#include "projections/projection.h"
#include "services/command/record.h"
#include "services/metric/metric.h"
#include "tests/bench/micro_world.h"
#include "tests/support/map_rows.h"

namespace parley::bench {
namespace {

constexpr char kM1[] = "relationships/acme/metrics/m1";

Context ContextOf(const LedgerState& state) {
  const absl::Time now = test::Epoch();
  return Context(state, {.principal = "petra", .party = "provider"}, kM1, now, now, false);
}

void DecideReport(benchmark::State& state) {
  const LedgerState& ledger = ReportedWorld().state();
  const auto& metric = *ledger.Find<v1::Metric>(kM1);
  const v1::ReportMetricRequest request = NextReport();
  const Context context = ContextOf(ledger);
  for (auto _ : state) {
    const auto events = Decide(metric, request, context);
    if (!events.ok()) state.SkipWithError("refused");
    benchmark::DoNotOptimize(events);
  }
  state.SetLabel("ReportMetric, " + std::to_string(kReportedPeriods) + " periods");
}
BENCHMARK(DecideReport)->Name("decide");

void BuildReport(benchmark::State& state) {
  const LedgerState& ledger = ReportedWorld().state();
  const Context context = ContextOf(ledger);
  const auto events = Decide(*ledger.Find<v1::Metric>(kM1), NextReport(), context);
  if (!events.ok()) return state.SkipWithError("refused");
  SystemRandom random;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        BuildCommit(ledger, *events, context, "r1", std::string(32, 'f'), ThrowawayKeys(), random));
  }
  state.SetLabel("two entries");
}
BENCHMARK(BuildReport)->Name("build_commit");

// Each round folds the same two entries into a fresh copy, which is not part of the time.
void ApplyToState(benchmark::State& state) {
  const auto& entries = ReportedWorld().entries();
  LedgerState before(LedgerId("acme"));
  for (size_t i = 0; i + 2 < entries.size(); ++i) {
    if (!before.Apply(entries[i]).ok()) return state.SkipWithError("does not fold");
  }
  const v1::LedgerSnapshot snapshot = before.ToSnapshot();
  const std::vector<Entry> latest = LatestReport();
  for (auto _ : state) {
    state.PauseTiming();
    auto copy = LedgerState::FromSnapshot(snapshot);
    state.ResumeTiming();
    if (!copy.ok() || !copy->Apply(latest[0]).ok() || !copy->Apply(latest[1]).ok()) {
      state.SkipWithError("does not fold");
    }
    state.PauseTiming();
    copy = absl::UnknownError("");  // Taken down outside the time, too.
    state.ResumeTiming();
  }
  state.SetLabel("two entries, with decoding");
}
BENCHMARK(ApplyToState)->Name("ledger_state_apply");

void ApplyToProjection(benchmark::State& state, const Projection* projection) {
  const test::MapRows before = [&] {
    test::MapRows rows;
    for (const Entry& entry : ReportedWorld().entries()) {
      const auto event = DecodeEvent(entry);
      if (event.ok() && entry.sequence() + 2 < ReportedWorld().entries().size()) {
        projection->Apply(*event, rows).IgnoreError();
      }
    }
    return rows;
  }();
  std::vector<RecordedEvent> events;
  for (const Entry& entry : LatestReport()) events.push_back(*DecodeEvent(entry));
  for (auto _ : state) {
    state.PauseTiming();
    test::MapRows rows = before;
    state.ResumeTiming();
    for (const RecordedEvent& event : events) {
      if (!projection->Apply(event, rows).ok()) state.SkipWithError("does not fold");
    }
  }
  state.SetLabel("two entries");
}

// Those without an index of their own: tests' rows in a map have none.
const int kRegistered = [] {
  for (const auto& projection : Projections()) {
    if (projection->name() == "membership" || projection->name() == "own-resources") continue;
    benchmark::RegisterBenchmark(("project_" + projection->name()).c_str(), ApplyToProjection, projection.get());
  }
  return 0;
}();

void CanonicalMetric(benchmark::State& state) {
  const auto& metric = *ReportedWorld().state().Find<v1::Metric>(kM1);
  for (auto _ : state) benchmark::DoNotOptimize(Canonical(metric));
  state.SetLabel("a metric of " + std::to_string(metric.ByteSizeLong()) + " bytes");
}
BENCHMARK(CanonicalMetric)->Name("canonical");

}  // namespace
}  // namespace parley::bench
