#include "tests/bench/activities.h"

#include <atomic>
#include <thread>

#include "eventstore/base/proto_util.h"
#include "parley/v1/activity.grpc.pb.h"

namespace parley::bench {

v1::RecordActivitiesRequest Activities(const Ledgers& ledgers, uint64_t n, absl::Time time) {
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

LoadResult RecordActivities(int port, const Ledgers& ledgers, const LoadOptions& options) {
  const auto stub = v1::ActivityService::NewStub(Connect(port));
  const absl::Time time = SystemClock().Now() - absl::Hours(24);
  return RunLoad<v1::RecordActivitiesRequest, v1::RecordActivitiesResponse>(
      options, [&](uint64_t n) { return Activities(ledgers, n, time); },
      [&](grpc::ClientContext* context, const v1::RecordActivitiesRequest& request, grpc::CompletionQueue* queue) {
        AsProvider(*context);
        return stub->PrepareAsyncRecordActivities(context, request, queue);
      });
}

void RecordBatches(int port, const Ledgers& ledgers, uint64_t batches) {
  const auto stub = v1::ActivityService::NewStub(Connect(port));
  const absl::Time time = SystemClock().Now() - absl::Hours(24);
  std::atomic<uint64_t> next{0};
  std::vector<std::thread> clients;
  for (int c = 0; c < 8; ++c) {
    clients.emplace_back([&] {
      for (uint64_t n = next++; n < batches; n = next++) {
        grpc::ClientContext context;
        AsProvider(context);
        v1::RecordActivitiesResponse response;
        if (!stub->RecordActivities(&context, Activities(ledgers, n, time), &response).ok()) return;
      }
    });
  }
  for (std::thread& client : clients) client.join();
}

}  // namespace parley::bench
