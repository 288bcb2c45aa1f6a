#include "projections/scoreboard.h"

#include <map>

#include "eventstore/base/proto_util.h"
#include "parley/v1/metric.pb.h"
#include "parley/v1/scoreboard.pb.h"
#include "projections/derived_rows.h"
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

// The period's cell as it was before the event.
ScoreboardCell Before(const Metric& metric, const MetricPeriod& period, Rows& rows) {
  const std::string key = CellsOf(metric.name()) + period.period() + "/" + std::to_string(period.version());
  return rows.GetOrDefault<ScoreboardCell>(key);
}

std::map<std::string, std::string> CellsOf(const Metric& metric, const v1::MetricEvent& event, Rows& rows) {
  std::map<std::string, std::string> out;
  const auto add = [&](ScoreboardCell cell) {
    AddPerceptions(metric, cell);
    out[CellsOf(metric.name()) + cell.period() + "/" + std::to_string(cell.version())] = Canonical(cell);
  };
  std::map<std::string, bool> surveyed_only;
  for (const auto& perception : metric.perceptions()) surveyed_only[perception.period()] = true;
  for (const MetricPeriod& period : metric.periods()) {
    surveyed_only[period.period()] = false;
    ScoreboardCell cell = CellOf(metric, period, Before(metric, period, rows));
    const auto& corrected = event.corrected();
    if (event.has_corrected() && corrected.version() == period.version() && corrected.period() == period.period()) {
      cell.set_corrections(cell.corrections() + 1);
      *cell.mutable_as_corrected() = Value(period.reported(), DefinitionOf(metric, period.version()));
    }
    add(std::move(cell));
  }
  for (const auto& [period, only] : surveyed_only) {
    if (!only) continue;
    ScoreboardCell cell;
    cell.set_metric(metric.name());
    cell.set_period(period);
    cell.mutable_rating()->set_raw(v1::RATING_UNKNOWN);
    add(std::move(cell));
  }
  return out;
}

}  // namespace

absl::Status ScoreboardProjection::Apply(const RecordedEvent& event, Rows& rows) const {
  const auto* of_metric = event.As<v1::MetricEvent>();
  if (of_metric == nullptr) return absl::OkStatus();
  const std::string key = "metric/" + event.info.stream;
  auto metric = rows.GetOrDefault<Metric>(key);
  Evolve(metric, *of_metric, event.info);
  StampResource(metric, event.info);
  rows.Put(key, metric);
  rows.Put(kMetrics + metric.name(), BoardOf(metric));
  ReplaceRows(rows, CellsOf(metric.name()), CellsOf(metric, *of_metric, rows));
  return absl::OkStatus();
}

}  // namespace parley
