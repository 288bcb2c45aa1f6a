#include "services/import/xes_mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/import/xes_metrics.h"
#include "tests/import/import_test_util.h"

namespace parley {
namespace {

using At = absl::CivilSecond;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(XesMapping, TheDefaultIsForIncidentLogs) {
  const XesMapping mapping = XesMapping::Default();
  EXPECT_EQ(mapping.activity, "concept:name");
  EXPECT_EQ(mapping.status, "lifecycle:transition");
  EXPECT_EQ(mapping.team, "org:group");
  EXPECT_EQ(mapping.org_line, "organization involved");
  EXPECT_THAT(mapping.waiting, ElementsAre("Wait - User"));
  EXPECT_EQ(mapping.metrics.size(), 1u);
  TempFile file{std::string(XesMapping::DefaultJson())};
  auto loaded = XesMapping::Load(file.path());
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->source, mapping.source);
}

struct BadMapping {
  const char* name;
  const char* json;
  const char* named;  // What the message must name.
};
class XesMappingRefuses : public testing::TestWithParam<BadMapping> {};

TEST_P(XesMappingRefuses, AndNamesTheMember) {
  auto mapping = XesMapping::Parse(GetParam().json);
  EXPECT_EQ(Problem(mapping.status()).problem, ImportProblem::kInvalidMapping);
  EXPECT_THAT(std::string(mapping.status().message()), HasSubstr(GetParam().named));
}

#define HEAD R"("version":1,"source":"s","activity":"a","status":"st","default_party":"p")"
INSTANTIATE_TEST_SUITE_P(
    Mappings, XesMappingRefuses,
    testing::Values(
        BadMapping{"NoObject", "[]", "object"}, BadMapping{"NoVersion", R"({"source":"s","activity":"a"})", "version"},
        BadMapping{"LaterVersion", R"({"version":2,"source":"s","activity":"a"})", "version"},
        BadMapping{"NoSource", R"({"version":1,"activity":"a"})", "source"},
        BadMapping{"BadSource", R"({"version":1,"source":"A B","activity":"a"})", "source"},
        BadMapping{"NoActivity", R"({"version":1,"source":"s"})", "activity"},
        BadMapping{"NoParty", R"({"version":1,"source":"s","activity":"a"})", "default_party"},
        BadMapping{"BadParty", R"({"version":1,"source":"s","activity":"a","org_line":"o","parties":{"X":"Big Corp"}})",
                   "parties.X"},
        BadMapping{"PartiesWithoutOrgLine", R"({"version":1,"source":"s","activity":"a","parties":{"X":"x"}})",
                   "org_line"},
        BadMapping{"WaitingWithoutStatus",
                   R"({"version":1,"source":"s","activity":"a","default_party":"p","waiting":["w"]})", "status"},
        BadMapping{"WaitingNoList", "{" HEAD R"(,"waiting":"Wait"})", "waiting"},
        BadMapping{"WaitingTwice", "{" HEAD R"(,"waiting":["w","w"]})", "waiting"},
        BadMapping{"Misspelt", "{" HEAD R"(,"wating":["w"]})", "wating"},
        BadMapping{"MetricWithoutHours", "{" HEAD R"(,"metrics":[{"id":"m","title":"M","resolved":["r"]}]})",
                   "metrics[0].within_hours"},
        BadMapping{"MetricHalfHours",
                   "{" HEAD R"(,"metrics":[{"id":"m","title":"M","resolved":["r"],"within_hours":1.5}]})",
                   "metrics[0].within_hours"},
        BadMapping{"MetricHugeHours",
                   "{" HEAD
                   R"(,"metrics":[{"id":"m","title":"M","resolved":["r"],"within_hours":99999999999999999999}]})",
                   "metrics[0].within_hours"},
        BadMapping{"MetricNothingResolves",
                   "{" HEAD R"(,"metrics":[{"id":"m","title":"M","resolved":[],"within_hours":1}]})",
                   "metrics[0].resolved"},
        BadMapping{"MetricLevels",
                   "{" HEAD R"(,"metrics":[{"id":"m","title":"M","resolved":["r"],"within_hours":1,)"
                   R"("expected_percent":90,"target_percent":80}]})",
                   "metrics[0].target_percent"},
        BadMapping{"MetricTwice",
                   "{" HEAD R"(,"metrics":[{"id":"m","title":"M","resolved":["r"],"within_hours":1},)"
                   R"({"id":"m","title":"M","resolved":["r"],"within_hours":2}]})",
                   "metrics[1].id"}),
    [](const auto& info) { return info.param.name; });

TEST(XesMapping, BadJsonIsAnErrorWithItsLine) {
  const ImportErrorInfo info = Problem(XesMapping::Parse("{\n\"version\": 1,\n}").status());
  EXPECT_EQ(info.problem, ImportProblem::kMalformed);
  EXPECT_EQ(info.line, 3u);
}

XesEvent MakeEvent(int index, absl::CivilSecond at, const std::string& status) {
  XesEvent event;
  event.index_in_case = index;
  event.time = absl::FromCivil(at, absl::UTCTimeZone());
  event.attributes = {{"a", "Work"}, {"st", status}, {"org", "Line 1"}, {"who", "p-aaaa"}};
  return event;
}

XesMapping Mapping() {
  return XesMapping::Parse(R"({"version":1,"source":"desk","activity":"a","status":"st","org_line":"org","person":"who",
      "parties":{"Line 1":"acme"},"waiting":["Wait"],
      "metrics":[{"id":"one-day","title":"t","resolved":["Done","Closed"],"within_hours":24}]})")
      .value();
}

TEST(XesMapping, MapsAnEvent) {
  XesTrace trace{.case_id = "7", .attributes = {}, .events = {MakeEvent(0, At(2012, 5, 1), "Wait")}};
  auto activity = MapEvent(Mapping(), trace, trace.events[0]);
  ASSERT_TRUE(activity.ok()) << activity.status();
  EXPECT_EQ(activity->source, "desk");
  EXPECT_EQ(activity->source_id, "7.0");
  EXPECT_EQ(activity->activity, "Work");
  EXPECT_EQ(activity->status, "Wait");
  EXPECT_EQ(activity->party, "acme");
  EXPECT_EQ(activity->person, "p-aaaa");
  EXPECT_EQ(activity->team, "");
  EXPECT_TRUE(activity->waiting);
}

TEST(XesMapping, RefusesAnEventOfNoPartyOrWithoutActivity) {
  XesTrace trace{.case_id = "7", .attributes = {}, .events = {MakeEvent(0, At(2012, 5, 1), "x"), XesEvent{.line = 9}}};
  trace.events[0].attributes[2].second = "Line 2";
  EXPECT_EQ(Problem(MapEvent(Mapping(), trace, trace.events[0]).status()).problem, ImportProblem::kInvalidMapping);
  const ImportErrorInfo info = Problem(MapEvent(Mapping(), trace, trace.events[1]).status());
  EXPECT_EQ(info.problem, ImportProblem::kMissingIdentifier);
  EXPECT_EQ(info.line, 9u);
}

TEST(MonthlyMetrics, CountsByTheMonthOfResolutionRawAndClockStopped) {
  MonthlyMetrics metrics(Mapping());
  // Waits 30 of 40 hours: late by the calendar, in time by the stopped clock. In the file's order the events are mixed
  // up.
  metrics.Add({.case_id = "1",
               .attributes = {},
               .events = {MakeEvent(0, At(2012, 4, 30, 6), "Open"), MakeEvent(1, At(2012, 5, 1, 22), "Done"),
                          MakeEvent(2, At(2012, 4, 30, 10), "Wait"), MakeEvent(3, At(2012, 5, 1, 16), "Open")}});
  // Exactly the limit, then closed: resolved when it was done, not when it was closed.
  metrics.Add({.case_id = "2",
               .attributes = {},
               .events = {MakeEvent(0, At(2012, 5, 2), "Open"), MakeEvent(1, At(2012, 5, 3), "Done"),
                          MakeEvent(2, At(2012, 6, 9), "Closed")}});
  // Reopened: the first resolution does not count.
  metrics.Add({.case_id = "3",
               .attributes = {},
               .events = {MakeEvent(0, At(2012, 5, 2), "Open"), MakeEvent(1, At(2012, 5, 2, 1), "Done"),
                          MakeEvent(2, At(2012, 5, 9), "Open"), MakeEvent(3, At(2012, 7, 1), "Done")}});
  metrics.Add({.case_id = "4", .attributes = {}, .events = {MakeEvent(0, At(2012, 5, 2), "Open")}});
  metrics.Add({.case_id = "5", .attributes = {}, .events = {}});

  const auto reports = metrics.Reports();
  ASSERT_EQ(reports.size(), 2u);
  EXPECT_EQ(reports[0].metric_id, "one-day");
  EXPECT_EQ(reports[0].month, absl::CivilMonth(2012, 5));
  EXPECT_EQ(reports[0].denominator, 2);
  EXPECT_EQ(reports[0].numerator_raw, 1);
  EXPECT_EQ(reports[0].numerator_clock_stopped, 2);
  EXPECT_EQ(reports[1].month, absl::CivilMonth(2012, 7));
  EXPECT_EQ(reports[1].denominator, 1);
  EXPECT_EQ(reports[1].numerator_raw, 0);
  EXPECT_EQ(metrics.unresolved().at(0), 2);
}

}  // namespace
}  // namespace parley
