// What the dashboards say of histories that went through the rules.
#include "parley/v1/dashboard.pb.h"

#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "services/decision/decision.h"
#include "services/dispute/dispute.h"
#include "services/metric/metric.h"
#include "services/objective/objective.h"
#include "services/relationship/relationship.h"
#include "tests/query/query_fixture.h"
#include "tests/support/metric_fixtures.h"

namespace parley::test {
namespace {

absl::Time At(int days) { return Epoch() + absl::Hours(24 * days); }

class DashboardTest : public QueryTest {
 protected:
  DashboardTest() { Chartered(world_); }

  template <class R, class Request>
  void Do(const std::string& principal, const std::string& text) {
    Must<R>(principal, Parse<Request>(text));
  }
  template <class R, class Request>
  void Must(const std::string& principal, const Request& request) {
    world_.Act(principal);
    const auto recorded = world_.Run(MakeCommand<R>(std::make_shared<const Request>(request)));
    ASSERT_TRUE(recorded.ok()) << recorded.status() << "\n" << request.DebugString();
  }
  template <class Response, class Request>
  Response Board(const Request& without_name, const std::string& principal = "brian") {
    Publish(world_);
    Request request = without_name;
    request.set_name(kAcme);
    const auto response = Ask<Response>(principal, request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(Response());
  }

  World world_;
};

class DecisionRegisterTest : public DashboardTest {
 protected:
  void Propose(const std::string& id, const std::string& class_id = "staffing") {
    Do<v1::Decision, v1::ProposeDecisionRequest>("petra", "parent: 'relationships/acme' decision_id: '" + id +
                                                              "' title: 't' class_id: '" + class_id +
                                                              "' options { option_id: 'yes' }");
  }
  void Decide(const std::string& id, const std::string& principal = "petra") {
    Do<v1::Decision, v1::DecideDecisionRequest>(principal, "name: '" + Name(id) + "' option_id: 'yes' rationale: 'r'");
  }
  void Supersede(const std::string& id, const std::string& by) {
    v1::SupersedeDecisionRequest request;
    request.set_name(Name(id));
    request.set_by(Name(by));
    Must<v1::Decision>("petra", request);
  }
  static std::string Name(const std::string& id) { return InAcme("decisions/" + id); }
  v1::GetDecisionRegisterResponse Register(absl::Time read_time) {
    v1::GetDecisionRegisterRequest request;
    *request.mutable_read_time() = ToProto(read_time);
    return Board<v1::GetDecisionRegisterResponse>(request);
  }
};

TEST_F(DecisionRegisterTest, TellsLatencyAgeAndReviews) {
  Propose("d1");
  world_.AdvanceTo(At(2));
  Decide("d1");
  Propose("d2", "change-request");
  world_.AdvanceTo(At(3));
  Do<v1::Decision, v1::ConcurWithDecisionRequest>("petra", "name: '" + Name("d2") + "'");
  Decide("d2", "bill");  // To be reviewed after 90 days.
  Propose("d3");
  world_.AdvanceTo(At(10));

  auto board = Register(At(13));
  ASSERT_EQ(board.entries_size(), 3);
  EXPECT_EQ(FromProto(board.entries(0).latency()), absl::Hours(48));
  EXPECT_FALSE(board.entries(0).has_review_due_time());
  EXPECT_FALSE(board.entries(0).has_open_for());
  EXPECT_EQ(FromProto(board.entries(1).review_due_time()), At(93));
  EXPECT_FALSE(board.entries(1).review_overdue());
  EXPECT_EQ(board.entries(1).decided_by_party(), "buyer");
  EXPECT_EQ(FromProto(board.entries(2).open_for()), absl::Hours(24 * 10));
  EXPECT_FALSE(board.entries(2).has_latency());
  EXPECT_EQ(FromProto(board.read_time()), At(13));
  EXPECT_EQ(board.summary().open(), 1);
  EXPECT_EQ(board.summary().decided(), 2);
  EXPECT_EQ(board.summary().reviews_pending(), 1);
  EXPECT_EQ(board.summary().reviews_overdue(), 0);
  EXPECT_EQ(FromProto(board.summary().median_latency()), absl::Hours(24));
  EXPECT_EQ(FromProto(board.summary().longest_latency()), absl::Hours(48));
  EXPECT_EQ(FromProto(board.summary().oldest_open()), absl::Hours(24 * 10));

  EXPECT_TRUE(Register(At(93)).entries(1).review_overdue());
  EXPECT_EQ(Register(At(93)).summary().reviews_overdue(), 1);
  world_.AdvanceTo(At(95));
  Do<v1::Decision, v1::AssessDecisionOutcomeRequest>("bill", "name: '" + Name("d2") + "' score: 4");
  board = Register(At(100));
  EXPECT_FALSE(board.entries(1).has_review_due_time());
  EXPECT_EQ(board.entries(1).assessment_score(), 4);
  EXPECT_EQ(board.summary().reviews_overdue(), 0);
}

TEST_F(DecisionRegisterTest, FollowsChainsOfSupersession) {
  for (const char* id : {"d1", "d2", "d3", "d4"}) {
    Propose(id);
    Decide(id);
  }
  Supersede("d1", "d3");
  Supersede("d2", "d3");  // One replaces two.
  Supersede("d3", "d4");
  const auto board = Register(At(1));
  for (int i : {0, 1, 2}) EXPECT_EQ(board.entries(i).holds_instead(), Name("d4")) << i;
  EXPECT_EQ(board.entries(3).holds_instead(), "");
  EXPECT_EQ(board.entries(0).superseded_by(), Name("d3"));
  EXPECT_EQ(board.entries(2).supersedes_size(), 2);
  EXPECT_EQ(board.summary().superseded(), 3);
  EXPECT_EQ(board.summary().decided(), 1);
}

TEST_F(DecisionRegisterTest, TellsOfOverridesReopeningsAndObjections) {
  Propose("d1", "change-request");
  Do<v1::Decision, v1::ObjectToDecisionRequest>("petra", "name: '" + Name("d1") + "' grounds: 'cost' text: 'dear'");
  EXPECT_EQ(Register(At(0)).entries(0).standing_objections(), 1);
  Do<v1::Decision, v1::OverrideDecisionRequest>("bea",
                                                "name: '" + Name("d1") + "' option_id: 'yes' rationale: 'we must'");
  auto board = Register(At(0));
  EXPECT_EQ(board.entries(0).override_count(), 1);
  EXPECT_EQ(board.entries(0).standing_objections(), 0) << "it is not open any more";
  EXPECT_EQ(board.summary().overridden(), 1);
  world_.AdvanceTo(At(5));
  Do<v1::Decision, v1::ReopenDecisionRequest>("bill", "name: '" + Name("d1") + "' reason: 'again'");
  board = Register(At(7));
  EXPECT_EQ(board.entries(0).reopen_count(), 1);
  EXPECT_EQ(FromProto(board.entries(0).open_for()), absl::Hours(48)) << "counted from the reopening";
  EXPECT_FALSE(board.entries(0).has_review_due_time());
  EXPECT_EQ(board.summary().open(), 1);
}

TEST_F(DashboardTest, AnOverviewCountsWhatIsOpen) {
  Decided(world_, "d1");
  Do<v1::Decision, v1::ProposeDecisionRequest>(
      "petra",
      "parent: 'relationships/acme' decision_id: 'd2' title: 't' class_id: 'staffing' "
      "options { option_id: 'yes' }");
  Ranked(world_);
  Agreed(world_);
  Do<v1::Dispute, v1::RaiseDisputeRequest>("bill",
                                           "parent: 'relationships/acme' dispute_id: 'x1' type: DISPUTE_TYPE_SERVICE "
                                           "title: 'Slow' style: DISPUTE_STYLE_COLLABORATING");
  const auto board = Board<v1::GetOverviewResponse>(v1::GetOverviewRequest());
  const v1::RelationshipOverview& overview = board.overview();
  EXPECT_EQ(overview.relationship(), kAcme);
  EXPECT_EQ(overview.display_name(), "Service desk");
  EXPECT_EQ(overview.charter_in_force(), 1);
  EXPECT_TRUE(overview.has_charter_bind_time());
  EXPECT_FALSE(overview.charter_pending());
  ASSERT_EQ(overview.parties_size(), 2);
  EXPECT_EQ(overview.parties(0).members(), 3);
  EXPECT_EQ(overview.parties(1).members(), 2);
  EXPECT_EQ(overview.open_decisions(), 1);
  EXPECT_EQ(overview.standing_decisions(), 1);
  EXPECT_EQ(overview.objectives(), 1);
  EXPECT_EQ(overview.metrics(), 1);
  EXPECT_EQ(overview.open_disputes(), 1);
  EXPECT_EQ(overview.joint_entries(), world_.entries().size());

  const auto portfolio = Ask<v1::GetPortfolioResponse>("pat", v1::GetPortfolioRequest());
  ASSERT_EQ(portfolio->overviews_size(), 1);
  EXPECT_EQ(portfolio->overviews(0).SerializeAsString(), overview.SerializeAsString());
  EXPECT_EQ(Ask<v1::GetPortfolioResponse>("mallory", v1::GetPortfolioRequest())->overviews_size(), 0);
}

TEST_F(DashboardTest, APortfolioPagesAndTellsWhatStopped) {
  for (const char* ledger : {"beta", "gamma", "delta"}) {
    v1::RelationshipEvent event;
    event.mutable_established()->add_parties()->set_first_member("bea");
    log_.Add(ledger, std::string("relationships/") + ledger, event);
  }
  log_.AddUnknown("beta");
  Publish(world_);
  v1::GetPortfolioRequest request;
  request.set_page_size(1);
  std::vector<std::string> seen, stopped;
  do {
    const auto page = Ask<v1::GetPortfolioResponse>("bea", request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const auto& overview : page->overviews()) seen.push_back(overview.relationship());
    stopped.insert(stopped.end(), page->stopped().begin(), page->stopped().end());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(seen, (std::vector<std::string>{"relationships/acme", "relationships/delta", "relationships/gamma"}));
  EXPECT_EQ(stopped, std::vector<std::string>{"relationships/beta"});
}

class ScoreboardTest : public DashboardTest {
 protected:
  v1::GetScoreboardResponse Scores() { return Board<v1::GetScoreboardResponse>(v1::GetScoreboardRequest()); }
  static int64_t Of100(const v1::ScoreboardValue& value) { return value.measurement().raw().numerator(); }
};

TEST_F(ScoreboardTest, KeepsTheTruthsOfAPeriodApart) {
  JanuaryReported(world_);
  Must<v1::Metric>("petra",
                   OfM1<v1::CorrectMetricRequest>(
                       "period: '2026-01' measurement { raw { numerator: 82 denominator: 100 } } reason: 'r'"));
  Must<v1::Metric>("bill", OfM1<v1::ContestMetricRequest>("period: '2026-01' grounds: 'not what users saw'"));
  Must<v1::Metric>("pat", OfM1<v1::SurveyMetricPerceptionRequest>("period: '2026-01' score: 5"));
  Must<v1::Metric>("bea", OfM1<v1::SurveyMetricPerceptionRequest>("period: '2026-01' score: 2"));
  auto board = Scores();
  ASSERT_EQ(board.metrics_size(), 1);
  ASSERT_EQ(board.metrics(0).cells_size(), 1);
  v1::ScoreboardCell cell = board.metrics(0).cells(0);
  EXPECT_EQ(Of100(cell.as_reported()), 85);
  EXPECT_EQ(cell.as_reported().rating().raw(), v1::RATING_MET_EXPECTED);
  EXPECT_EQ(Of100(cell.as_corrected()), 82);
  EXPECT_EQ(cell.corrections(), 1);
  EXPECT_FALSE(cell.has_as_agreed());
  EXPECT_TRUE(cell.contested());
  ASSERT_EQ(cell.as_perceived_size(), 2);
  EXPECT_EQ(cell.as_perceived(0).party_id(), "buyer");
  EXPECT_EQ(cell.as_perceived(0).score(), 2);
  EXPECT_EQ(cell.as_perceived(1).score(), 5);
  EXPECT_EQ(board.summary().contested(), 1);

  Must<v1::Metric>("bea", OfM1<v1::ProposeMetricSettlementRequest>(
                              "period: '2026-01' measurement { raw { numerator: 78 denominator: 100 } } "
                              "rationale: 'halfway'"));
  Must<v1::Metric>("pat", OfM1<v1::AgreeToMetricSettlementRequest>("period: '2026-01' settlement: 1"));
  board = Scores();
  cell = board.metrics(0).cells(0);
  EXPECT_EQ(Of100(cell.as_reported()), 85);
  EXPECT_EQ(Of100(cell.as_corrected()), 82);
  EXPECT_EQ(Of100(cell.as_agreed()), 78);
  EXPECT_EQ(cell.as_agreed().rating().raw(), v1::RATING_MISSED);
  EXPECT_EQ(cell.rating().raw(), v1::RATING_MISSED);
  EXPECT_FALSE(cell.contested());
  EXPECT_EQ(board.summary().agreed_differently(), 1);
  EXPECT_EQ(board.summary().missed(), 1);
}

TEST_F(ScoreboardTest, NoDataIsUnknownAndAMissingReportIsMarked) {
  Agreed(world_);
  world_.AdvanceTo(At(45));  // January's report was due on the 11th of February.
  ASSERT_TRUE(world_.Settle().ok());
  auto board = Scores();
  ASSERT_EQ(board.metrics(0).cells_size(), 1);
  EXPECT_TRUE(board.metrics(0).cells(0).report_missing());
  EXPECT_EQ(board.metrics(0).cells(0).rating().raw(), v1::RATING_UNKNOWN);
  EXPECT_FALSE(board.metrics(0).cells(0).has_as_reported());
  EXPECT_EQ(board.summary().unknown(), 1);
  EXPECT_EQ(board.summary().reports_missing(), 1);
  EXPECT_EQ(board.summary().met_expected() + board.summary().met_target(), 0);
  Must<v1::Metric>("petra", Report("2026-01", 95, 100));
  board = Scores();
  EXPECT_TRUE(board.metrics(0).cells(0).report_missing()) << "it came late";
  EXPECT_EQ(board.summary().met_target(), 1);
}

TEST_F(ScoreboardTest, CellsOfAPeriodAreInTheOrderOfVersions) {
  JanuaryOver(world_);
  for (int32_t version = 2; version <= 10; ++version) {
    Must<v1::Metric>("petra", ProposeVersion(StandardDefinition()));
    Must<v1::Metric>("bea", AgreeTo(version));
    Must<v1::Metric>("pat", AgreeTo(version));
  }
  for (const int32_t version : {10, 9, 1}) {
    auto report = Report("2026-01", 85, 100);
    report.set_version(version);
    Must<v1::Metric>("petra", report);
  }
  const auto board = Scores();
  ASSERT_EQ(board.metrics(0).cells_size(), 3);
  EXPECT_EQ(board.metrics(0).cells(0).version(), 1);
  EXPECT_EQ(board.metrics(0).cells(1).version(), 9);
  EXPECT_EQ(board.metrics(0).cells(2).version(), 10);
}

TEST_F(ScoreboardTest, GreenOnlyBecauseTheClockWasStoppedShows) {
  JanuaryOver(world_);
  auto report = Report("2026-01", 70, 100);
  report.mutable_measurement()->mutable_clock_stopped()->set_numerator(95);
  report.mutable_measurement()->mutable_clock_stopped()->set_denominator(100);
  Must<v1::Metric>("petra", report);
  Must<v1::Metric>("bea", OfM1<v1::CloseMetricPeriodRequest>("period: '2026-01'"));
  const auto board = Scores();
  const v1::ScoreboardCell& cell = board.metrics(0).cells(0);
  EXPECT_TRUE(cell.only_clock_stopped_passes());
  EXPECT_EQ(cell.as_reported().rating().raw(), v1::RATING_MISSED);
  EXPECT_EQ(cell.as_reported().rating().clock_stopped(), v1::RATING_MET_TARGET);
  EXPECT_EQ(cell.as_agreed().party_id(), "buyer") << "closed by the other side: agreed";
  EXPECT_EQ(board.summary().missed(), 1);
  EXPECT_EQ(board.summary().only_clock_stopped_passes(), 1);
  EXPECT_EQ(board.summary().agreed_differently(), 0);
}

TEST_F(ScoreboardTest, ShowsDefinitionsThatWaitAndPeriodsOnlySurveyed) {
  JanuaryOver(world_);
  auto next = StandardDefinition();
  next.set_display_name("Resolved in time, better");
  Must<v1::Metric>("petra", ProposeVersion(next));
  Must<v1::Metric>("pat", AgreeTo(2));
  Must<v1::Metric>("bea", OfM1<v1::SurveyMetricPerceptionRequest>("period: '2026-01' score: 3"));
  auto board = Scores();
  EXPECT_EQ(board.metrics(0).version_in_force(), 1);
  EXPECT_EQ(board.metrics(0).pending_version(), 2);
  ASSERT_EQ(board.metrics(0).pending_agreed_by_size(), 1);
  EXPECT_EQ(board.metrics(0).pending_agreed_by(0), "provider");
  ASSERT_EQ(board.metrics(0).cells_size(), 1);
  EXPECT_EQ(board.metrics(0).cells(0).version(), 0);
  EXPECT_EQ(board.metrics(0).cells(0).rating().raw(), v1::RATING_UNKNOWN);
  Must<v1::Metric>("petra", Report("2026-01", 85, 100));
  board = Scores();
  ASSERT_EQ(board.metrics(0).cells_size(), 1) << "the reported cell takes the place of the surveyed one";
  EXPECT_EQ(board.metrics(0).cells(0).version(), 1);
  EXPECT_EQ(board.metrics(0).cells(0).as_perceived_size(), 1);
}

TEST_F(DashboardTest, CoverageSetsWhatMattersAgainstWhatIsMeasured) {
  Ranked(world_);
  Agreed(world_);
  auto board = Board<v1::GetCoverageResponse>(v1::GetCoverageRequest());
  ASSERT_EQ(board.objectives_size(), 1);
  EXPECT_TRUE(board.objectives(0).unmeasured());
  EXPECT_EQ(board.objectives(0).rank_gap(), 3);
  EXPECT_TRUE(board.objectives(0).ranked_differently());
  ASSERT_EQ(board.objectives(0).rankings_size(), 2);
  EXPECT_TRUE(board.metrics(0).easy_and_serves_nothing());
  EXPECT_EQ(board.summary().unmeasured_that_matter(), 1);
  EXPECT_EQ(board.summary().ranked_differently(), 1);
  EXPECT_EQ(board.summary().easy_metrics_serving_nothing(), 1);

  Must<v1::Metric>("bea", OfM1<v1::LinkMetricToObjectiveRequest>("objective: 'relationships/acme/objectives/o1' "
                                                                 "strength: 4"));
  board = Board<v1::GetCoverageResponse>(v1::GetCoverageRequest());
  EXPECT_FALSE(board.objectives(0).unmeasured());
  ASSERT_EQ(board.objectives(0).measured_by_size(), 1);
  EXPECT_EQ(board.objectives(0).measured_by(0).strength(), 4);
  EXPECT_FALSE(board.metrics(0).serves_nothing());
  EXPECT_EQ(board.summary().unmeasured_objectives(), 0);

  Do<v1::Objective, v1::RetireObjectiveRequest>("bea", "name: 'relationships/acme/objectives/o1' reason: 'done'");
  board = Board<v1::GetCoverageResponse>(v1::GetCoverageRequest());
  EXPECT_EQ(board.objectives_size(), 0);
  EXPECT_TRUE(board.metrics(0).easy_and_serves_nothing()) << "what it served is not pursued any more";
}

TEST_F(DashboardTest, CoverageCountsNoMetricThatIsNotInForce) {
  Ranked(world_);
  v1::ProposeMetricRequest propose;
  propose.set_parent(kAcme);
  propose.set_metric_id("m1");
  *propose.mutable_definition() = StandardDefinition();
  Must<v1::Metric>("petra", propose);
  Must<v1::Metric>("bea", OfM1<v1::LinkMetricToObjectiveRequest>("objective: 'relationships/acme/objectives/o1' "
                                                                 "strength: 4"));
  const auto board = Board<v1::GetCoverageResponse>(v1::GetCoverageRequest());
  EXPECT_TRUE(board.objectives(0).unmeasured());
  EXPECT_FALSE(board.metrics(0).in_force());
  EXPECT_FALSE(board.metrics(0).serves_nothing());
}

TEST_F(DashboardTest, BoardsAreForMembers) {
  Publish(world_);
  v1::GetCoverageRequest coverage;
  coverage.set_name(kAcme);
  EXPECT_EQ(ReasonOf(Ask<v1::GetCoverageResponse>("mallory", coverage).status()), v1::REASON_NOT_FOUND);
  coverage.set_name("relationships/none");
  EXPECT_EQ(ReasonOf(Ask<v1::GetCoverageResponse>("bea", coverage).status()), v1::REASON_NOT_FOUND);
  coverage.set_name("acme");
  EXPECT_EQ(ReasonOf(Ask<v1::GetCoverageResponse>("bea", coverage).status()), v1::REASON_FIELD_INVALID);
  coverage.set_name(kAcme);
  coverage.mutable_read_time()->set_nanos(-1);
  EXPECT_EQ(ReasonOf(Ask<v1::GetCoverageResponse>("bea", coverage).status()), v1::REASON_FIELD_INVALID);
}

}  // namespace
}  // namespace parley::test
