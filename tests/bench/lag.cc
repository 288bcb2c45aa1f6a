#include "tests/bench/lag.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>

#include "tests/bench/read_models.h"
#include "tests/bench/reports.h"

namespace parley::bench {
namespace {

constexpr absl::Duration kEvery =
    absl::Milliseconds(20);  // At 8 queries each 400 calls a second: little beside the load.

// Asks on a connection and a thread of its own.
class Sampler {
 public:
  Sampler(int port, std::string quiet_metric)
      : quiet_metric_(std::move(quiet_metric)), stub_(Connect(port, 1000)), thread_([this] { Collect(); }) {}
  ~Sampler() {
    if (thread_.joinable()) Finish();
  }

  // An acknowledgement just came in. For every fourth that is looked into, the quiet metric is asked about. From any thread.
  void Offer(const grpc::ByteBuffer& answer) {
    const int64_t now = absl::ToInt64Nanoseconds(Monotonic());
    int64_t next = next_.load();
    if (now < next || !next_.compare_exchange_strong(next, now + absl::ToInt64Nanoseconds(kEvery))) return;
    const v1::ReportMetricResponse response = ParseReported(answer);
    auto sample = std::make_shared<Sample>();
    sample->begun = Monotonic();
    sample->waits = ++count_ % 4 != 0;
    const auto requests = sample->waits ? QueryEveryReadModel(response.metric().name(), response.consistency_token())
                                        : QueryEveryReadModel(quiet_metric_, "");
    sample->open = requests.size();
    for (const RawRequest& request : requests) {
      auto* query = new Query{.sample = sample};
      AsProvider(query->context);
      query->reader = Prepare(stub_, query->context, request, queue_);
      query->reader->StartCall();
      query->reader->Finish(&query->response, &query->status, query);
    }
  }

  // When no more are offered.
  Lag Finish() {
    queue_.Shutdown();
    thread_.join();
    std::sort(lag_.visible.begin(), lag_.visible.end());
    std::sort(lag_.queries.begin(), lag_.queries.end());
    return std::move(lag_);
  }

 private:
  struct Sample {
    absl::Duration begun;
    bool waits = false;
    size_t open = 0;
    bool failed = false;
  };
  struct Query {
    std::shared_ptr<Sample> sample;
    grpc::ClientContext context = {};
    grpc::ByteBuffer response = {};
    grpc::Status status = {};
    Reader<grpc::ByteBuffer> reader = {};
  };

  void Collect() {
    void* tag = nullptr;
    for (bool ok = false; queue_.Next(&tag, &ok);) {
      const std::unique_ptr<Query> query(static_cast<Query*>(tag));
      Sample& sample = *query->sample;
      sample.failed |= !query->status.ok();
      if (--sample.open > 0) continue;
      const double milliseconds = absl::ToDoubleMilliseconds(Monotonic() - sample.begun);
      if (sample.failed) ++lag_.failures;
      if (!sample.failed) (sample.waits ? lag_.visible : lag_.queries).push_back(milliseconds);
    }
  }

  const std::string quiet_metric_;
  grpc::GenericStub stub_;
  grpc::CompletionQueue queue_;
  std::atomic<int64_t> next_{0};
  std::atomic<uint64_t> count_{0};
  Lag lag_;  // The thread's.
  std::thread thread_;
};

double Quantile(const std::vector<double>& ascending, double part) {
  return ascending.empty() ? 0 : ascending[static_cast<size_t>(part * static_cast<double>(ascending.size() - 1))];
}

}  // namespace

Lag MeasureLag(int port, Ledgers& ledgers, const std::string& quiet_metric, const LoadOptions& options) {
  Sampler sampler(port, quiet_metric);
  Report(port, ledgers, options, [&](const grpc::ByteBuffer& answer) { sampler.Offer(answer); });
  return sampler.Finish();
}

void AddLag(const Lag& lag, Figures& figures) {
  if (lag.failures > 0) figures.Add({"lag_failures", static_cast<double>(lag.failures), "samples", "0"});
  if (lag.visible.empty()) return;
  figures.Add({"lag_p50", Quantile(lag.visible, 0.5), "ms"});
  figures.Add({"lag_p99", Quantile(lag.visible, 0.99), "ms", "<= 25",
               std::to_string(lag.visible.size()) + " samples; with the time of the 8 queries that tell"});
  figures.Add({"lag_queries_p99", Quantile(lag.queries, 0.99), "ms", "",
               "the same queries about a ledger in which nothing happens"});
}

}  // namespace parley::bench
