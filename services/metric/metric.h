// The rules of metrics: definitions that both parties agree to, and periods that are reported, corrected, contested,
// settled and closed. Split by what they are about: definition.cc, report.cc, contest.cc, metric_evolve.cc.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "parley/v1/metric.pb.h"
#include "services/aggregate/aggregate.h"
#include "services/aggregate/context.h"

namespace parley {

void Evolve(v1::Metric& metric, const v1::MetricEvent& event, const EventInfo& info);
absl::StatusOr<Events> Redecide(const v1::Metric&, const RecordedCommand&, const Context&);

// The next report that is due, of each version that still awaits one.
std::vector<Deadline> Deadlines(const v1::Metric& metric);
absl::StatusOr<Events> Expire(const v1::Metric& metric, const Deadline& deadline, const Context& context);

absl::StatusOr<Events> Decide(const v1::Metric&, const v1::ProposeMetricRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Metric&, const v1::ProposeMetricDefinitionRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Metric&, const v1::AgreeToMetricDefinitionRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Metric&, const v1::LinkMetricToObjectiveRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Metric&, const v1::ReportMetricRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Metric&, const v1::CorrectMetricRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Metric&, const v1::ContestMetricRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Metric&, const v1::ProposeMetricSettlementRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Metric&, const v1::AgreeToMetricSettlementRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Metric&, const v1::CloseMetricPeriodRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Metric&, const v1::SurveyMetricPerceptionRequest&, const Context&);

}  // namespace parley
