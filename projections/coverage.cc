#include "projections/coverage.h"

#include "parley/v1/coverage.pb.h"
#include "parley/v1/metric.pb.h"
#include "services/metric/metric.h"
#include "services/objective/objective.h"

namespace parley {
namespace {

void FoldObjective(const v1::ObjectiveEvent& event, const EventInfo& info, Rows& rows) {
  auto& objective = rows.Mutable<v1::Objective>(CoverageProjection::kObjectives + info.stream);
  Evolve(objective, event, info);
  StampResource(objective, info);
}

// Only these events change what a metric measures; the many that report do not get here.
bool ChangesCoverage(const v1::MetricEvent& event) {
  return event.has_definition_proposed() || event.has_definition_agreed() || event.has_linked_to_objective();
}

v1::CoverageMetric CoverageOf(const v1::Metric& metric) {
  v1::CoverageMetric out;
  out.set_metric(metric.name());
  out.set_in_force(metric.version_in_force() > 0);
  const int32_t version = out.in_force() ? metric.version_in_force() : metric.versions_size();
  if (version >= 1 && version <= metric.versions_size()) {
    const v1::MetricDefinition& definition = metric.versions(version - 1).definition();
    out.set_display_name(definition.display_name());
    out.set_ease(definition.ease());
    out.set_weight(definition.weight());
  }
  for (const v1::MetricObjectiveLink& link : metric.links()) {
    auto* to = out.add_links();
    to->set_objective(link.objective());
    to->set_strength(link.strength());
  }
  return out;
}

void FoldMetric(const v1::MetricEvent& event, const EventInfo& info, Rows& rows) {
  if (!ChangesCoverage(event)) return;
  // The metric without its periods: what was folded in so far is all that these events touch.
  auto& metric = rows.Mutable<v1::Metric>("folded/" + info.stream);
  Evolve(metric, event, info);
  StampResource(metric, info);
  rows.Put(CoverageProjection::kMetrics + info.stream, CoverageOf(metric));
}

}  // namespace

absl::Status CoverageProjection::Apply(const RecordedEvent& event, Rows& rows) const {
  if (const auto* objective = event.As<v1::ObjectiveEvent>()) FoldObjective(*objective, event.info, rows);
  if (const auto* metric = event.As<v1::MetricEvent>()) FoldMetric(*metric, event.info, rows);
  return absl::OkStatus();
}

}  // namespace parley
