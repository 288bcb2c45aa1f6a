#include "projections/activity_view.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <filesystem>

#include "eventstore/base/proto_util.h"
#include "parley/v1/activity.pb.h"
#include "parley/v1/activity_view.pb.h"
#include "services/activity/activity.h"
#include "services/import/xes_mapping.h"
#include "tests/support/map_rows.h"

namespace parley::test {
namespace {

struct Step {
  std::string case_id;
  int64_t second;  // Since the epoch.
  std::string team;
  bool waiting = false;
  std::string party = "";
  int32_t ordinal = 0;
};

RecordedEvent EventOf(const Step& step, int number) {
  auto event = std::make_shared<v1::ActivityEvent>();
  auto& recorded = *event->mutable_recorded();
  recorded.set_source("desk");
  recorded.set_source_id(std::to_string(number));
  recorded.set_case_id(step.case_id);
  recorded.set_activity("Work");
  recorded.set_team(step.team);
  recorded.set_waiting(step.waiting);
  recorded.set_party_id(step.party);
  recorded.set_ordinal(step.ordinal);
  RecordedEvent out{AggregateOfCollection("activities"), event, "recorded", "", {}};
  out.info.stream = "relationships/acme/activities/" + ActivityId("desk", recorded.source_id());
  out.info.effective_at = absl::FromUnixSeconds(step.second);
  return out;
}

MapRows Fold(const std::vector<RecordedEvent>& events) { return FoldEvents(ActivityViewProjection(), events); }

v1::ActivitySummary SummaryOf(const std::vector<Step>& steps) {
  std::vector<RecordedEvent> events;
  for (size_t i = 0; i < steps.size(); ++i) events.push_back(EventOf(steps[i], static_cast<int>(i)));
  MapRows rows = Fold(events);
  return *rows.Find<v1::ActivitySummary>(ActivityViewProjection::kSummary);
}

TEST(ActivityView, CountsTimeUntilTheCasesNextActivity) {
  const auto summary = SummaryOf({{"c1", 100, "A"}, {"c1", 160, "A", true}, {"c2", 170, "B"}, {"c1", 260, "A"}});
  EXPECT_EQ(summary.activities(), 4);
  EXPECT_EQ(summary.cases(), 2);
  EXPECT_EQ(summary.teams(), 2);
  EXPECT_EQ(summary.elapsed().seconds(), 160);
  EXPECT_EQ(summary.waiting().seconds(), 100);
  EXPECT_EQ(summary.cases_mostly_waiting(), 1);
  EXPECT_EQ(summary.first_time().seconds(), 100);
  EXPECT_EQ(summary.last_time().seconds(), 260);
}

TEST(ActivityView, ExactlyHalfIsNotMostlyWaiting) {
  EXPECT_EQ(SummaryOf({{"c1", 100, "A", true}, {"c1", 150, "A"}, {"c1", 200, "A"}}).cases_mostly_waiting(), 0);
}

TEST(ActivityView, CountsHandoversAndPingPongs) {
  const auto summary = SummaryOf({{"c1", 1, "A", false, "buyer"},
                                  {"c1", 2, "B", false, "provider"},
                                  {"c1", 3, ""},  // No team: the case stays where it was.
                                  {"c1", 4, "B", false, "provider"},
                                  {"c1", 5, "A", false, "buyer"},
                                  {"c1", 6, "C"},
                                  {"c2", 1, "A"},
                                  {"c2", 2, "B"}});
  EXPECT_EQ(summary.handovers(), 4);
  EXPECT_EQ(summary.ping_pongs(), 1);
  EXPECT_EQ(summary.party_handovers(), 2);
  EXPECT_EQ(summary.cases_handed_over_twice(), 1);
}

TEST(ActivityView, CountsMonthsAndTeams) {
  // 1767225599 is the last second of 2025.
  MapRows rows = Fold({EventOf({"c1", 1767225599, "A"}, 1), EventOf({"c1", 1767225600, "B"}, 2)});
  const auto december = rows.Find<v1::ActivityMonth>(std::string(ActivityViewProjection::kMonths) + "2025-12");
  const auto january = rows.Find<v1::ActivityMonth>(std::string(ActivityViewProjection::kMonths) + "2026-01");
  EXPECT_EQ(december->cases_started(), 1);
  EXPECT_EQ(december->cases_ended(), 0);
  EXPECT_EQ(january->cases_ended(), 1);
  EXPECT_EQ(january->activities(), 1);
  EXPECT_EQ(rows.Find<v1::ActivityTeam>(std::string(ActivityViewProjection::kTeams) + "A")->handovers_out(), 1);
  EXPECT_EQ(rows.Find<v1::ActivityTeam>(std::string(ActivityViewProjection::kTeams) + "B")->handovers_in(), 1);
}

RC_GTEST_PROP(ActivityView, DoesNotDependOnTheOrderOfRecording, ()) {
  const int n = *rc::gen::inRange(1, 40);
  std::vector<RecordedEvent> events;
  for (int i = 0; i < n; ++i) {
    events.push_back(EventOf(
        {"c" + std::to_string(*rc::gen::inRange(0, 4)), 1767225600 + int64_t{*rc::gen::inRange(0, 5)} * 1'000'000,
         std::string(1, *rc::gen::element('A', 'B', 'C')), *rc::gen::arbitrary<bool>(), "", *rc::gen::inRange(0, 3)},
        i));
  }
  const auto in_order = Fold(events).rows();
  for (int i = n - 1; i > 0; --i) std::swap(events[i], events[*rc::gen::inRange(0, i + 1)]);
  RC_ASSERT(Fold(events).rows() == in_order);
}

TEST(ActivityView, GivesTheKnownFiguresOfARealLog) {
  const std::string path = std::string(PARLEY_SOURCE_DIR) + "/../shared/data/xes/bpic2013_incidents.xes.gz";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "the real log is not here: " << path;
  const XesMapping mapping = XesMapping::Default();
  Pseudonymizer pseudonymizer = Pseudonymizer::Create("a key that nobody can guess").value();
  auto reader = XesReader::Open(path, pseudonymizer, mapping.ReaderOptions());
  ASSERT_TRUE(reader.ok()) << reader.status();
  MapRows rows;
  const ActivityViewProjection projection;
  int number = 0;
  while (true) {
    const auto trace = (*reader)->Next();
    ASSERT_TRUE(trace.ok()) << trace.status();
    if (!*trace) break;
    for (size_t i = 0; i < (*trace)->events.size(); ++i) {
      const auto mapped = MapEvent(mapping, **trace, (*trace)->events[i]);
      ASSERT_TRUE(mapped.ok()) << mapped.status();
      const RecordedEvent event = EventOf({mapped->case_id, absl::ToUnixSeconds(mapped->time), mapped->team,
                                           mapped->waiting, mapped->party, static_cast<int32_t>(i)},
                                          number++);
      ASSERT_TRUE(projection.Apply(event, rows).ok());
    }
  }
  const auto summary = *rows.Find<v1::ActivitySummary>(ActivityViewProjection::kSummary);
  EXPECT_EQ(summary.cases(), 7554);
  EXPECT_EQ(summary.activities(), 65533);
  EXPECT_EQ(summary.teams(), 649);
  EXPECT_EQ(summary.waiting().seconds(), 1'668'284'959);
  EXPECT_EQ(summary.elapsed().seconds(), 7'883'772'512);
  EXPECT_EQ(summary.cases_mostly_waiting(), 899);
  EXPECT_EQ(summary.cases_handed_over_twice(), 2056);
}

}  // namespace
}  // namespace parley::test
