#include "tests/bench/unary.h"

#include <functional>

#include "tests/bench/lag.h"
#include "tests/bench/postgres.h"
#include "tests/bench/reports.h"
#include "tests/bench/server_process.h"

namespace parley::bench {
namespace {

// In real use a metric has some hundred periods at most, and every answer tells all of them: so there are as many metrics as it takes
// to stay below that, however long the run.
constexpr int kMetricsEach = 16;

std::string Described(const Ledgers& ledgers, int metrics_each) {
  const size_t count = ledgers.names().size();
  return std::to_string(count) + (count == 1 ? " ledger of " : " ledgers of ") + std::to_string(metrics_each) +
         " metrics, 256 in flight";
}

// The same client against a baseline. The best of three: whoever else uses the machine only takes away.
double CallsPerSecond(const Process& baseline, const BenchOptions& options, Ledgers& ledgers) {
  double best = 0;
  for (int i = 0; i < 3; ++i) {
    best = std::max(best, Report(baseline.port(), ledgers, {.duration = options.duration() / 2}).per_second);
  }
  return best;
}

}  // namespace

void BenchUnary(const BenchOptions& options, Figures& figures) {
  const LoadOptions full{.duration = options.duration()};
  Process server = StartServer(options, options.scratch + "/unary");
  const int hot_metrics = options.quick ? 128 : 2000;
  Ledgers many = Ledgers::Open(server.port(), "many", options.quick ? 80 : 1000, kMetricsEach);
  Ledgers one = Ledgers::Open(server.port(), "one", 1, hot_metrics);
  MeanBytes answers;
  const LoadResult unary = Report(server.port(), many, full, std::ref(answers));
  Complain(unary, "unary", figures);
  const absl::Duration settled = Settle(server.port(), many);
  const LoadResult hot = Report(server.port(), one, full);
  Complain(hot, "unary_hot", figures);
  Settle(server.port(), one);
  Ledgers quiet = Ledgers::Open(server.port(), "quiet", 1, kMetricsEach);
  const std::string quiet_metric = quiet.NextReport().name();
  Settle(server.port(), quiet);
  const Lag lag = MeasureLag(server.port(), many, quiet_metric, full);
  server.Stop();
  const double empty = CallsPerSecond(StartEmpty(options, answers.value()), options, many);
  const double bare = CallsPerSecond(StartBare(options, answers.value()), options, many);

  figures.Add({"empty", empty, "calls/s", "", "best of 3; answers of " + std::to_string(answers.value()) + " bytes"});
  figures.Add({"bare", bare, "calls/s", "", "best of 3; each request synced to RocksDB, nothing else"});
  figures.Add({"bare_ratio", bare / empty, "", "", "what is left of it with that alone"});
  figures.Add({"unary", unary.per_second, "calls/s", "", Described(many, kMetricsEach)});
  figures.Add({"unary_p50", unary.Quantile(0.5), "us"});
  figures.Add({"unary_p99", unary.Quantile(0.99), "us"});
  figures.Add({"unary_catch_up", absl::ToDoubleSeconds(settled), "s", "",
               "until the read models had all of it, and some hundred queries had told"});
  figures.Add({"unary_ratio", unary.per_second / empty, "", ">= 0.60"});
  figures.Add({"unary_hot", hot.per_second, "calls/s", "", Described(one, hot_metrics)});
  figures.Add({"unary_hot_ratio", hot.per_second / empty, "", ">= 0.50"});
  AddLag(lag, figures);
  if (const auto appends = PostgresAppendsPerSecond(options)) {
    figures.Add({"postgres", *appends, "calls/s", "", "64 connections, synchronous_commit on"});
    figures.Add({"unary_vs_postgres", unary.per_second / *appends, "", ">= 5"});
  }
}

}  // namespace parley::bench
