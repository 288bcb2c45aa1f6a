// The reader against known figures of a real log: Volvo IT's incidents (BPI Challenge 2013).
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "services/import/xes_mapping.h"
#include "services/import/xes_metrics.h"
#include "tests/import/import_test_util.h"

namespace parley {
namespace {

// In this log no event is earlier than the one before it in its case, so file order and time order give the same
// figures.
struct CaseStats {
  int64_t cases = 0, events = 0, waiting_seconds = 0, total_seconds = 0, mostly_waiting = 0, team_changed_twice = 0;
  std::set<std::string> teams, org_lines, people, sites;

  void Add(const XesMapping& mapping, const XesTrace& trace) {
    cases += 1;
    absl::Duration waiting, total;
    int changes = 0;
    for (size_t i = 0; i < trace.events.size(); ++i) {
      const XesEvent& event = trace.events[i];
      events += 1;
      teams.emplace(event.group());
      org_lines.emplace(event.Value("organization involved"));
      people.emplace(event.person());
      sites.emplace(event.Value("resource country"));
      if (i + 1 == trace.events.size()) continue;
      const absl::Duration step = trace.events[i + 1].time - event.time;
      total += step;
      if (mapping.IsWaiting(event)) waiting += step;
      if (event.group() != trace.events[i + 1].group()) changes += 1;
    }
    waiting_seconds += absl::ToInt64Seconds(waiting);
    total_seconds += absl::ToInt64Seconds(total);
    if (waiting * 2 > total) mostly_waiting += 1;
    if (changes >= 2) team_changed_twice += 1;
  }
};

TEST(Bpic2013, GivesTheKnownFigures) {
  const std::string path = SharedData("xes/bpic2013_incidents.xes.gz");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "the real log is not here: " << path;
  const XesMapping mapping = XesMapping::Default();
  Pseudonymizer pseudonymizer = Pseudonymizer::Create("a key that nobody can guess").value();
  auto reader = XesReader::Open(path, pseudonymizer, mapping.ReaderOptions());
  ASSERT_TRUE(reader.ok()) << reader.status();
  CaseStats stats;
  MonthlyMetrics metrics(mapping);
  std::set<std::string> source_ids;
  while (true) {
    auto trace = (*reader)->Next();
    ASSERT_TRUE(trace.ok()) << trace.status();
    if (!*trace) break;
    stats.Add(mapping, **trace);
    metrics.Add(**trace);
    for (const XesEvent& event : (*trace)->events) {
      auto activity = MapEvent(mapping, **trace, event);
      ASSERT_TRUE(activity.ok()) << activity.status();
      source_ids.insert(activity->source_id);
    }
  }
  EXPECT_EQ(stats.cases, 7554);
  EXPECT_EQ(stats.events, 65533);
  EXPECT_EQ(source_ids.size(), 65533u);
  EXPECT_EQ(stats.teams.size(), 649u);
  EXPECT_EQ(stats.org_lines.size(), 25u);
  EXPECT_EQ(stats.waiting_seconds, 1'668'284'959);
  EXPECT_EQ(stats.total_seconds, 7'883'772'512);
  EXPECT_EQ(stats.mostly_waiting, 899);
  EXPECT_EQ(stats.team_changed_twice, 2056);
  for (const std::string& person : stats.people) EXPECT_TRUE(person.starts_with("p-") && person.size() == 18) << person;
  EXPECT_GT(stats.people.size(), 1000u);

  const XesSummary& summary = (*reader)->summary();
  EXPECT_EQ(summary.events_out_of_order, 0u);
  EXPECT_GT(summary.log_attributes_withheld, 10'000u);
  EXPECT_EQ(summary.attributes_not_kept.at("product"), 65533u);
  EXPECT_FALSE(summary.attributes_not_kept.contains(""));

  int64_t resolved = 0;
  for (const MonthlyReport& report : metrics.Reports()) {
    EXPECT_LE(report.numerator_raw, report.numerator_clock_stopped);
    EXPECT_LE(report.numerator_clock_stopped, report.denominator);
    resolved += report.denominator;
  }
  EXPECT_EQ(resolved + metrics.unresolved().at(0), 7554);
}

}  // namespace
}  // namespace parley
