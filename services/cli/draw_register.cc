// The decision register.
#include <algorithm>
#include <optional>
#include <utility>

#include "services/cli/drawings.h"

namespace parley {

void Draw(const v1::GetDecisionRegisterResponse& answer, Canvas& canvas) {
  const v1::DecisionRegisterSummary& summary = answer.summary();
  canvas.Title("Decision register", "as of " + ShortTimeText(answer.read_time()));
  const std::vector<Tile> states = {{summary.decided(), "decided", Tone::kGood},
                                    {summary.open(), "open", Tone::kWarn},
                                    {summary.superseded(), "superseded", Tone::kDim},
                                    {summary.withdrawn(), "withdrawn", Tone::kDim}};
  canvas.Tiles(states);
  canvas.Shares(states);
  canvas.Tiles({{summary.deferred(), "deferred", Tone::kWarn},
                {summary.overridden(), "overridden", Tone::kBad},
                {summary.reopened(), "reopened", Tone::kWarn},
                {summary.reviews_pending(), "awaiting review"},
                {summary.reviews_overdue(), "of these overdue", Tone::kBad}});
  // Latencies in the order in which decisions were first made.
  std::vector<std::pair<int64_t, int64_t>> by_time;
  for (const auto& entry : answer.entries()) {
    if (!entry.has_latency()) continue;
    by_time.emplace_back(entry.propose_time().seconds() + entry.latency().seconds(), entry.latency().seconds());
  }
  std::sort(by_time.begin(), by_time.end());
  std::vector<std::optional<int64_t>> latencies;
  for (const auto& [time, latency] : by_time) latencies.push_back(latency);
  if (!latencies.empty()) {
    canvas.Line("latency " + Sparkline(latencies) + "  median " + Age(summary.median_latency()) + ", longest " +
                Age(summary.longest_latency()));
  }
  if (summary.has_oldest_open()) canvas.Line("open longest: for " + Age(summary.oldest_open()), Tone::kWarn);
  if (answer.entries_size() == 0) return;
  canvas.Section("Decisions");
  Table table(
      {{"Decision"}, {"Title"}, {"State"}, {"Class"}, {"Amount", true}, {"Took", true}, {"Open for", true}, {"Note"}});
  for (const auto& entry : answer.entries()) {
    const std::string state = EnumText(v1::DecisionState_descriptor(), entry.state());
    std::string note;
    const auto add = [&note](const std::string& text) { note += (note.empty() ? "" : ", ") + text; };
    if (entry.standing_objections() > 0) {
      add(std::to_string(entry.standing_objections()) +
          (entry.standing_objections() == 1 ? " objection stands" : " objections stand"));
    }
    if (entry.override_count() > 0) add("overridden");
    if (entry.reopen_count() > 0) add("reopened");
    if (entry.review_overdue()) add("review overdue");
    if (!entry.holds_instead().empty()) add(LocalName(entry.holds_instead()) + " holds instead");
    const Tone tone = entry.review_overdue() || entry.standing_objections() > 0 ? Tone::kBad : Tone::kPlain;
    table.Add({{LocalName(entry.decision()), Tone::kAccent},
               {entry.title()},
               {state, ToneOfState(state)},
               {entry.class_id()},
               {MoneyText(entry.amount())},
               {entry.has_latency() ? Age(entry.latency()) : ""},
               {entry.has_open_for() ? Age(entry.open_for()) : ""},
               {note, tone}});
  }
  canvas.Rows(table);
}

}  // namespace parley
