#include "tests/bench/reports.h"

#include <algorithm>
#include <vector>

#include "eventstore/base/clock.h"
#include "parley/v1/metric.grpc.pb.h"
#include "tests/bench/host_memory.h"
#include "tests/bench/process.h"
#include "tests/bench/raw_calls.h"
#include "tests/bench/read_models.h"

namespace parley::bench {

LoadResult Report(int port, Ledgers& ledgers, const LoadOptions& options,
                  const std::function<void(const grpc::ByteBuffer&)>& answered) {
  constexpr int kChannels = 4;
  FetchHostMemory(options.duration);
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs;
  for (int i = 0; i < kChannels; ++i) stubs.push_back(std::make_unique<grpc::GenericStub>(Connect(port, i)));
  std::atomic<uint64_t> turn{0};
  return RunLoad<RawRequest, grpc::ByteBuffer>(
      options, [&](uint64_t) { return RawRequest::Of("MetricService", ledgers.NextReport()); },
      [&](grpc::ClientContext* context, const RawRequest& request, grpc::CompletionQueue* queue) {
        AsProvider(*context);
        return Prepare(*stubs[turn.fetch_add(1) % kChannels], *context, request, *queue);
      },
      answered);
}

v1::ReportMetricResponse ParseReported(const grpc::ByteBuffer& answer) {
  grpc::ByteBuffer copy = answer;
  v1::ReportMetricResponse response;
  const grpc::Status status =
      grpc::GenericDeserialize<grpc::ProtoBufferReader, v1::ReportMetricResponse>(&copy, &response);
  if (!status.ok()) Die("an answer does not parse: " + status.error_message());
  return response;
}

absl::Duration Settle(int port, Ledgers& ledgers) {
  const absl::Duration begun = Monotonic();
  // The server divides ledgers between threads, each of which has an end of its own to reach: of so many ledgers, all have some.
  const size_t count = std::min<size_t>(16, ledgers.names().size());
  const auto stub = v1::MetricService::NewStub(Connect(port));
  std::vector<v1::ReportMetricResponse> last(count);
  for (v1::ReportMetricResponse& response : last) {
    grpc::ClientContext context;
    AsProvider(context);
    const grpc::Status status = stub->ReportMetric(&context, ledgers.NextReport(), &response);
    if (!status.ok()) Die("a report was refused: " + status.error_message());
  }
  for (const auto& response : last) WaitUntilVisible(port, response.metric().name(), response.consistency_token());
  return Monotonic() - begun;
}

void Complain(const LoadResult& result, const std::string& what, Figures& figures) {
  if (result.failures == 0) return;
  figures.Add(
      {what + "_failures", static_cast<double>(result.failures), "calls", "0", "first: " + result.first_failure});
}

}  // namespace parley::bench
