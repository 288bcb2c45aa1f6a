#include "tests/bench/reports.h"

#include "tests/bench/process.h"
#include "tests/bench/read_models.h"

namespace parley::bench {

LoadResult Report(int port, Ledgers& ledgers, const LoadOptions& options,
                  const std::function<void(const v1::ReportMetricResponse&)>& answered) {
  constexpr int kChannels = 4;
  std::vector<std::unique_ptr<v1::MetricService::Stub>> stubs;
  for (int i = 0; i < kChannels; ++i) stubs.push_back(v1::MetricService::NewStub(Connect(port, i)));
  std::atomic<uint64_t> turn{0};
  return RunLoad<v1::ReportMetricRequest, v1::ReportMetricResponse>(
      options, [&](uint64_t) { return ledgers.NextReport(); },
      [&](grpc::ClientContext* context, const v1::ReportMetricRequest& request, grpc::CompletionQueue* queue) {
        AsProvider(*context);
        return stubs[turn.fetch_add(1) % kChannels]->PrepareAsyncReportMetric(context, request, queue);
      },
      answered);
}

void Settle(int port, Ledgers& ledgers) {
  grpc::ClientContext context;
  AsProvider(context);
  v1::ReportMetricResponse last;
  const auto stub = v1::MetricService::NewStub(Connect(port));
  const grpc::Status status = stub->ReportMetric(&context, ledgers.NextReport(), &last);
  if (!status.ok()) Die("a report was refused: " + status.error_message());
  WaitUntilVisible(port, last.metric().name(), last.consistency_token());
}

void Complain(const LoadResult& result, const std::string& what, Figures& figures) {
  if (result.failures == 0) return;
  figures.Add(
      {what + "_failures", static_cast<double>(result.failures), "calls", "0", "first: " + result.first_failure});
}

}  // namespace parley::bench
