// The scoreboard: the truths of each period beside each other, never merged.
#include <algorithm>
#include <optional>

#include "services/cli/drawings.h"

namespace parley {
namespace {

constexpr int64_t kMillion = 1'000'000;

std::string FractionText(const v1::Fraction& fraction, const std::string& unit) {
  if (fraction.denominator() == 0) return "unknown";
  if (unit == "%") return Percent(fraction.numerator(), fraction.denominator());
  return Quotient(fraction.numerator(), fraction.denominator());
}

std::string LevelText(const v1::MetricLevel& level, const std::string& unit) {
  switch (level.level_case()) {
    case v1::MetricLevel::kFraction:
      return FractionText(level.fraction(), unit);
    case v1::MetricLevel::kPartsPerMillion: {
      v1::Fraction fraction;
      fraction.set_numerator(level.parts_per_million());
      fraction.set_denominator(kMillion);
      return FractionText(fraction, unit);
    }
    case v1::MetricLevel::LEVEL_NOT_SET:
      break;
  }
  return "";
}

Tone ToneOfRating(v1::Rating rating) { return ToneOfState(EnumText(v1::Rating_descriptor(), rating)); }

// The raw number; empty where nobody gave any.
Cell RawCell(bool given, const v1::ScoreboardValue& value, const std::string& unit) {
  if (!given) return {"", Tone::kPlain};
  return {FractionText(value.measurement().raw(), unit), ToneOfRating(value.rating().raw())};
}

Cell StoppedCell(const v1::ScoreboardValue& value, const std::string& unit) {
  if (!value.measurement().has_clock_stopped()) return {"", Tone::kPlain};
  return {FractionText(value.measurement().clock_stopped(), unit), ToneOfRating(value.rating().clock_stopped())};
}

// What counts for now: agreed, else corrected, else reported.
const v1::ScoreboardValue& LiveValue(const v1::ScoreboardCell& cell) {
  if (cell.has_as_agreed()) return cell.as_agreed();
  return cell.has_as_corrected() ? cell.as_corrected() : cell.as_reported();
}

std::string Notes(const v1::ScoreboardCell& cell) {
  std::vector<std::string> notes;
  if (cell.only_clock_stopped_passes()) notes.push_back("green only with the clock stopped");
  if (cell.contested()) notes.push_back("contested");
  if (cell.report_missing()) notes.push_back(cell.has_as_reported() ? "reported late" : "report missing");
  for (const auto& adjustment : cell.adjustments()) notes.push_back("adjusted in " + adjustment.carried_by_period());
  return Joined(notes);
}

std::string Perceptions(const v1::ScoreboardCell& cell) {
  std::vector<std::string> texts;
  for (const auto& said : cell.as_perceived()) texts.push_back(said.party_id() + " " + std::to_string(said.score()));
  return Joined(texts);
}

void DrawMetric(const v1::ScoreboardMetric& metric, Canvas& canvas) {
  canvas.Section(metric.display_name() + "  (" + LocalName(metric.metric()) + ")");
  const bool up = metric.direction() == v1::METRIC_DIRECTION_HIGHER_IS_BETTER;
  canvas.Line(
      Joined({metric.version_in_force() > 0 ? "version " + std::to_string(metric.version_in_force()) : "not agreed yet",
              "expected " + LevelText(metric.expected(), metric.unit()),
              "target " + LevelText(metric.target(), metric.unit()), up ? "higher is better" : "lower is better",
              "weight " + Grouped(metric.weight()),
              metric.awaited_period().empty() ? "" : "awaited: " + metric.awaited_period()}),
      Tone::kDim);
  if (metric.pending_version() > 0) {
    const std::vector<std::string> agreed(metric.pending_agreed_by().begin(), metric.pending_agreed_by().end());
    canvas.Line("version " + std::to_string(metric.pending_version()) + " is proposed, agreed by " +
                    (agreed.empty() ? "nobody yet" : Joined(agreed)),
                Tone::kWarn);
  }
  if (metric.cells().empty()) return canvas.Line("no periods yet", Tone::kDim);
  std::vector<std::optional<int64_t>> raw, stopped;
  Table table({{"Period"},
               {"State"},
               {"Reported", true},
               {"Clock stopped", true},
               {"Corrected", true},
               {"Agreed", true},
               {"Perceived"},
               {"Counts as"},
               {"Note"}});
  for (const auto& cell : metric.cells()) {
    const auto ppm = [](const v1::Fraction& f) {
      return f.denominator() == 0 ? std::nullopt
                                  : std::optional(static_cast<int64_t>(static_cast<__int128>(f.numerator()) * kMillion /
                                                                       f.denominator()));
    };
    raw.push_back(ppm(LiveValue(cell).measurement().raw()));
    stopped.push_back(ppm(LiveValue(cell).measurement().clock_stopped()));
    const std::string state = EnumText(v1::MetricPeriodState_descriptor(), cell.state());
    const std::string rating = EnumText(v1::Rating_descriptor(), cell.rating().raw());
    table.Add({{cell.period()},
               {state, ToneOfState(state)},
               RawCell(cell.has_as_reported(), cell.as_reported(), metric.unit()),
               StoppedCell(LiveValue(cell), metric.unit()),
               RawCell(cell.has_as_corrected(), cell.as_corrected(), metric.unit()),
               RawCell(cell.has_as_agreed(), cell.as_agreed(), metric.unit()),
               {Perceptions(cell)},
               {rating, ToneOfState(rating)},
               {Notes(cell), Tone::kWarn}});
  }
  const bool any_stopped =
      std::any_of(stopped.begin(), stopped.end(), [](const auto& value) { return value.has_value(); });
  canvas.Line("raw           " + Sparkline(raw));
  if (any_stopped) canvas.Line("clock stopped " + Sparkline(stopped));
  canvas.Rows(table);
}

}  // namespace

void Draw(const v1::GetScoreboardResponse& answer, Canvas& canvas) {
  const v1::ScoreboardSummary& summary = answer.summary();
  canvas.Title("Scoreboard", "as of " + ShortTimeText(answer.read_time()));
  const std::vector<Tile> ratings = {{summary.met_target(), "met the target", Tone::kGood},
                                     {summary.met_expected(), "met what was expected", Tone::kAccent},
                                     {summary.missed(), "missed", Tone::kBad},
                                     {summary.unknown(), "unknown", Tone::kWarn}};
  canvas.Tiles(ratings);
  canvas.Shares(ratings);
  canvas.Tiles({{summary.only_clock_stopped_passes(), "green only with the clock stopped", Tone::kBad},
                {summary.reports_missing(), "reports that did not come in time", Tone::kWarn},
                {summary.contested(), "contested", Tone::kWarn},
                {summary.agreed_differently(), "agreed otherwise than reported"}});
  for (const auto& metric : answer.metrics()) DrawMetric(metric, canvas);
}

}  // namespace parley
