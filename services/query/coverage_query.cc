#include "services/query/coverage_query.h"

#include <algorithm>
#include <map>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "parley/v1/objective.pb.h"
#include "projections/coverage.h"
#include "services/query/scan_rows.h"

namespace parley {
namespace {

constexpr int32_t kEasy = 4;         // Of 5.
constexpr int32_t kMatters = 4;      // Of 5.
constexpr int32_t kDifferently = 2;  // Ranks apart.

const char* const kModel = CoverageProjection::kName;

int32_t HighestRank(const v1::CoverageObjective& objective) {
  int32_t highest = 0;
  for (const auto& ranking : objective.rankings()) highest = std::max(highest, ranking.rank());
  return highest;
}

v1::CoverageObjective Cover(const v1::Objective& objective, const std::vector<v1::CoverageMetric>& metrics) {
  v1::CoverageObjective out;
  out.set_objective(objective.name());
  out.set_title(objective.title());
  *out.mutable_rankings() = objective.rankings();
  for (const auto& endorsement : objective.endorsements()) out.add_endorsed_by_parties(endorsement.party_id());
  for (const v1::CoverageMetric& metric : metrics) {
    for (const v1::CoverageLink& link : metric.links()) {
      if (!metric.in_force() || link.objective() != objective.name()) continue;
      auto* measure = out.add_measured_by();
      measure->set_metric(metric.metric());
      measure->set_strength(link.strength());
    }
  }
  out.set_unmeasured(out.measured_by().empty());
  if (out.rankings_size() >= 2) {
    int32_t lowest = out.rankings(0).rank();
    for (const auto& ranking : out.rankings()) lowest = std::min(lowest, ranking.rank());
    out.set_rank_gap(HighestRank(out) - lowest);
  }
  out.set_ranked_differently(out.rank_gap() >= kDifferently);
  return out;
}

v1::CoverageSummary Summarise(const v1::GetCoverageResponse& response) {
  v1::CoverageSummary out;
  out.set_objectives(response.objectives_size());
  for (const v1::CoverageObjective& objective : response.objectives()) {
    const bool matters = objective.unmeasured() && HighestRank(objective) >= kMatters;
    out.set_unmeasured_objectives(out.unmeasured_objectives() + objective.unmeasured());
    out.set_unmeasured_that_matter(out.unmeasured_that_matter() + matters);
    out.set_ranked_differently(out.ranked_differently() + objective.ranked_differently());
  }
  out.set_metrics(response.metrics_size());
  for (const v1::CoverageMetric& metric : response.metrics()) {
    out.set_metrics_serving_nothing(out.metrics_serving_nothing() + metric.serves_nothing());
    out.set_easy_metrics_serving_nothing(out.easy_metrics_serving_nothing() + metric.easy_and_serves_nothing());
  }
  return out;
}

}  // namespace

absl::Status AnswerCoverage(const QueryContext& context, const v1::GetCoverageRequest& request,
                            v1::GetCoverageResponse& response) {
  PARLEY_ASSIGN_OR_RETURN(const LedgerId ledger, ReadableLedger(context, request.name(), "name"));
  PARLEY_ASSIGN_OR_RETURN(const absl::Time read_time, ReadTime(context, request.has_read_time(), request.read_time()));
  std::vector<v1::Objective> objectives;
  std::vector<v1::CoverageMetric> metrics;
  PARLEY_RETURN_IF_ERROR(ScanRows(context.view, kModel, ledger, RowsInto{CoverageProjection::kObjectives, objectives},
                                  RowsInto{CoverageProjection::kMetrics, metrics}));
  std::map<std::string, bool> pursued;
  std::vector<v1::CoverageObjective> covered;
  for (const v1::Objective& objective : objectives) {
    pursued[objective.name()] = objective.state() == v1::OBJECTIVE_STATE_STATED;
    if (pursued[objective.name()]) covered.push_back(Cover(objective, metrics));
  }
  std::stable_sort(covered.begin(), covered.end(),
                   [](const auto& a, const auto& b) { return HighestRank(a) > HighestRank(b); });
  for (v1::CoverageObjective& objective : covered) *response.add_objectives() = std::move(objective);
  for (const v1::CoverageMetric& metric : metrics) {
    auto* out = response.add_metrics();
    *out = metric;
    out->set_serves_nothing(std::none_of(metric.links().begin(), metric.links().end(),
                                         [&](const auto& link) { return pursued[link.objective()]; }));
    out->set_easy_and_serves_nothing(out->serves_nothing() && metric.ease() >= kEasy);
  }
  *response.mutable_summary() = Summarise(response);
  *response.mutable_read_time() = ToProto(read_time);
  return absl::OkStatus();
}

}  // namespace parley
