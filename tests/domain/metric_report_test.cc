// What a metric showed: reports, ratings, corrections, adjustments, perceptions.
#include "services/metric/metric.h"
#include "tests/support/metric_fixtures.h"
#include "tests/support/spec.h"

namespace parley::test {
namespace {

using MetricSpec = Spec<v1::Metric>;

// The inputs that stand in every Rated event of the standard definition, but for the values.
constexpr char kLevels[] =
    "direction: METRIC_DIRECTION_HIGHER_IS_BETTER expected { parts_per_million: 800000 } "
    "target { fraction { numerator: 9 denominator: 10 } }";

std::string RatedAs(const std::string& values, const std::string& rating, int revision = 1) {
  return absl::StrCat("rated { version: 1 period: '2026-01' revision: ", revision, " inputs { ", values, " ", kLevels,
                      " } rating { ", rating, " } }");
}

MetricSpec InFebruary() {
  MetricSpec spec;
  spec.Given(Chartered).Given(JanuaryOver).By("petra");
  return spec;
}

MetricSpec Reported() {
  MetricSpec spec;
  spec.Given(Chartered).Given(JanuaryReported).By("petra");
  return spec;
}

// January is closed at what petra reported, and February has ended.
MetricSpec Closed() {
  MetricSpec spec = Reported();
  spec.By("bea").Given(OfM1<v1::CloseMetricPeriodRequest>("period: '2026-01'")).After(absl::Hours(24 * 28)).By("petra");
  return spec;
}

TEST(ReportMetric, IsRecordedAndRatedTogether) {
  InFebruary()
      .When(Report("2026-01", 85, 100))
      .Then({"reported { version: 1 period: '2026-01' measurement { raw { numerator: 85 denominator: 100 } } }",
             RatedAs("raw { numerator: 85 denominator: 100 }", "raw: RATING_MET_EXPECTED")})
      .ThenState(R"pb(
        periods {
          version: 1
          period: "2026-01"
          state: METRIC_PERIOD_STATE_REPORTED
          reported {
            revision: 1
            measurement { raw { numerator: 85 denominator: 100 } }
            principal: "petra"
            party_id: "provider"
            time { seconds: 1769904000 }
          }
          rating { raw: RATING_MET_EXPECTED }
        }
      )pb");
}

TEST(ReportMetric, ShowsWhatIsGreenOnlyBecauseTheClockWasStopped) {
  auto request = Report("2026-01", 70, 100);
  request.mutable_measurement()->mutable_clock_stopped()->set_numerator(95);
  request.mutable_measurement()->mutable_clock_stopped()->set_denominator(100);
  InFebruary().When(request).Then(
      {"reported { version: 1 period: '2026-01' measurement { raw { numerator: 70 denominator: 100 } clock_stopped { "
       "numerator: 95 denominator: 100 } } }",
       RatedAs("raw { numerator: 70 denominator: 100 } clock_stopped { numerator: 95 denominator: 100 }",
               "raw: RATING_MISSED clock_stopped: RATING_MET_TARGET only_clock_stopped_passes: true")});
}

TEST(ReportMetric, WithoutDataIsUnknownAndNoPass) {
  auto nothing = Report("2026-01", 0, 0);
  nothing.clear_measurement();
  InFebruary().When(nothing).Then(
      {"reported { version: 1 period: '2026-01' measurement {} }", RatedAs("", "raw: RATING_UNKNOWN")});
  InFebruary()
      .When(Report("2026-01", 7, 0))
      .Then({"reported { version: 1 period: '2026-01' measurement { raw { numerator: 7 } } }",
             RatedAs("raw { numerator: 7 }", "raw: RATING_UNKNOWN")});
}

TEST(ReportMetric, TakesEvidenceByHash) {
  auto request = Report("2026-01", 1, 1);
  request.mutable_measurement()->mutable_evidence()->set_sha256(std::string(32, 'h'));
  request.mutable_measurement()->mutable_evidence()->set_uri("https://example.org/january.csv");
  auto spec = InFebruary();
  spec.When(request);
  const auto* metric = spec.world().state().Find<v1::Metric>(InAcme("metrics/m1"));
  ASSERT_EQ(metric->periods_size(), 1);
  EXPECT_EQ(metric->periods(0).reported().measurement().evidence().sha256(), std::string(32, 'h'));

  request.mutable_measurement()->mutable_evidence()->set_sha256("short");
  InFebruary().When(request).ThenRejected(v1::REASON_FIELD_INVALID);
  request.mutable_measurement()->mutable_evidence()->set_sha256(std::string(32, 'h'));
  request.mutable_measurement()->mutable_evidence()->clear_uri();
  InFebruary().When(request).ThenRejected(v1::REASON_FIELD_INVALID);
}

TEST(ReportMetric, IsRefused) {
  InFebruary().When(Report("2026-01", 1, -1)).ThenRejected(v1::REASON_FIELD_INVALID);
  auto no_raw = Report("2026-01", 1, 1);
  *no_raw.mutable_measurement()->mutable_clock_stopped() = no_raw.measurement().raw();
  no_raw.mutable_measurement()->clear_raw();
  InFebruary().When(no_raw).ThenRejected(v1::REASON_FIELD_INVALID);
  auto negative = Report("2026-01", 1, 1);
  negative.mutable_measurement()->mutable_clock_stopped()->set_denominator(-1);
  InFebruary().When(negative).ThenRejected(v1::REASON_FIELD_INVALID);
  // No period, or none of the definition's kind.
  for (const char* period : {"", "January", "2026-13", "2026-W04", "2026-Q1", "2026-01-05"}) {
    InFebruary().When(Report(period, 1, 1)).ThenRejected(v1::REASON_FIELD_INVALID);
  }
  InFebruary().By("brian").When(Report("2026-01", 1, 1)).ThenRejected(v1::REASON_PERMISSION_MISSING);
  InFebruary().By("otto").When(Report("2026-01", 1, 1)).ThenRejected(v1::REASON_NOT_A_MEMBER);
  // February has not ended.
  InFebruary().When(Report("2026-02", 1, 1)).ThenRejected(v1::REASON_EFFECTIVE_AT_INVALID);
  auto version = Report("2026-01", 1, 1);
  version.set_version(2);
  InFebruary().When(version).ThenRejected(v1::REASON_DEFINITION_NOT_EFFECTIVE);
}

TEST(ReportMetric, OnceForEachVersionAndPeriod) {
  Reported().When(Report("2026-01", 99, 100)).ThenRejected(v1::REASON_ALREADY_EXISTS);
  // Nor by the other party, who contests.
  Reported().By("bea").When(Report("2026-01", 10, 100)).ThenRejected(v1::REASON_ALREADY_EXISTS);
  Closed().When(Report("2026-01", 99, 100)).ThenRejected(v1::REASON_PERIOD_CLOSED);
}

TEST(ReportMetric, KeepsPeriodsInOrderHoweverTheyCome) {
  InFebruary()
      .Given(Report("2026-01", 1, 1))
      .Given(Report("2025-10", 1, 1))
      .Given(Report("2025-12", 1, 1))
      .When(Report("2025-11", 1, 1))
      .ThenState("", InAcme("metrics/m1"));
  auto spec = InFebruary();
  for (const char* period : {"2026-01", "2025-10", "2025-12", "2025-11"}) spec.Given(Report(period, 1, 1));
  std::vector<std::string> periods;
  for (const auto& period : spec.world().state().Find<v1::Metric>(InAcme("metrics/m1"))->periods()) {
    periods.push_back(period.period());
  }
  EXPECT_EQ(periods, (std::vector<std::string>{"2025-10", "2025-11", "2025-12", "2026-01"}));
}

TEST(ReportMetric, OfAnEarlierVersionsPeriodGoesToThatVersion) {
  // Version 2 takes effect in February: January is still version 1's, and rated by its levels.
  auto spec = InFebruary();
  v1::MetricDefinition stricter = StandardDefinition();
  stricter.mutable_expected()->set_parts_per_million(900000);
  spec.Given(ProposeVersion(stricter)).By("bea").Given(AgreeTo(2)).By("pat").Given(AgreeTo(2)).By("petra");
  spec.When(Report("2026-01", 85, 100))
      .Then({"reported { version: 1 period: '2026-01' measurement { raw { numerator: 85 denominator: 100 } } }",
             RatedAs("raw { numerator: 85 denominator: 100 }", "raw: RATING_MET_EXPECTED")})
      .When(Report("2026-01", 85, 100))
      .ThenRejected(v1::REASON_ALREADY_EXISTS);
  // Asked for by number, the new version rates it too, beside.
  auto again = Report("2026-01", 85, 100);
  again.set_version(2);
  spec.When(again).ThenState("version_in_force: 2");
  const auto* metric = spec.world().state().Find<v1::Metric>(InAcme("metrics/m1"));
  ASSERT_EQ(metric->periods_size(), 2);
  EXPECT_EQ(metric->periods(0).rating().raw(), v1::RATING_MET_EXPECTED);
  EXPECT_EQ(metric->periods(1).rating().raw(), v1::RATING_MISSED);
}

TEST(ReportMetric, NotByADefinitionThatWasReplacedBeforeThePeriodBegan) {
  // Version 2 takes effect in February, for which version 1 may still be asked; in March nobody falls back on it.
  auto spec = InFebruary();
  spec.Given(ProposeVersion(StandardDefinition())).By("bea").Given(AgreeTo(2)).By("pat").Given(AgreeTo(2)).By("petra");
  spec.After(absl::Hours(24 * 70));
  const auto by_version_one = [](const char* period) {
    auto request = Report(period, 85, 100);
    request.set_version(1);
    return request;
  };
  spec.When(by_version_one("2026-03")).ThenRejected(v1::REASON_DEFINITION_NOT_EFFECTIVE);
  spec.When(by_version_one("2026-02")).ThenState("version_in_force: 2");
}

v1::CorrectMetricRequest Correction(std::string_view extra = "") {
  return OfM1<v1::CorrectMetricRequest>(
      absl::StrCat("period: '2026-01' measurement { raw { numerator: 75 denominator: 100 } } reason: 'duplicates' ",
                   std::string(extra)));
}

TEST(CorrectMetric, ReplacesTheReportAndKeepsWhatItWas) {
  Reported()
      .When(Correction())
      .Then({"corrected { version: 1 period: '2026-01' prior { raw { numerator: 85 denominator: 100 } } measurement { "
             "raw { "
             "numerator: 75 denominator: 100 } } reason: 'duplicates' }",
             RatedAs("raw { numerator: 75 denominator: 100 }", "raw: RATING_MISSED", 2)})
      .ThenState(R"pb(
        periods {
          version: 1
          period: "2026-01"
          state: METRIC_PERIOD_STATE_REPORTED
          reported {
            revision: 2
            measurement { raw { numerator: 75 denominator: 100 } }
            principal: "petra"
            party_id: "provider"
            time { seconds: 1769904000 }
            reason: "duplicates"
          }
          rating { raw: RATING_MISSED }
        }
      )pb");
}

TEST(CorrectMetric, IsRefused) {
  auto no_reason = Correction();
  no_reason.clear_reason();
  Reported().When(no_reason).ThenRejected(v1::REASON_FIELD_INVALID);
  auto negative = Correction();
  negative.mutable_measurement()->mutable_raw()->set_denominator(-5);
  Reported().When(negative).ThenRejected(v1::REASON_FIELD_INVALID);
  Reported().By("bill").When(Correction()).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  Reported().By("brian").When(Correction()).ThenRejected(v1::REASON_PERMISSION_MISSING);
  InFebruary().When(Correction()).ThenRejected(v1::REASON_WRONG_STATE);
  Closed().When(Correction()).ThenRejected(v1::REASON_PERIOD_CLOSED);
  // An open period is corrected, not adjusted.
  Reported().When(Correction("adjustment_period: '2026-02'")).ThenRejected(v1::REASON_FIELD_INVALID);
}

TEST(AdjustMetric, GoesForwardAndLeavesTheClosedPeriodAsItIs) {
  auto spec = Closed();
  const auto before = *spec.world().state().Find<v1::Metric>(InAcme("metrics/m1"));
  spec.When(Correction("adjustment_period: '2026-02'"))
      .Then({absl::StrCat(
          "adjustment_recorded { period: '2026-02' version: 1 corrects_period: '2026-01' corrects_version: 1 "
          "prior { raw { numerator: 85 denominator: 100 } } measurement { raw { numerator: 75 denominator: "
          "100 } } inputs { raw { numerator: 75 denominator: 100 } ",
          kLevels, " } rating { raw: RATING_MISSED } reason: 'duplicates' }")});
  const auto* after = spec.world().state().Find<v1::Metric>(InAcme("metrics/m1"));
  ASSERT_EQ(after->periods_size(), before.periods_size());
  EXPECT_EQ(after->periods(0).ShortDebugString(), before.periods(0).ShortDebugString());
  EXPECT_EQ(after->adjustments_size(), 1);

  // The next one starts from this one.
  auto next = Correction("adjustment_period: '2026-02'");
  next.mutable_measurement()->mutable_raw()->set_numerator(76);
  spec.When(next);
  after = spec.world().state().Find<v1::Metric>(InAcme("metrics/m1"));
  ASSERT_EQ(after->adjustments_size(), 2);
  EXPECT_EQ(after->adjustments(1).prior().raw().numerator(), 75);
}

TEST(AdjustMetric, IsRefused) {
  // Neither backwards, nor into itself, nor into a period that has not begun, nor of another kind.
  for (const char* period : {"2025-12", "2026-01", "2026-W09"}) {
    Closed().When(Correction(absl::StrCat("adjustment_period: '", period, "'"))).ThenRejected(v1::REASON_FIELD_INVALID);
  }
  Closed().When(Correction("adjustment_period: '2026-04'")).ThenRejected(v1::REASON_EFFECTIVE_AT_INVALID);
  Closed().By("bill").When(Correction("adjustment_period: '2026-02'")).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  Closed()
      .Given(Report("2026-02", 90, 100))
      .By("bea")
      .Given(OfM1<v1::CloseMetricPeriodRequest>("period: '2026-02'"))
      .By("petra")
      .When(Correction("adjustment_period: '2026-02'"))
      .ThenRejected(v1::REASON_PERIOD_CLOSED);
}

v1::SurveyMetricPerceptionRequest Survey(std::string_view period, int score) {
  v1::SurveyMetricPerceptionRequest request;
  request.set_name(InAcme("metrics/m1"));
  request.set_period(std::string(period));
  request.set_score(score);
  return request;
}

TEST(SurveyPerception, StandsBesideTheNumbersOfEachParty) {
  Reported()
      .Given(Survey("2026-01", 4))
      .By("bill")
      .Given(Survey("2026-01", 1))
      .When(Survey("2026-01", 2))
      .Then({"perception_surveyed { period: '2026-01' party_id: 'buyer' score: 2 }"})
      .ThenState(R"pb(
        perceptions {
          period: "2026-01"
          party_id: "buyer"
          score: 2
          principal: "bill"
          time { seconds: 1769904000 }
          times_surveyed: 2
        }
        perceptions {
          period: "2026-01"
          party_id: "provider"
          score: 4
          principal: "petra"
          time { seconds: 1769904000 }
          times_surveyed: 1
        }
      )pb");
  // The period may be closed, or still run.
  Closed().When(Survey("2026-01", 3)).Then({"perception_surveyed { period: '2026-01' party_id: 'provider' score: 3 }"});
  InFebruary()
      .When(Survey("2026-02", 3))
      .Then({"perception_surveyed { period: '2026-02' party_id: 'provider' score: 3 }"});
}

TEST(SurveyPerception, IsRefused) {
  for (const int score : {0, 6, -1}) InFebruary().When(Survey("2026-01", score)).ThenRejected(v1::REASON_FIELD_INVALID);
  InFebruary().When(Survey("2026-W01", 3)).ThenRejected(v1::REASON_FIELD_INVALID);
  InFebruary().When(Survey("2026-03", 3)).ThenRejected(v1::REASON_EFFECTIVE_AT_INVALID);
  InFebruary().By("brian").When(Survey("2026-01", 3)).ThenRejected(v1::REASON_PERMISSION_MISSING);
  v1::ProposeMetricRequest propose;
  propose.set_parent(kAcme);
  propose.set_metric_id("m1");
  *propose.mutable_definition() = StandardDefinition();
  MetricSpec()
      .Given(Chartered)
      .By("petra")
      .Given(propose)
      .When(Survey("2026-01", 3))
      .ThenRejected(v1::REASON_DEFINITION_NOT_EFFECTIVE);
}

}  // namespace
}  // namespace parley::test
