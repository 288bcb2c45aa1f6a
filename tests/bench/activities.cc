#include "tests/bench/activities.h"

#include <atomic>
#include <thread>

#include "eventstore/base/proto_util.h"
#include "parley/v1/activity.grpc.pb.h"
#include "tests/bench/host_memory.h"
#include "tests/bench/process.h"

namespace parley::bench {
namespace {

// The n-th batch. In each ledger cases of nine activities, 240 teams and 560 people, so that what dashboards tell does not grow with a
// history.
v1::RecordActivitiesRequest Batch(const Ledgers& ledgers, uint64_t n, int size, absl::Time time) {
  v1::RecordActivitiesRequest request;
  const uint64_t count = ledgers.names().size();
  request.set_parent(ledgers.names()[n % count]);
  request.set_request_id("b" + std::to_string(size) + "-" + std::to_string(n));
  request.set_historical(true);
  for (int i = 0; i < size; ++i) {
    const uint64_t number = n / count * static_cast<uint64_t>(size) + static_cast<uint64_t>(i);  // In its ledger.
    auto& activity = *request.add_activities();
    activity.set_source("desk" + std::to_string(size));
    activity.set_source_id("s" + std::to_string(number));
    activity.set_case_id("c" + std::to_string(number / 9));
    activity.set_activity("Accepted");
    activity.set_status("In Progress");
    activity.set_party_id("provider");
    activity.set_team("team-" + std::to_string(number % 240));
    activity.set_person("h" + std::to_string(number % 560));
    *activity.mutable_time() = ToProto(time);
  }
  return request;
}

absl::Time Yesterday() { return SystemClock().Now() - absl::Hours(24); }

}  // namespace

LoadResult RecordActivities(int port, const Ledgers& ledgers, int size, const LoadOptions& options) {
  const auto stub = v1::ActivityService::NewStub(Connect(port));
  const absl::Time time = Yesterday();
  FetchHostMemory(options.duration);
  return RunLoad<v1::RecordActivitiesRequest, v1::RecordActivitiesResponse>(
      options, [&](uint64_t n) { return Batch(ledgers, n, size, time); },
      [&](grpc::ClientContext* context, const v1::RecordActivitiesRequest& request, grpc::CompletionQueue* queue) {
        AsProvider(*context);
        return stub->PrepareAsyncRecordActivities(context, request, queue);
      });
}

void RecordBatches(int port, const Ledgers& ledgers, const Batches& batches) {
  constexpr int kClients = 16;
  const auto stub = v1::ActivityService::NewStub(Connect(port));
  const absl::Time time = Yesterday();
  std::atomic<uint64_t> next{batches.first};
  const uint64_t end = batches.first + batches.count;
  std::vector<std::thread> clients;
  for (int c = 0; c < kClients; ++c) {
    clients.emplace_back([&] {
      for (uint64_t n = next++; n < end; n = next++) {
        grpc::ClientContext context;
        AsProvider(context);
        v1::RecordActivitiesResponse response;
        const auto status = stub->RecordActivities(&context, Batch(ledgers, n, batches.size, time), &response);
        if (!status.ok()) Die("a batch of activities was refused: " + status.error_message());
      }
    });
  }
  for (std::thread& client : clients) client.join();
}

}  // namespace parley::bench
