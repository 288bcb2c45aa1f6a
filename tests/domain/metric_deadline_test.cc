// Reports that do not come: recorded as missing exactly once each, however long nobody looked.
#include "services/metric/metric.h"
#include "tests/support/metric_fixtures.h"
#include "tests/support/spec.h"

namespace parley::test {
namespace {

using MetricSpec = Spec<v1::Metric>;

constexpr absl::Duration kDay = absl::Hours(24);

std::string Missing(const std::string& period, const std::string& due, int version = 1) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime("%Y-%m-%d", due, &time, &error)) << error;
  return absl::StrCat("report_missing { version: ", version, " period: '", period,
                      "' due_time { seconds: ", absl::ToUnixSeconds(time), " } }");
}

MetricSpec InForce() {
  MetricSpec spec;
  spec.Given(Chartered).Given(Agreed).By("petra");
  return spec;
}

TEST(ReportMissing, WhenTheWindowAfterThePeriodsEndHasPassed) {
  InForce().WhenTimePasses(31 * kDay + 10 * kDay - absl::Nanoseconds(1)).ThenNothing();
  auto spec = InForce();
  spec.WhenTimePasses(31 * kDay + 10 * kDay).Then({Missing("2026-01", "2026-02-11")});
  spec.ThenState(R"pb(periods {
                        version: 1
                        period: "2026-01"
                        state: METRIC_PERIOD_STATE_MISSING
                        rating { raw: RATING_UNKNOWN }
                        missing_time { seconds: 1770768000 }
                      })pb");
  // Only once.
  spec.WhenTimePasses(kDay).ThenNothing();
  EXPECT_EQ(spec.world().entries().back().record.actor(), kSystemActor);
}

TEST(ReportMissing, OncePerPeriodHoweverLongNobodyLooked) {
  InForce()
      .WhenTimePasses(200 * kDay)  // 20 July
      .Then({Missing("2026-01", "2026-02-11"), Missing("2026-02", "2026-03-11"), Missing("2026-03", "2026-04-11"),
             Missing("2026-04", "2026-05-11"), Missing("2026-05", "2026-06-11"), Missing("2026-06", "2026-07-11")})
      .WhenTimePasses(absl::ZeroDuration())
      .ThenNothing();
}

TEST(ReportMissing, ReachesAcrossARestartUnchanged) {
  auto spec = InForce();
  spec.WhenTimePasses(45 * kDay).Then({Missing("2026-01", "2026-02-11")});
  const auto copy = spec.world().Copy();
  ASSERT_TRUE(copy.ok()) << copy.status();
  const auto here = spec.world().state().NextDeadline();
  const auto there = copy->NextDeadline();
  ASSERT_TRUE(here && there);
  EXPECT_EQ(here->due, there->due);
  EXPECT_EQ(here->occurrence, "2026-02");
  EXPECT_EQ(there->occurrence, "2026-02");
}

TEST(ReportMissing, SparesWhatWasReported) {
  auto spec = InForce();
  spec.After(60 * kDay).Given(Report("2026-02", 1, 1));
  // January was due on 11 February and is missing by now; February came in time, out of order.
  spec.WhenTimePasses(45 * kDay).Then({Missing("2026-03", "2026-04-11")});
}

TEST(ReportMissing, CountsFromThePeriodInWhichTheDefinitionTookEffect) {
  MetricSpec spec;
  spec.Given(Chartered).After(45 * kDay).Given(Agreed).WhenTimePasses(35 * kDay);
  spec.Then({Missing("2026-02", "2026-03-11")});
}

TEST(ReportMissing, LeavesALateReportWelcomeAndVisible) {
  auto spec = InForce();
  spec.After(50 * kDay).When(Report("2026-01", 95, 100));
  const auto* metric = spec.world().state().Find<v1::Metric>(InAcme("metrics/m1"));
  ASSERT_EQ(metric->periods_size(), 1);
  EXPECT_EQ(metric->periods(0).state(), v1::METRIC_PERIOD_STATE_REPORTED);
  EXPECT_TRUE(metric->periods(0).has_missing_time());
  EXPECT_EQ(metric->periods(0).rating().raw(), v1::RATING_MET_TARGET);
  const auto& entries = spec.world().entries();
  const auto reported = DecodeEvent(entries[entries.size() - 2]);
  ASSERT_TRUE(reported.ok());
  EXPECT_TRUE(reported->As<v1::MetricEvent>()->reported().late());
  // In time is not late.
  auto in_time = InForce();
  in_time.After(31 * kDay).When(Report("2026-01", 95, 100));
  const auto first = DecodeEvent(in_time.world().entries()[in_time.world().entries().size() - 2]);
  ASSERT_TRUE(first.ok());
  EXPECT_FALSE(first->As<v1::MetricEvent>()->reported().late());
}

TEST(ReportMissing, FollowsTheVersions) {
  // Version 2 is weekly and takes effect on 5 February, when January's report is still awaited under version 1.
  auto weekly = StandardDefinition();
  weekly.set_period_kind(v1::PERIOD_KIND_WEEK);
  auto spec = InForce();
  spec.After(35 * kDay).Given(ProposeVersion(weekly)).By("bea").Given(AgreeTo(2)).By("pat").Given(AgreeTo(2));
  // January under version 1, and no February: that is version 2's, from the week in which it took effect.
  spec.WhenTimePasses(20 * kDay).Then({Missing("2026-01", "2026-02-11"), Missing("2026-W06", "2026-02-19", 2)});
  spec.WhenTimePasses(7 * kDay).Then({Missing("2026-W07", "2026-02-26", 2)});
}

TEST(ReportMissing, OfOneKindOfPeriodNeverCountsTwice) {
  // Version 2 is monthly too and takes effect within January: January is version 2's alone.
  auto spec = InForce();
  spec.After(10 * kDay)
      .Given(ProposeVersion(StandardDefinition()))
      .By("bea")
      .Given(AgreeTo(2))
      .By("pat")
      .Given(AgreeTo(2));
  spec.WhenTimePasses(35 * kDay).Then({Missing("2026-01", "2026-02-11", 2)});
}

TEST(ReportMissing, EndsWithTheRelationship) {
  auto spec = InForce();
  spec.Given([](World& world) { Decided(world, "d1"); });
  spec.By("bea").Given(
      Parse<v1::PlanExitRequest>("name: 'relationships/acme' plan { exit_time { seconds: 1790000000 } decision: "
                                 "'relationships/acme/decisions/d1' }"));
  spec.After(40 * kDay).Given(Parse<v1::ExitRelationshipRequest>("name: 'relationships/acme'"));
  // January had ended and is missing; February had not, and nothing is awaited of it or later.
  spec.WhenTimePasses(300 * kDay)
      .Then({Missing("2026-01", "2026-02-11"), "reports_no_longer_awaited { version: 1 period: '2026-02' }"});
  EXPECT_FALSE(spec.world().state().NextDeadline().has_value());
  // Nor is anything started again; what is there may still be reported and settled.
  spec.By("petra").When(ProposeVersion(StandardDefinition())).ThenRejected(v1::REASON_WRONG_STATE);
  spec.When(Report("2026-01", 85, 100)).ThenState("version_in_force: 1");
}

TEST(ReportMissing, DoesNotStartAfterTheEnd) {
  MetricSpec spec;
  v1::ProposeMetricRequest propose;
  propose.set_parent(kAcme);
  propose.set_metric_id("m1");
  *propose.mutable_definition() = StandardDefinition();
  spec.Given(Chartered).By("petra").Given(propose).By("bea").Given(AgreeTo(1));
  spec.Given([](World& world) { Decided(world, "d1"); });
  spec.By("bea").Given(
      Parse<v1::PlanExitRequest>("name: 'relationships/acme' plan { exit_time { seconds: 1790000000 } decision: "
                                 "'relationships/acme/decisions/d1' }"));
  spec.Given(Parse<v1::ExitRelationshipRequest>("name: 'relationships/acme'"));
  spec.By("pat").When(AgreeTo(1)).ThenRejected(v1::REASON_WRONG_STATE);
  propose.set_metric_id("m2");
  spec.When(propose).ThenRejected(v1::REASON_WRONG_STATE);
}

TEST(ReportMissing, IsDecidedInOrderOfDueTimeBeforeTheCommand) {
  // The command comes 60 days later: what fell due in between is in the record before it.
  auto spec = InForce();
  spec.After(75 * kDay).When(Report("2026-02", 1, 1));
  const auto& entries = spec.world().entries();
  ASSERT_GE(entries.size(), 4u);
  std::vector<std::string> last;
  for (size_t i = entries.size() - 4; i < entries.size(); ++i) last.push_back(entries[i].record.event_type());
  EXPECT_EQ(last, (std::vector<std::string>{"metric.report_missing", "metric.report_missing", "metric.reported",
                                            "metric.rated"}));
}

}  // namespace
}  // namespace parley::test
