// gRPC for metrics: one line per RPC.
#include "parley/v1/metric.grpc.pb.h"
#include "services/metric/metric.h"
#include "services/server/calls.h"
#include "services/server/services.h"

namespace parley {
namespace {

class MetricServiceImpl final : public v1::MetricService::CallbackService {
 public:
  explicit MetricServiceImpl(Calls& calls) : calls_(calls) {}

  PARLEY_COMMAND(Metric, ProposeMetric)
  PARLEY_COMMAND(Metric, ProposeMetricDefinition)
  PARLEY_COMMAND(Metric, AgreeToMetricDefinition)
  PARLEY_COMMAND(Metric, LinkMetricToObjective)
  PARLEY_COMMAND(Metric, ReportMetric)
  PARLEY_COMMAND(Metric, CorrectMetric)
  PARLEY_COMMAND(Metric, ContestMetric)
  PARLEY_COMMAND(Metric, ProposeMetricSettlement)
  PARLEY_COMMAND(Metric, AgreeToMetricSettlement)
  PARLEY_COMMAND(Metric, CloseMetricPeriod)
  PARLEY_COMMAND(Metric, SurveyMetricPerception)
  PARLEY_QUERY(GetMetric)
  PARLEY_QUERY(ListMetrics)

 private:
  Calls& calls_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeMetricService(Calls& calls) { return std::make_unique<MetricServiceImpl>(calls); }

}  // namespace parley
