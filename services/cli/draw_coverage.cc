// Coverage: what matters against what is measured.
#include "services/cli/drawings.h"

namespace parley {
namespace {

constexpr int kEasiest = 5;

std::string Dots(int filled) {
  std::string dots;
  for (int i = 1; i <= kEasiest; ++i) dots += i <= filled ? "●" : "○";
  return dots;
}

template <class List>
std::vector<std::string> Texts(const List& list) {
  return {list.begin(), list.end()};
}

void DrawObjectives(const v1::GetCoverageResponse& answer, Canvas& canvas) {
  canvas.Section("Objectives, and what measures them");
  if (answer.objectives().empty()) return canvas.Line("none", Tone::kDim);
  Table table({{"Objective"}, {"Title"}, {"Ranked"}, {"Gap", true}, {"Endorsed by"}, {"Measured by"}});
  for (const auto& objective : answer.objectives()) {
    std::vector<std::string> ranks, measures;
    for (const auto& ranking : objective.rankings())
      ranks.push_back(ranking.party_id() + " " + std::to_string(ranking.rank()));
    for (const auto& measure : objective.measured_by()) {
      measures.push_back(LocalName(measure.metric()) + " " + Dots(measure.strength()));
    }
    table.Add(
        {{LocalName(objective.objective()), Tone::kAccent},
         {objective.title()},
         {Joined(ranks)},
         {objective.rankings_size() < 2 ? "" : std::to_string(objective.rank_gap()),
          objective.ranked_differently() ? Tone::kBad : Tone::kPlain},
         {Joined(Texts(objective.endorsed_by_parties()))},
         {objective.unmeasured() ? "nothing" : Joined(measures), objective.unmeasured() ? Tone::kBad : Tone::kGood}});
  }
  canvas.Rows(table);
}

void DrawMetrics(const v1::GetCoverageResponse& answer, Canvas& canvas) {
  canvas.Section("Metrics, and what they serve");
  if (answer.metrics().empty()) return canvas.Line("none", Tone::kDim);
  Table table({{"Metric"}, {"Name"}, {"In force"}, {"Ease"}, {"Weight", true}, {"Serves"}});
  for (const auto& metric : answer.metrics()) {
    std::vector<std::string> links;
    for (const auto& link : metric.links()) links.push_back(LocalName(link.objective()) + " " + Dots(link.strength()));
    const Tone tone = metric.easy_and_serves_nothing() ? Tone::kBad
                      : metric.serves_nothing()        ? Tone::kWarn
                                                       : Tone::kGood;
    table.Add({{LocalName(metric.metric()), Tone::kAccent},
               {metric.display_name()},
               {metric.in_force() ? "yes" : "not yet", metric.in_force() ? Tone::kGood : Tone::kWarn},
               {Dots(metric.ease())},
               {Grouped(metric.weight())},
               {metric.serves_nothing() ? "nothing" : Joined(links), tone}});
  }
  canvas.Rows(table);
}

}  // namespace

void Draw(const v1::GetCoverageResponse& answer, Canvas& canvas) {
  const v1::CoverageSummary& summary = answer.summary();
  canvas.Title("Coverage", "as of " + ShortTimeText(answer.read_time()));
  canvas.Tiles({{summary.objectives(), "objectives"},
                {summary.unmeasured_objectives(), "measured by nothing", Tone::kWarn},
                {summary.unmeasured_that_matter(), "of these ranked high", Tone::kBad},
                {summary.ranked_differently(), "ranked differently", Tone::kWarn}});
  canvas.Tiles({{summary.metrics(), "metrics"},
                {summary.metrics_serving_nothing(), "serving nothing", Tone::kWarn},
                {summary.easy_metrics_serving_nothing(), "of these easy to measure", Tone::kBad}});
  DrawObjectives(answer, canvas);
  DrawMetrics(answer, canvas);
}

}  // namespace parley
