#include "tests/bench/unary.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "tests/bench/ledgers.h"
#include "tests/bench/load.h"
#include "tests/bench/process.h"
#include "tests/bench/server_process.h"

namespace parley::bench {
namespace {

using Request = v1::ReportMetricRequest;
using Response = v1::ReportMetricResponse;

constexpr int kChannels = 4;

// Reports through several connections, as several clients would.
LoadResult Reports(int port, const LoadOptions& options, const std::function<Request(uint64_t)>& next,
                   const std::function<void(const Response&)>& answered = nullptr) {
  std::vector<std::unique_ptr<v1::MetricService::Stub>> stubs;
  for (int i = 0; i < kChannels; ++i) stubs.push_back(v1::MetricService::NewStub(Connect(port, i)));
  std::atomic<uint64_t> turn{0};
  return RunLoad<Request, Response>(
      options, next,
      [&](grpc::ClientContext* context, const Request& request, grpc::CompletionQueue* queue) {
        AsProvider(*context);
        return stubs[turn.fetch_add(1) % kChannels]->PrepareAsyncReportMetric(context, request, queue);
      },
      answered);
}

// Seconds that one synced write of a few hundred bytes takes on this disk, one after another: the median.
double FsyncSeconds(const std::string& directory) {
  const std::string path = directory + "/fsync";
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const std::string bytes(512, 'x');
  std::vector<double> times;
  for (int i = 0; i < 500; ++i) {
    const absl::Duration start = Monotonic();
    if (::write(fd, bytes.data(), bytes.size()) < 0) break;
    ::fdatasync(fd);
    times.push_back(absl::ToDoubleSeconds(Monotonic() - start));
  }
  ::close(fd);
  std::filesystem::remove(path);
  std::sort(times.begin(), times.end());
  return times.empty() ? 0 : times[times.size() / 2];
}

void Complain(const LoadResult& result, const char* what, Figures& figures) {
  if (result.failures == 0) return;
  figures.Add({std::string(what) + "_failures", static_cast<double>(result.failures), "calls", "0",
               "first: " + result.first_failure});
}

}  // namespace

void BenchUnary(const BenchOptions& options, Figures& figures) {
  const absl::Duration duration = options.duration();
  const std::string port_file = options.scratch + "/port";
  Process server = StartServer(options, options.scratch + "/unary");
  const Ledgers many = Ledgers::Open(server.port(), "many", options.quick ? 200 : 1000, 1);
  const Ledgers one = Ledgers::Open(server.port(), "one", 1, 64);

  std::atomic<uint64_t> answers{0}, bytes{0};
  const LoadResult unary = Reports(
      server.port(), {.duration = duration}, [&](uint64_t n) { return many.Report(n); },
      [&](const Response& response) {
        ++answers;
        bytes += response.ByteSizeLong();
      });
  const LoadResult hot = Reports(server.port(), {.duration = duration}, [&](uint64_t n) { return one.Report(n); });
  const Ledgers calm = Ledgers::Open(server.port(), "calm", 1, 16);
  const LoadResult single = Reports(server.port(), {.in_flight = 1, .threads = 1, .duration = duration},
                                    [&](uint64_t n) { return calm.Report(n); });
  server.Stop();

  // The same client against nothing, with answers of the mean size. The best of three: whoever else uses the machine only takes away.
  const uint64_t answer_bytes = answers == 0 ? 0 : bytes / answers;
  LoadResult empty, empty_single;
  for (int i = 0; i < 3; ++i) {
    Process baseline(Self(), {"serve-empty", port_file, std::to_string(answer_bytes)}, port_file);
    const auto next = [&](uint64_t n) { return many.Report(n); };
    LoadResult result = Reports(baseline.port(), {.duration = duration}, next);
    if (result.per_second > empty.per_second) empty = std::move(result);
    result = Reports(baseline.port(), {.in_flight = 1, .threads = 1, .duration = duration}, next);
    if (empty_single.latencies.empty() || result.Quantile(0.5) < empty_single.Quantile(0.5))
      empty_single = std::move(result);
  }
  const double fsync = FsyncSeconds(options.scratch) * 1e6;

  Complain(unary, "unary", figures);
  Complain(hot, "unary_hot", figures);
  Complain(single, "single", figures);
  figures.Add({"empty", empty.per_second, "calls/s", "", "answers of " + std::to_string(answer_bytes) + " bytes"});
  figures.Add(
      {"unary", unary.per_second, "calls/s", "", std::to_string(many.names().size()) + " ledgers, 256 in flight"});
  figures.Add({"unary_p50", unary.Quantile(0.5), "us"});
  figures.Add({"unary_p99", unary.Quantile(0.99), "us"});
  figures.Add({"unary_hot", hot.per_second, "calls/s", "", "one ledger, 256 in flight"});
  figures.Add({"unary_ratio", unary.per_second / empty.per_second, "", ">= 0.60"});
  figures.Add({"unary_hot_ratio", hot.per_second / empty.per_second, "", ">= 0.50"});
  const double floor = empty_single.Quantile(0.5) + fsync;
  figures.Add({"fsync", fsync, "us"});
  figures.Add({"empty_single", empty_single.Quantile(0.5), "us"});
  figures.Add({"single", single.Quantile(0.5), "us"});
  figures.Add({"single_overhead", (single.Quantile(0.5) - floor) / floor, "", "<= 0.25"});
}

}  // namespace parley::bench
