#include "tests/bench/filled_store.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "parley/v1/audit.grpc.pb.h"
#include "tests/bench/activities.h"
#include "tests/bench/process.h"

namespace parley::bench {
namespace {

constexpr uint64_t kLargestBatch = 250;

void ReportAll(int port, Ledgers& ledgers, uint64_t reports) {
  std::atomic<uint64_t> next{0};
  std::vector<std::thread> clients;
  const auto stub = v1::MetricService::NewStub(Connect(port));
  for (int c = 0; c < 48; ++c) {
    clients.emplace_back([&] {
      while (next++ < reports) {
        grpc::ClientContext context;
        AsProvider(context);
        v1::ReportMetricResponse response;
        const auto status = stub->ReportMetric(&context, ledgers.NextReport(), &response);
        if (!status.ok()) Die("a report was refused: " + status.error_message());
      }
    });
  }
  for (std::thread& client : clients) client.join();
}

}  // namespace

Filling ThousandEach(const std::string& prefix, uint64_t entries) {
  return {.prefix = prefix,
          .ledgers = static_cast<int>(std::max<uint64_t>(1, entries / kEntriesEach)),
          .metrics_each = 1,
          .reports_each = 12,
          .activities = 960};
}

Ledgers Fill(int port, const Filling& filling) {
  Ledgers ledgers = Ledgers::Open(port, filling.prefix, filling.ledgers, filling.metrics_each);
  const auto count = static_cast<uint64_t>(filling.ledgers);
  if (filling.activities > 0) {
    const uint64_t rounds = (filling.activities + kLargestBatch - 1) / kLargestBatch;
    RecordBatches(port, ledgers, {.count = count * rounds, .size = static_cast<int>(filling.activities / rounds)});
  }
  ReportAll(port, ledgers, count * static_cast<uint64_t>(filling.metrics_each * filling.reports_each));
  return ledgers;
}

void MakeCheckpoints(int port, const std::vector<std::string>& relationships) {
  const auto stub = v1::AuditService::NewStub(Connect(port));
  std::atomic<size_t> next{0};
  std::vector<std::thread> clients;
  for (int c = 0; c < 8; ++c) {
    clients.emplace_back([&] {
      for (size_t i = next++; i < relationships.size(); i = next++) {
        grpc::ClientContext context;
        AsProvider(context);
        v1::CreateCheckpointRequest request;
        request.set_name(relationships[i]);
        v1::CreateCheckpointResponse response;
        const auto status = stub->CreateCheckpoint(&context, request, &response);
        if (!status.ok()) Die("no checkpoint: " + status.error_message());
      }
    });
  }
  for (std::thread& client : clients) client.join();
}

}  // namespace parley::bench
