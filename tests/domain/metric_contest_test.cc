// Values that are not accepted: contests, settlements, closing.
#include "services/metric/metric.h"
#include "tests/support/metric_fixtures.h"
#include "tests/support/spec.h"

namespace parley::test {
namespace {

using MetricSpec = Spec<v1::Metric>;

v1::ContestMetricRequest Contest(std::string_view grounds = "grounds: 'tickets were reopened'") {
  return OfM1<v1::ContestMetricRequest>(absl::StrCat("period: '2026-01' ", std::string(grounds)));
}

v1::ProposeMetricSettlementRequest Settlement(int numerator) {
  return OfM1<v1::ProposeMetricSettlementRequest>(absl::StrCat(
      "period: '2026-01' rationale: 'recount' measurement { raw { numerator: ", numerator, " denominator: 100 } }"));
}

v1::AgreeToMetricSettlementRequest AgreeToSettlement(int settlement) {
  return OfM1<v1::AgreeToMetricSettlementRequest>(absl::StrCat("period: '2026-01' settlement: ", settlement));
}

v1::CloseMetricPeriodRequest Close() { return OfM1<v1::CloseMetricPeriodRequest>("period: '2026-01'"); }

v1::CorrectMetricRequest Correction() {
  return OfM1<v1::CorrectMetricRequest>(
      "period: '2026-01' reason: 'r' measurement { raw { numerator: 1 denominator: 2 } }");
}

MetricSpec Reported() {
  MetricSpec spec;
  spec.Given(Chartered).Given(JanuaryReported);
  return spec;
}

MetricSpec Contested() {
  MetricSpec spec = Reported();
  spec.By("bill").Given(Contest());
  return spec;
}

// Settled at 78 of 100.
MetricSpec Settled() {
  MetricSpec spec = Contested();
  spec.By("bea").Given(Settlement(78)).By("pat").Given(AgreeToSettlement(1));
  return spec;
}

TEST(ContestMetric, MakesTheLiveValueContested) {
  Reported().By("bill").When(Contest()).Then(
      {"contested { version: 1 period: '2026-01' grounds: 'tickets were reopened' }"});
  auto spec = Contested();
  const auto& period = spec.world().state().Find<v1::Metric>(InAcme("metrics/m1"))->periods(0);
  EXPECT_EQ(period.state(), v1::METRIC_PERIOD_STATE_CONTESTED);
  EXPECT_EQ(period.contest().party_id(), "buyer");
  // What was reported still stands there as reported.
  EXPECT_EQ(period.reported().measurement().raw().numerator(), 85);
}

TEST(ContestMetric, IsRefused) {
  Reported().By("petra").When(Contest()).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  Reported().By("brian").When(Contest()).ThenRejected(v1::REASON_PERMISSION_MISSING);
  Reported().By("bill").When(Contest("")).ThenRejected(v1::REASON_FIELD_INVALID);
  Contested().When(Contest()).ThenRejected(v1::REASON_VALUE_CONTESTED);
  Reported().By("bea").Given(Close()).When(Contest()).ThenRejected(v1::REASON_PERIOD_CLOSED);
  Settled().By("bill").When(Contest()).ThenRejected(v1::REASON_WRONG_STATE);
  MetricSpec().Given(Chartered).Given(JanuaryOver).By("bill").When(Contest()).ThenRejected(v1::REASON_WRONG_STATE);
  Reported().Given(WithAdviser).By("ann").When(Contest()).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
}

TEST(ContestMetric, StopsCorrectionsAndClosing) {
  Contested().By("petra").When(Correction()).ThenRejected(v1::REASON_VALUE_CONTESTED);
  Contested().By("bea").When(Close()).ThenRejected(v1::REASON_VALUE_CONTESTED);
  Contested().By("pat").When(Close()).ThenRejected(v1::REASON_VALUE_CONTESTED);
}

TEST(SettleContest, TakesBothParties) {
  Contested()
      .By("bea")
      .When(Settlement(78))
      .Then(
          {"contest_settlement_proposed { version: 1 period: '2026-01' settlement: 1 measurement { raw { numerator: 78 "
           "denominator: 100 } } rationale: 'recount' }"})
      .By("pat")
      .When(AgreeToSettlement(1))
      .Then(
          {"contest_settled { version: 1 period: '2026-01' settlement: 1 measurement { raw { numerator: 78 "
           "denominator: "
           "100 } } }",
           "rated { version: 1 period: '2026-01' revision: 2 inputs { raw { numerator: 78 denominator: 100 } "
           "direction: "
           "METRIC_DIRECTION_HIGHER_IS_BETTER expected { parts_per_million: 800000 } target { fraction { numerator: 9 "
           "denominator: 10 } } } rating { raw: RATING_MISSED } }"});
  auto spec = Settled();
  const auto& period = spec.world().state().Find<v1::Metric>(InAcme("metrics/m1"))->periods(0);
  // As reported and as agreed are kept apart; the rating is of what was agreed.
  EXPECT_EQ(period.state(), v1::METRIC_PERIOD_STATE_SETTLED);
  EXPECT_EQ(period.reported().measurement().raw().numerator(), 85);
  EXPECT_EQ(period.settled().measurement().raw().numerator(), 78);
  EXPECT_EQ(period.rating().raw(), v1::RATING_MISSED);
  EXPECT_TRUE(period.contest().has_settle_time());
}

TEST(SettleContest, ByTheLatestProposalOnly) {
  Contested()
      .By("bea")
      .Given(Settlement(78))
      .By("pat")
      .When(Settlement(80))
      .Then(
          {"contest_settlement_proposed { version: 1 period: '2026-01' settlement: 2 measurement { raw { numerator: 80 "
           "denominator: 100 } } rationale: 'recount' }"})
      .By("bea")
      .When(AgreeToSettlement(1))
      .ThenRejected(v1::REASON_WRONG_STATE)
      .By("pat")
      .When(AgreeToSettlement(2))
      .ThenRejected(v1::REASON_NOT_YOUR_PARTY);
}

TEST(SettleContest, IsRefused) {
  // It binds: whoever settles must be able to sign.
  Contested().By("bill").When(Settlement(78)).ThenRejected(v1::REASON_PERMISSION_MISSING);
  Contested()
      .By("bea")
      .Given(Settlement(78))
      .By("petra")
      .When(AgreeToSettlement(1))
      .ThenRejected(v1::REASON_PERMISSION_MISSING);
  Contested().By("bea").When(AgreeToSettlement(1)).ThenRejected(v1::REASON_WRONG_STATE);
  Reported().By("bea").When(Settlement(78)).ThenRejected(v1::REASON_WRONG_STATE);
  Reported().By("bea").When(AgreeToSettlement(1)).ThenRejected(v1::REASON_WRONG_STATE);
  Reported().By("bea").Given(Close()).When(Settlement(78)).ThenRejected(v1::REASON_PERIOD_CLOSED);
  Settled().By("bea").When(Settlement(70)).ThenRejected(v1::REASON_WRONG_STATE);
  auto negative = Settlement(78);
  negative.mutable_measurement()->mutable_raw()->set_denominator(-1);
  Contested().By("bea").When(negative).ThenRejected(v1::REASON_FIELD_INVALID);
  Contested().Given(WithAdviser).By("ann").When(Settlement(78)).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  Contested()
      .By("bea")
      .Given(Settlement(78))
      .Given(WithAdviser)
      .By("ann")
      .When(AgreeToSettlement(1))
      .ThenRejected(v1::REASON_NOT_YOUR_PARTY);
}

TEST(SettleContest, IsNotCorrectedByOneParty) {
  Settled().By("petra").When(Correction()).ThenRejected(v1::REASON_WRONG_STATE);
}

TEST(ClosePeriod, ByAnotherPartyThanTheReporting) {
  Reported()
      .By("bea")
      .When(Close())
      .Then({"period_closed { version: 1 period: '2026-01' }"})
      .When(Close())
      .ThenRejected(v1::REASON_PERIOD_CLOSED);
  Reported().By("pat").When(Close()).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  Reported().By("bill").When(Close()).ThenRejected(v1::REASON_PERMISSION_MISSING);
  Reported().Given(WithAdviser).By("ann").When(Close()).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  MetricSpec().Given(Chartered).Given(JanuaryOver).By("bea").When(Close()).ThenRejected(v1::REASON_WRONG_STATE);
}

TEST(ClosePeriod, ByEitherPartyOnceItIsSettledOrMissing) {
  Settled().By("pat").When(Close()).Then({"period_closed { version: 1 period: '2026-01' }"});
  Settled().By("bea").When(Close()).Then({"period_closed { version: 1 period: '2026-01' }"});
  MetricSpec spec;
  spec.Given(Chartered).Given(JanuaryOver).After(absl::Hours(24 * 10)).By("pat").When(Close());
  spec.Then({"period_closed { version: 1 period: '2026-01' }"});
  // Closed without a value it stays unknown.
  const auto& period = spec.world().state().Find<v1::Metric>(InAcme("metrics/m1"))->periods(0);
  EXPECT_EQ(period.state(), v1::METRIC_PERIOD_STATE_CLOSED);
  EXPECT_EQ(period.rating().raw(), v1::RATING_UNKNOWN);
}

TEST(ClosePeriod, OfAMissingReportTakesTheNumberAsAnAdjustment) {
  auto adjustment = Correction();
  adjustment.set_adjustment_period("2026-02");
  MetricSpec spec;
  spec.Given(Chartered).Given(JanuaryOver).After(absl::Hours(24 * 10)).By("bea").Given(Close()).By("petra");
  spec.When(Report("2026-01", 1, 2)).ThenRejected(v1::REASON_PERIOD_CLOSED);
  spec.When(Correction()).ThenRejected(v1::REASON_PERIOD_CLOSED);
  spec.When(adjustment).ThenState("version_in_force: 1");
  const auto* metric = spec.world().state().Find<v1::Metric>(InAcme("metrics/m1"));
  ASSERT_EQ(metric->adjustments_size(), 1);
  EXPECT_FALSE(metric->adjustments(0).has_prior());
  EXPECT_FALSE(metric->periods(0).has_reported());
}

}  // namespace
}  // namespace parley::test
