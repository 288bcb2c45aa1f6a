// Relationships to load a server with: each chartered, with metrics agreed by both parties whose days can be reported.
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "parley/v1/metric.grpc.pb.h"

namespace parley::bench {

std::shared_ptr<grpc::Channel> Connect(int port, int number = 0);
// Metadata of calls by the provider's first member, who reports.
void AsProvider(grpc::ClientContext& context);

// Ledgers "<prefix>-0" to "<prefix>-<n - 1>", opened through the API by several clients at a time.
class Ledgers {
 public:
  // Aborts with a message where a call fails: nothing can be measured then.
  static Ledgers Open(int port, const std::string& prefix, int count, int metrics_each);

  // The next report: goes round all metrics, each time with an earlier day. Thread-safe.
  v1::ReportMetricRequest NextReport();
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;  // Resource names of relationships.
  int metrics_each_ = 1;
  std::unique_ptr<std::atomic<uint64_t>> next_ = std::make_unique<std::atomic<uint64_t>>(0);
  absl::CivilDay last_day_;
};

}  // namespace parley::bench
