// The requests that a metric's events answered to. A version that a request left open is named in the event: naming it in the
// request comes to the same.
#include "services/aggregate/recheck.h"
#include "services/metric/metric.h"

namespace parley {

using v1::MetricEvent;

absl::StatusOr<Events> Redecide(const v1::Metric& metric, const RecordedCommand& recorded, const Context& context) {
  const MetricEvent& event = *recorded.First<MetricEvent>();
  switch (event.kind_case()) {
    case MetricEvent::kDefinitionProposed: {
      if (context.ledger().Exists(context.target())) {
        v1::ProposeMetricDefinitionRequest request;
        *request.mutable_definition() = event.definition_proposed().definition();
        return DecideAgain(metric, request, context);
      }
      v1::ProposeMetricRequest request;
      *request.mutable_definition() = event.definition_proposed().definition();
      return DecideAgain(metric, request, context);
    }
    case MetricEvent::kDefinitionAgreed: {
      v1::AgreeToMetricDefinitionRequest request;
      request.set_version(event.definition_agreed().version());
      return DecideAgain(metric, request, context);
    }
    case MetricEvent::kLinkedToObjective: {
      v1::LinkMetricToObjectiveRequest request;
      request.set_objective(event.linked_to_objective().objective());
      request.set_strength(event.linked_to_objective().strength());
      return DecideAgain(metric, request, context);
    }
    case MetricEvent::kReported: {
      v1::ReportMetricRequest request;
      request.set_period(event.reported().period());
      request.set_version(event.reported().version());
      *request.mutable_measurement() = event.reported().measurement();
      return DecideAgain(metric, request, context);
    }
    case MetricEvent::kCorrected: {
      v1::CorrectMetricRequest request;
      request.set_period(event.corrected().period());
      request.set_version(event.corrected().version());
      *request.mutable_measurement() = event.corrected().measurement();
      request.set_reason(event.corrected().reason());
      return DecideAgain(metric, request, context);
    }
    case MetricEvent::kAdjustmentRecorded: {
      v1::CorrectMetricRequest request;
      request.set_period(event.adjustment_recorded().corrects_period());
      request.set_version(event.adjustment_recorded().corrects_version());
      *request.mutable_measurement() = event.adjustment_recorded().measurement();
      request.set_reason(event.adjustment_recorded().reason());
      request.set_adjustment_period(event.adjustment_recorded().period());
      return DecideAgain(metric, request, context);
    }
    case MetricEvent::kContested: {
      v1::ContestMetricRequest request;
      request.set_period(event.contested().period());
      request.set_version(event.contested().version());
      request.set_grounds(event.contested().grounds());
      return DecideAgain(metric, request, context);
    }
    case MetricEvent::kContestSettlementProposed: {
      v1::ProposeMetricSettlementRequest request;
      request.set_period(event.contest_settlement_proposed().period());
      request.set_version(event.contest_settlement_proposed().version());
      *request.mutable_measurement() = event.contest_settlement_proposed().measurement();
      request.set_rationale(event.contest_settlement_proposed().rationale());
      return DecideAgain(metric, request, context);
    }
    case MetricEvent::kContestSettled: {
      v1::AgreeToMetricSettlementRequest request;
      request.set_period(event.contest_settled().period());
      request.set_version(event.contest_settled().version());
      request.set_settlement(event.contest_settled().settlement());
      return DecideAgain(metric, request, context);
    }
    case MetricEvent::kPeriodClosed: {
      v1::CloseMetricPeriodRequest request;
      request.set_period(event.period_closed().period());
      request.set_version(event.period_closed().version());
      return DecideAgain(metric, request, context);
    }
    case MetricEvent::kPerceptionSurveyed: {
      v1::SurveyMetricPerceptionRequest request;
      request.set_period(event.perception_surveyed().period());
      request.set_score(event.perception_surveyed().score());
      return DecideAgain(metric, request, context);
    }
    case MetricEvent::kRated:                   // Goes with the value that it rates.
    case MetricEvent::kReportMissing:           // A deadline's.
    case MetricEvent::kReportsNoLongerAwaited:  // Likewise.
    case MetricEvent::KIND_NOT_SET:
      break;
  }
  return NoCommandBeginsWith(recorded);
}

}  // namespace parley
