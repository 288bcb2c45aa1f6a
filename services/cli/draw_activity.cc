// The activity view: how cases move, and how long they wait.
#include <algorithm>
#include <optional>

#include "services/cli/drawings.h"

namespace parley {
namespace {

constexpr int kBarWidth = 24;

void DrawTeams(const google::protobuf::RepeatedPtrField<v1::ActivityTeam>& teams, const std::string& title,
               Canvas& canvas) {
  if (teams.empty()) return;
  int64_t most = 1;
  for (const auto& team : teams) most = std::max(most, team.activities());
  canvas.Section(title);
  Table table({{"Team"}, {"Activities", true}, {""}, {"Handed to it", true}, {"Handed on", true}});
  for (const auto& team : teams) {
    table.Add({{team.team()},
               {Grouped(team.activities())},
               {Bar(team.activities(), most, kBarWidth), Tone::kAccent},
               {Grouped(team.handovers_in())},
               {Grouped(team.handovers_out())}});
  }
  canvas.Rows(table);
}

}  // namespace

void Draw(const v1::GetActivityViewResponse& answer, Canvas& canvas) {
  const v1::ActivitySummary& summary = answer.summary();
  canvas.Title("Activity", "as of " + ShortTimeText(answer.read_time()));
  canvas.Tiles({{summary.cases(), "cases"}, {summary.activities(), "activities"}, {summary.teams(), "teams"}});
  if (summary.activities() == 0) return;
  canvas.Line("from " + ShortTimeText(summary.first_time()) + " to " + ShortTimeText(summary.last_time()), Tone::kDim);
  const int64_t waiting = summary.waiting().seconds(), elapsed = summary.elapsed().seconds();
  canvas.Section("Waiting");
  if (elapsed > 0) {
    canvas.Line(Bar(waiting, elapsed, kBarWidth) + " " + Percent(waiting, elapsed) + " of the time, " +
                Grouped(waiting) + " s of " + Grouped(elapsed) + " s");
  }
  canvas.Line(Grouped(summary.cases_mostly_waiting()) + " cases wait more than half their time");
  canvas.Section("Handovers");
  canvas.Tiles({{summary.handovers(), "handovers"},
                {summary.party_handovers(), "between parties"},
                {summary.ping_pongs(), "there and back again", Tone::kWarn},
                {summary.cases_handed_over_twice(), "cases handed over at least twice", Tone::kWarn}});
  std::vector<std::optional<int64_t>> activities, started, ended;
  for (const auto& month : answer.months()) {
    activities.push_back(month.activities());
    started.push_back(month.cases_started());
    ended.push_back(month.cases_ended());
  }
  canvas.Section("By month, " + answer.months(0).month() + " to " + answer.months().rbegin()->month());
  canvas.Line("activities    " + Sparkline(activities));
  canvas.Line("cases started " + Sparkline(started));
  canvas.Line("cases ended   " + Sparkline(ended));
  DrawTeams(answer.busiest_teams(), "Busiest teams", canvas);
  DrawTeams(answer.handover_teams(), "Teams with the most handovers", canvas);
}

}  // namespace parley
