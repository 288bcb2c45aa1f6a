// Monthly reports from an event log, as metrics of a relationship.
#pragma once

#include <grpcpp/support/status.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "parley/v1/relationship.pb.h"
#include "services/cli/client.h"
#include "services/import/xes_mapping.h"
#include "services/import/xes_metrics.h"

namespace parley {

struct MetricImport {
  std::string provider;           // The party that reports.
  absl::Time start;               // When the definitions take effect: before the first report.
  std::string evidence_name;      // Of the file that the numbers come from,
  std::string evidence_sha256;    // and its digest.
  std::string source;             // The system they were taken from.
  std::string consistency_token;  // Stands for what earlier imports recorded.
};

struct MetricCounts {
  int64_t metrics = 0;
  int64_t reported = 0;
  int64_t there_already = 0;
  int64_t not_over = 0;  // Months that have not ended.
};

// A definition needs both levels: INVALID_ARGUMENT names a metric of the mapping that lacks one.
absl::Status CheckLevels(const XesMapping& mapping);

// Defines each of the mapping's metrics where it is not there, agrees to it for every buyer and provider, and reports the
// months that were not reported yet. The caller stands in for all of them.
grpc::Status ImportMetrics(Client& client, const v1::Relationship& relationship, const XesMapping& mapping,
                           const std::vector<MonthlyReport>& reports, const MetricImport& import, MetricCounts* counts);

}  // namespace parley
