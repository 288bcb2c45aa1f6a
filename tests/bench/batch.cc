#include "tests/bench/batch.h"

#include <atomic>

#include "eventstore/base/proto_util.h"
#include "parley/v1/activity.grpc.pb.h"
#include "tests/bench/ledgers.h"
#include "tests/bench/load.h"
#include "tests/bench/rocks_baseline.h"
#include "tests/bench/server_process.h"

namespace parley::bench {
namespace {

constexpr int kActivities = 256;  // In a batch, as in the baseline.

v1::RecordActivitiesRequest Batch(const Ledgers& ledgers, uint64_t n, absl::Time time) {
  v1::RecordActivitiesRequest request;
  request.set_parent(ledgers.names()[n % ledgers.names().size()]);
  request.set_request_id("b" + std::to_string(n));
  request.set_historical(true);
  for (int i = 0; i < kActivities; ++i) {
    const uint64_t number = n * kActivities + static_cast<uint64_t>(i);
    auto& activity = *request.add_activities();
    activity.set_source("desk");
    activity.set_source_id("s" + std::to_string(number));
    activity.set_case_id("c" + std::to_string(number / 9));
    activity.set_activity("Accepted");
    activity.set_status("In Progress");
    activity.set_party_id("provider");
    activity.set_team("team-" + std::to_string(number % 600));
    activity.set_person("h" + std::to_string(number % 1400));
    *activity.mutable_time() = ToProto(time);
  }
  return request;
}

}  // namespace

void BenchBatch(const BenchOptions& options, Figures& figures) {
  double raw = 0;
  for (int i = 0; i < 3; ++i) {
    raw = std::max(raw, RawWritesPerSecond(options.scratch + "/raw" + std::to_string(i), options.duration()));
  }
  Process server = StartServer(options, options.scratch + "/batch");
  const Ledgers ledgers = Ledgers::Open(server.port(), "batch", 16, 0);
  const auto stub = v1::ActivityService::NewStub(Connect(server.port()));
  const absl::Time time = SystemClock().Now() - absl::Hours(24);
  const LoadResult result = RunLoad<v1::RecordActivitiesRequest, v1::RecordActivitiesResponse>(
      {.in_flight = 16, .duration = options.duration()}, [&](uint64_t n) { return Batch(ledgers, n, time); },
      [&](grpc::ClientContext* context, const v1::RecordActivitiesRequest& request, grpc::CompletionQueue* queue) {
        AsProvider(*context);
        return stub->PrepareAsyncRecordActivities(context, request, queue);
      });
  server.Stop();
  const double entries = result.per_second * kActivities;
  if (result.failures > 0) {
    figures.Add(
        {"batch_failures", static_cast<double>(result.failures), "calls", "0", "first: " + result.first_failure});
  }
  figures.Add({"raw_rocksdb", raw, "entries/s", "", "synced batches of 256 entries of 300 bytes, 4 threads"});
  figures.Add({"batch", entries, "entries/s", "", "256 activities a call, 16 in flight, 16 ledgers"});
  figures.Add({"batch_ratio", entries / raw, "", ">= 0.50"});
}

}  // namespace parley::bench
