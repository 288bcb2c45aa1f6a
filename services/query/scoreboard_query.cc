#include "services/query/scoreboard_query.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "projections/scoreboard.h"
#include "services/query/scan_rows.h"

namespace parley {
namespace {

const char* const kModel = ScoreboardProjection::kName;

void CountRating(v1::Rating rating, v1::ScoreboardSummary& summary) {
  switch (rating) {
    case v1::RATING_MET_TARGET:
      summary.set_met_target(summary.met_target() + 1);
      return;
    case v1::RATING_MET_EXPECTED:
      summary.set_met_expected(summary.met_expected() + 1);
      return;
    case v1::RATING_MISSED:
      summary.set_missed(summary.missed() + 1);
      return;
    case v1::RATING_UNKNOWN:
    case v1::RATING_UNSPECIFIED:
    case v1::Rating_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::Rating_INT_MAX_SENTINEL_DO_NOT_USE_:
      summary.set_unknown(summary.unknown() + 1);
      return;
  }
}

void Count(const v1::ScoreboardCell& cell, v1::ScoreboardSummary& summary) {
  summary.set_periods(summary.periods() + 1);
  CountRating(cell.rating().raw(), summary);
  summary.set_only_clock_stopped_passes(summary.only_clock_stopped_passes() + cell.only_clock_stopped_passes());
  summary.set_reports_missing(summary.reports_missing() + cell.report_missing());
  summary.set_contested(summary.contested() + cell.contested());
  const bool differently = cell.has_as_agreed() && cell.has_as_reported() &&
                           Canonical(cell.as_agreed().measurement()) != Canonical(cell.as_reported().measurement());
  summary.set_agreed_differently(summary.agreed_differently() + differently);
}

}  // namespace

absl::Status AnswerScoreboard(const QueryContext& context, const v1::GetScoreboardRequest& request,
                              v1::GetScoreboardResponse& response) {
  PARLEY_ASSIGN_OR_RETURN(const LedgerId ledger, ReadableLedger(context, request.name(), "name"));
  PARLEY_ASSIGN_OR_RETURN(const absl::Time read_time, ReadTime(context, request.has_read_time(), request.read_time()));
  std::vector<v1::ScoreboardMetric> boards;
  std::vector<v1::ScoreboardCell> cells;
  PARLEY_RETURN_IF_ERROR(ScanRows(context.view, kModel, ledger, RowsInto{ScoreboardProjection::kMetrics, boards},
                                  RowsInto{ScoreboardProjection::kCells, cells}));
  // Keys hold versions as text, where 10 comes before 2.
  std::sort(cells.begin(), cells.end(), [](const v1::ScoreboardCell& a, const v1::ScoreboardCell& b) {
    return std::tuple(a.period(), a.version(), a.metric()) < std::tuple(b.period(), b.version(), b.metric());
  });
  std::map<std::string, v1::ScoreboardMetric*> by_name;
  for (v1::ScoreboardMetric& board : boards) {
    auto* added = response.add_metrics();
    *added = std::move(board);
    by_name[added->metric()] = added;
  }
  for (v1::ScoreboardCell& cell : cells) {
    const auto board = by_name.find(cell.metric());
    if (board == by_name.end() || cell.period() < request.start_period()) continue;
    Count(cell, *response.mutable_summary());
    *board->second->add_cells() = std::move(cell);
  }
  *response.mutable_read_time() = ToProto(read_time);
  return absl::OkStatus();
}

}  // namespace parley
