#include "projections/scoreboard.h"

#include <algorithm>

#include "parley/v1/metric.pb.h"
#include "parley/v1/scoreboard.pb.h"
#include "services/metric/metric.h"
#include "services/metric/rating.h"

namespace parley {
namespace {

using v1::Metric;
using v1::MetricPeriod;
using v1::ScoreboardCell;
using v1::ScoreboardMetric;
using v1::ScoreboardValue;

std::string CellsOf(const std::string& metric) { return ScoreboardProjection::kCells + metric + "/"; }

const v1::MetricDefinition& DefinitionOf(const Metric& metric, int32_t version) {
  static const v1::MetricDefinition kNone;
  return version >= 1 && version <= metric.versions_size() ? metric.versions(version - 1).definition() : kNone;
}

ScoreboardValue Value(const v1::Measurement& measurement, const v1::MetricDefinition& definition,
                      const std::string& party, const google::protobuf::Timestamp& time) {
  ScoreboardValue out;
  *out.mutable_measurement() = measurement;
  *out.mutable_rating() = Rate(InputsOf(measurement, definition));
  out.set_party_id(party);
  *out.mutable_time() = time;
  return out;
}

ScoreboardValue Value(const v1::MetricValue& value, const v1::MetricDefinition& definition) {
  return Value(value.measurement(), definition, value.party_id(), value.time());
}

// What the metric says of a period, besides what it was reported as at first, which `before` remembers.
ScoreboardCell CellOf(const Metric& metric, const MetricPeriod& period, const ScoreboardCell& before) {
  const v1::MetricDefinition& definition = DefinitionOf(metric, period.version());
  ScoreboardCell cell;
  cell.set_metric(metric.name());
  cell.set_period(period.period());
  cell.set_version(period.version());
  cell.set_state(period.state());
  cell.set_report_missing(period.has_missing_time());
  cell.set_contested(period.state() == v1::METRIC_PERIOD_STATE_CONTESTED);
  *cell.mutable_rating() = period.rating();
  cell.set_only_clock_stopped_passes(period.rating().only_clock_stopped_passes());
  if (period.has_reported()) {
    const ScoreboardValue latest = Value(period.reported(), definition);
    *cell.mutable_as_reported() = before.has_as_reported() ? before.as_reported() : latest;
    cell.set_corrections(before.corrections());
    if (before.has_as_corrected()) *cell.mutable_as_corrected() = before.as_corrected();
  }
  if (period.has_settled()) {
    *cell.mutable_as_agreed() = Value(period.settled(), definition);
  } else if (period.state() == v1::METRIC_PERIOD_STATE_CLOSED && period.has_reported()) {
    *cell.mutable_as_agreed() = Value(period.reported(), definition);
    cell.mutable_as_agreed()->set_party_id(period.closed_by_party());
    *cell.mutable_as_agreed()->mutable_time() = period.close_time();
  }
  for (const v1::MetricAdjustment& a : metric.adjustments()) {
    if (a.corrects_period() != period.period() || a.corrects_version() != period.version()) continue;
    auto* adjustment = cell.add_adjustments();
    adjustment->set_carried_by_period(a.period());
    *adjustment->mutable_value() = Value(a.measurement(), definition, a.party_id(), a.time());
  }
  return cell;
}

void AddPerceptions(const Metric& metric, ScoreboardCell& cell) {
  for (const v1::MetricPerception& perception : metric.perceptions()) {
    if (perception.period() != cell.period()) continue;
    auto* out = cell.add_as_perceived();
    out->set_party_id(perception.party_id());
    out->set_score(perception.score());
    *out->mutable_time() = perception.time();
  }
}

ScoreboardMetric BoardOf(const Metric& metric) {
  ScoreboardMetric board;
  board.set_metric(metric.name());
  board.set_display_name(metric.display_name());
  board.set_version_in_force(metric.version_in_force());
  const v1::MetricDefinition& definition = DefinitionOf(metric, std::max(metric.version_in_force(), 1));
  board.set_unit(definition.unit());
  board.set_direction(definition.direction());
  *board.mutable_expected() = definition.expected();
  *board.mutable_target() = definition.target();
  board.set_weight(definition.weight());
  if (metric.version_in_force() >= 1 && metric.version_in_force() <= metric.versions_size()) {
    board.set_awaited_period(metric.versions(metric.version_in_force() - 1).awaited_period());
  }
  if (metric.versions_size() > metric.version_in_force()) {
    const v1::MetricDefinitionVersion& pending = *metric.versions().rbegin();
    board.set_pending_version(pending.version());
    for (const auto& agreement : pending.agreements()) board.add_pending_agreed_by(agreement.party_id());
  }
  return board;
}

// The only period whose cells the event changes; empty where it changes none.
const std::string& PeriodOf(const v1::MetricEvent& event) {
  static const std::string kNone;
  switch (event.kind_case()) {
    case v1::MetricEvent::kReported:
      return event.reported().period();
    case v1::MetricEvent::kCorrected:
      return event.corrected().period();
    case v1::MetricEvent::kAdjustmentRecorded:
      return event.adjustment_recorded().corrects_period();
    case v1::MetricEvent::kContested:
      return event.contested().period();
    case v1::MetricEvent::kContestSettlementProposed:
      return event.contest_settlement_proposed().period();
    case v1::MetricEvent::kContestSettled:
      return event.contest_settled().period();
    case v1::MetricEvent::kPeriodClosed:
      return event.period_closed().period();
    case v1::MetricEvent::kRated:
      return event.rated().period();
    case v1::MetricEvent::kPerceptionSurveyed:
      return event.perception_surveyed().period();
    case v1::MetricEvent::kReportMissing:
      return event.report_missing().period();
    case v1::MetricEvent::kDefinitionProposed:
    case v1::MetricEvent::kDefinitionAgreed:
    case v1::MetricEvent::kLinkedToObjective:
    case v1::MetricEvent::kReportsNoLongerAwaited:
    case v1::MetricEvent::KIND_NOT_SET:
      return kNone;
  }
  return kNone;
}

// Makes the cells of the period that the event is about what the metric says of it now.
void UpdateCells(const Metric& metric, const v1::MetricEvent& event, Rows& rows) {
  const std::string& period = PeriodOf(event);
  if (period.empty()) return;
  const std::string prefix = CellsOf(metric.name()) + period + "/";
  const auto is_of_it = [&](const auto& what) { return what.period() == period; };
  const bool surveyed = std::any_of(metric.perceptions().begin(), metric.perceptions().end(), is_of_it);
  const bool measured = std::any_of(metric.periods().begin(), metric.periods().end(), is_of_it);
  const std::string surveyed_only = prefix + "0";
  if (surveyed && measured) rows.Delete(surveyed_only);
  if (surveyed && !measured) {
    ScoreboardCell cell;
    cell.set_metric(metric.name());
    cell.set_period(period);
    cell.mutable_rating()->set_raw(v1::RATING_UNKNOWN);
    AddPerceptions(metric, cell);
    rows.Put(surveyed_only, cell);
  }
  for (const MetricPeriod& measure : metric.periods()) {
    if (!is_of_it(measure)) continue;
    const std::string key = prefix + std::to_string(measure.version());
    const bool first =
        event.has_reported() && !event.reported().late() && measure.version() == event.reported().version();
    auto& row = first ? rows.Insert<ScoreboardCell>(key, Reuse::kUnlikely)
                      : rows.Mutable<ScoreboardCell>(key, Reuse::kUnlikely);
    ScoreboardCell cell = CellOf(metric, measure, row);
    if (event.has_corrected() && event.corrected().version() == measure.version()) {
      cell.set_corrections(cell.corrections() + 1);
      *cell.mutable_as_corrected() = Value(measure.reported(), DefinitionOf(metric, measure.version()));
    }
    AddPerceptions(metric, cell);
    row = std::move(cell);
  }
}

}  // namespace

absl::Status ScoreboardProjection::Apply(const RecordedEvent& event, Rows& rows) const {
  const auto* of_metric = event.As<v1::MetricEvent>();
  if (of_metric == nullptr) return absl::OkStatus();
  const Metric& metric = rows.Fold<Metric>("metric/" + event.info.stream, event);
  rows.Mutable<ScoreboardMetric>(kMetrics + metric.name()) = BoardOf(metric);
  UpdateCells(metric, *of_metric, rows);
  return absl::OkStatus();
}

}  // namespace parley
