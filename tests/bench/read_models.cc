#include "tests/bench/read_models.h"

#include "parley/v1/dashboard.pb.h"
#include "parley/v1/metric.pb.h"
#include "parley/v1/objective.pb.h"
#include "tests/bench/ledgers.h"
#include "tests/bench/process.h"

namespace parley::bench {
namespace {

template <class Request>
Request Dashboard(const std::string& relationship, const std::string& token) {
  Request request;
  request.set_name(relationship);
  request.set_consistency_token(token);
  return request;
}

}  // namespace

std::vector<RawRequest> QueryEveryReadModel(const std::string& metric, const std::string& consistency_token) {
  const std::string& token = consistency_token;
  const std::string relationship = metric.substr(0, metric.find("/metrics/"));
  std::vector<RawRequest> out;
  const auto dashboard = [&](const auto& request) { out.push_back(RawRequest::Of("DashboardService", request)); };
  dashboard(Dashboard<v1::GetOverviewRequest>(relationship, token));
  dashboard(Dashboard<v1::GetDecisionRegisterRequest>(relationship, token));
  auto scoreboard = Dashboard<v1::GetScoreboardRequest>(relationship, token);
  scoreboard.set_start_period("9");  // That it is answered is enough: no period need be told.
  dashboard(scoreboard);
  dashboard(Dashboard<v1::GetCoverageRequest>(relationship, token));
  dashboard(Dashboard<v1::GetDocketRequest>(relationship, token));
  dashboard(Dashboard<v1::GetActivityViewRequest>(relationship, token));
  out.push_back(RawRequest::Of("MetricService", Dashboard<v1::GetMetricRequest>(metric, token)));
  v1::ListObjectivesRequest own;
  own.set_parent(relationship + "/parties/provider");
  own.set_consistency_token(token);
  out.push_back(RawRequest::Of("ObjectiveService", own));
  return out;
}

void WaitUntilVisible(int port, const std::string& metric, const std::string& consistency_token) {
  grpc::GenericStub stub(Connect(port));
  for (const RawRequest& request : QueryEveryReadModel(metric, consistency_token)) {
    constexpr int kAttempts = 10'000;  // Each waits for as long as the server lets a query wait.
    grpc::Status status;
    for (int i = 0; i < kAttempts; ++i) {
      grpc::ClientContext context;
      AsProvider(context);
      grpc::CompletionQueue queue;
      grpc::ByteBuffer response;
      const auto reader = Prepare(stub, context, request, queue);
      reader->StartCall();
      reader->Finish(&response, &status, nullptr);
      void* tag = nullptr;
      bool ok = false;
      queue.Next(&tag, &ok);
      if (status.error_code() != grpc::StatusCode::UNAVAILABLE &&
          status.error_code() != grpc::StatusCode::DEADLINE_EXCEEDED) {
        break;
      }
    }
    if (!status.ok()) Die(request.method + ": " + status.error_message());
  }
}

}  // namespace parley::bench
