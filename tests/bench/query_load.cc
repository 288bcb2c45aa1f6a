#include "tests/bench/query_load.h"

#include <poll.h>

#include <algorithm>
#include <limits>

#include "absl/time/time.h"
#include "eventstore/base/clock.h"
#include "parley/v1/activity.pb.h"
#include "parley/v1/dashboard.pb.h"
#include "parley/v1/metric.pb.h"
#include "parley/v1/relationship.pb.h"
#include "tests/bench/host_memory.h"
#include "tests/bench/ledgers.h"
#include "tests/bench/load.h"
#include "tests/bench/raw_calls.h"
#include "tests/bench/reports.h"

namespace parley::bench {
namespace {

// The n-th of the ledgers, all over the store: neighbours in time are none on the disk.
const std::string& Scattered(const std::vector<std::string>& relationships, uint64_t n) {
  return relationships[(n * 2654435761u) % relationships.size()];
}

template <class Request>
RawRequest Named(const char* service, const std::string& name) {
  Request request;
  request.set_name(name);
  return RawRequest::Of(service, request);
}

template <class Request>
RawRequest PageOf(const char* service, const std::string& parent) {
  Request request;
  request.set_parent(parent);
  request.set_page_size(50);
  return RawRequest::Of(service, request);
}

RawRequest Dashboard(const std::string& relationship, uint64_t n) {
  constexpr char kService[] = "DashboardService";
  switch (n % 6) {
    case 0:
      return Named<v1::GetOverviewRequest>(kService, relationship);
    case 1:
      return Named<v1::GetScoreboardRequest>(kService, relationship);
    case 2:
      return Named<v1::GetDecisionRegisterRequest>(kService, relationship);
    case 3:
      return Named<v1::GetCoverageRequest>(kService, relationship);
    case 4:
      return Named<v1::GetDocketRequest>(kService, relationship);
    default:
      return Named<v1::GetActivityViewRequest>(kService, relationship);
  }
}

RawRequest Query(size_t kind, const std::string& relationship, uint64_t n) {
  if (kind == 0) return Dashboard(relationship, n);
  const bool metric = n % 2 == 0;
  if (kind == 1) {
    return metric ? PageOf<v1::ListMetricsRequest>("MetricService", relationship)
                  : PageOf<v1::ListActivitiesRequest>("ActivityService", relationship);
  }
  return metric ? Named<v1::GetMetricRequest>("MetricService", relationship + "/metrics/m0")
                : Named<v1::GetRelationshipRequest>("RelationshipService", relationship);
}

double Round(const QueryTarget& target, size_t kind, uint64_t first, absl::Duration duration, Figures& figures) {
  grpc::GenericStub stub(Connect(target.server->port()));
  const LoadResult result = RunLoad<RawRequest, grpc::ByteBuffer>(
      {.in_flight = 1, .threads = 1, .warm_up = absl::Milliseconds(50), .duration = duration},
      [&](uint64_t n) { return Query(kind, Scattered(target.relationships, first + n), n); },
      [&](grpc::ClientContext* context, const RawRequest& request, grpc::CompletionQueue* queue) {
        AsProvider(*context);
        return Prepare(stub, *context, request, *queue);
      });
  Complain(result, std::string("query_") + kQueryKinds[kind], figures);
  return result.Quantile(0.99);
}

}  // namespace

void AwaitRest(const BenchOptions& options, const std::vector<const Process*>& servers) {
  if (options.quick) return;  // What is that small is in memory.
  // A server looks for what is to be merged ten to twenty seconds after it had something to do, and again when that is done.
  constexpr absl::Duration kQuiet = absl::Seconds(25), kMost = absl::Minutes(15);
  constexpr double kNothing = 0.02;  // Of one CPU.
  const absl::Duration end = Monotonic() + kMost;
  for (int quiet = 0; quiet < 2;) {
    absl::Duration used;
    for (const Process* server : servers) used -= CpuTime(server->pid());
    ::poll(nullptr, 0, static_cast<int>(absl::ToInt64Milliseconds(kQuiet)));
    for (const Process* server : servers) used += CpuTime(server->pid());
    quiet = used < kNothing * kQuiet ? quiet + 1 : 0;
    if (Monotonic() > end) Die("the servers find no rest");
  }
}

std::vector<QueryTimes> MeasureQueries(const BenchOptions& options, const std::vector<QueryTarget>& targets,
                                       Figures& figures) {
  const uint64_t rounds = options.quick ? 2 : 5;
  const absl::Duration round = options.quick ? absl::Milliseconds(100) : absl::Seconds(1);
  QueryTimes never;
  never.fill(std::numeric_limits<double>::max());
  std::vector<QueryTimes> best(targets.size(), never);
  for (size_t kind = 0; kind < kQueryKinds.size(); ++kind) {
    for (uint64_t r = 0; r < rounds; ++r) {
      for (size_t i = 0; i < targets.size(); ++i) {
        FetchFiles(targets[i].directory);
        // Each round begins with other ledgers, where there are so many: what the one before has read is in some cache.
        const uint64_t first = r * targets[i].relationships.size() / rounds;
        best[i][kind] = std::min(best[i][kind], Round(targets[i], kind, first, round, figures));
      }
    }
  }
  return best;
}

}  // namespace parley::bench
