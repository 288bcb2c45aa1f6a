// Every rule of decisions that have been decided: reviews, assessments, supersession, reopening; and taking back.
#include "services/decision/decision.h"

#include <gtest/gtest.h>

#include "tests/support/decision_fixtures.h"

namespace parley::test::decisions {
namespace {

using S = Spec<v1::Decision>;

TEST(Review, FallsDueOnce) {
  DecidedD1()
      .WhenTimePasses(absl::Hours(24 * 90) - absl::Nanoseconds(1))
      .ThenNothing()
      .WhenTimePasses(absl::Nanoseconds(1))
      .Then({"review_due { due_time { seconds: 1775001600 } }"})
      .WhenTimePasses(absl::Hours(24 * 900))
      .ThenNothing();
}

TEST(Review, IsSettledByAnAssessment) {
  DecidedD1()
      .By("petra")
      .When(kAssess)
      .Then({"outcome_assessed { score: 4 text: 'good' }"})
      .WhenTimePasses(absl::Hours(24 * 900))
      .ThenNothing();
}

TEST(Review, CountsFromWhenItWasRecorded) {
  Proposed()
      .Given(kConcur)
      .After(absl::Hours(48))
      .By("bill")
      .When(D1<v1::DecideDecisionRequest>("option_id: 'yes' effective_at { seconds: 1767225600 }"))
      .Then({"decided { option_id: 'yes' review_due_time { seconds: 1775174400 } }"});
}

TEST(Review, NeverFallsDueForWhatWasImported) {
  Spec<v1::Decision>()
      .Given(Chartered)
      .By("petra")
      .Given(Propose("d1", "historical: true"))
      .Given(kConcur)
      .By("bill")
      .When(D1<v1::DecideDecisionRequest>("option_id: 'yes' historical: true"))
      .Then({"decided { option_id: 'yes' }"})
      .WhenTimePasses(absl::Hours(24 * 900))
      .ThenNothing();
}

TEST(Review, IsNotEscapedByCallingALiveDecisionHistory) {
  Proposed()
      .Given(kConcur)
      .By("bill")
      .When(D1<v1::DecideDecisionRequest>("option_id: 'yes' historical: true"))
      .Then({"decided { option_id: 'yes' review_due_time { seconds: 1775001600 } }"});
}

TEST(Review, DoesNotConcernAReopenedDecisionUntilItIsDecidedAnew) {
  DecidedD1()
      .Given(kReopen)
      .WhenTimePasses(absl::Hours(24 * 900))
      .ThenNothing()
      .By("petra")
      .Given(kConcur)
      .By("bill")
      .Given(D1<v1::DecideDecisionRequest>("option_id: 'no'"))
      .WhenTimePasses(absl::Hours(24 * 90))
      .Then({"review_due { due_time { seconds: 1852761600 } }"});
}

TEST(Assess, AddsAndNeverEdits) {
  DecidedD1()
      .By("petra")
      .Given(kAssess)
      .By("bill")
      .When(D1<v1::AssessDecisionOutcomeRequest>("score: 1"))
      .Then({"outcome_assessed { score: 1 }"});
  S s = DecidedD1();
  s.By("petra").Given(kAssess).By("bill").Given(D1<v1::AssessDecisionOutcomeRequest>("score: 1"));
  const auto* decision = s.world().state().Find<v1::Decision>(InAcme("decisions/d1"));
  ASSERT_NE(decision, nullptr);
  EXPECT_EQ(decision->outcomes(0).assessment().score(), 4);
  ASSERT_EQ(decision->outcomes(0).later_assessments_size(), 1);
  EXPECT_EQ(decision->outcomes(0).later_assessments(0).party_id(), "buyer");
}

TEST(Assess, IsForContributorsOnceDecided) {
  Proposed().When(kAssess).ThenRejected(v1::REASON_WRONG_STATE);
  DecidedD1().By("brian").When(kAssess).ThenRejected(v1::REASON_PERMISSION_MISSING);
  DecidedD1().When(D1<v1::AssessDecisionOutcomeRequest>("score: 0")).ThenRejected(v1::REASON_FIELD_INVALID);
  DecidedD1().When(D1<v1::AssessDecisionOutcomeRequest>("score: 6")).ThenRejected(v1::REASON_FIELD_INVALID);
}

v1::SupersedeDecisionRequest Supersede(const std::string& old, const std::string& by) {
  return On<v1::SupersedeDecisionRequest>("decisions/" + old, "by: 'relationships/acme/decisions/" + by + "'");
}
std::string Superseded(const std::string& by) { return "superseded { by: 'relationships/acme/decisions/" + by + "' }"; }
std::string Supersedes(const std::string& old) {
  return "supersedes { decision: 'relationships/acme/decisions/" + old + "' }";
}

// a, b and c decided by petra, who may.
S Three() {
  S s;
  s.Given(Chartered).Given([](World& world) {
    for (const char* id : {"a", "b", "c"}) Decided(world, id);
  });
  return s;
}

TEST(Supersede, IsMutual) {
  Three()
      .By("petra")
      .When(Supersede("a", "b"))
      .Then({Superseded("b"), Supersedes("a")})
      .ThenState("state: DECISION_STATE_SUPERSEDED superseded_by: 'relationships/acme/decisions/b'")
      .ThenState("state: DECISION_STATE_DECIDED supersedes: 'relationships/acme/decisions/a'", InAcme("decisions/b"));
}

TEST(Supersede, IsAcyclic) {
  Three().By("petra").When(Supersede("a", "a")).ThenRejected(v1::REASON_CYCLE);
  Three().By("petra").Given(Supersede("a", "b")).When(Supersede("b", "a")).ThenRejected(v1::REASON_CYCLE);
  Three()
      .By("petra")
      .Given(Supersede("a", "b"))
      .Given(Supersede("b", "c"))
      .When(Supersede("c", "a"))
      .ThenRejected(v1::REASON_CYCLE);
}

TEST(Supersede, TakesTwoDecidedDecisionsAndTheDecideRole) {
  Three().By("petra").Given(Supersede("a", "b")).When(Supersede("a", "c")).ThenRejected(v1::REASON_WRONG_STATE);
  Three().By("petra").Given(Supersede("a", "b")).When(Supersede("c", "a")).ThenRejected(v1::REASON_DECISION_REQUIRED);
  Three().By("petra").When(Supersede("a", "x")).ThenRejected(v1::REASON_DECISION_REQUIRED);
  Three().By("petra").Given(Propose("d1")).When(Supersede("a", "d1")).ThenRejected(v1::REASON_DECISION_REQUIRED);
  Three().By("bea").When(Supersede("a", "b")).ThenRejected(v1::REASON_ROLE_NOT_ENTITLED);
}

TEST(Supersede, DoesNotPrecedeWhatReplaces) {
  S s;
  s.Given(Chartered).Given([](World& world) { Decided(world, "a"); }).After(absl::Hours(2)).Given([](World& world) {
    Decided(world, "b");
  });
  v1::SupersedeDecisionRequest request = Supersede("a", "b");
  request.mutable_effective_at()->set_seconds(1767229200);
  s.By("petra").When(request).ThenRejected(v1::REASON_EFFECTIVE_AT_INVALID);
}

TEST(Supersede, EndsTheReviewAndTheAuthority) {
  DecidedD1()
      .Given([](World& world) { Decided(world, "b"); })
      .By("bill")
      .Given(Supersede("d1", "b"))
      .WhenTimePasses(absl::Hours(24 * 900))
      .ThenNothing()
      .By("bea")
      .When(On<v1::ChangeStageRequest>("", "stage: STAGE_OPERATING decision: 'relationships/acme/decisions/d1'"))
      .ThenRejected(v1::REASON_DECISION_REQUIRED);
}

TEST(Reopen, KeepsWhatWasDecidedAndAsksTheAgreeRolesAgain) {
  DecidedD1()
      .When(kReopen)
      .Then({"reopened { reason: 'new facts' }"})
      .ThenState("state: DECISION_STATE_PROPOSED reopen_count: 1")
      .When(kDecide)
      .ThenRejected(v1::REASON_AGREEMENT_MISSING);
  S s = DecidedD1();
  s.Given(kReopen).By("petra").Given(kConcur).By("bill").Given(D1<v1::DecideDecisionRequest>("option_id: 'no'"));
  const auto* decision = s.world().state().Find<v1::Decision>(InAcme("decisions/d1"));
  ASSERT_NE(decision, nullptr);
  ASSERT_EQ(decision->outcomes_size(), 2);
  EXPECT_EQ(decision->outcomes(0).option_id(), "yes");
  EXPECT_EQ(decision->outcomes(1).option_id(), "no");
}

TEST(Reopen, IsForTheDecideRoleOfADecidedDecisionWithAReason) {
  Proposed().By("bill").When(kReopen).ThenRejected(v1::REASON_WRONG_STATE);
  DecidedD1().By("petra").When(kReopen).ThenRejected(v1::REASON_ROLE_NOT_ENTITLED);
  DecidedD1().When(D1<v1::ReopenDecisionRequest>()).ThenRejected(v1::REASON_FIELD_INVALID);
  Three()
      .By("petra")
      .Given(Supersede("a", "b"))
      .When(On<v1::ReopenDecisionRequest>("decisions/a", "reason: 'r'"))
      .ThenRejected(v1::REASON_WRONG_STATE);
}

TEST(Withdraw, IsForTheProposingPartyOfWhatWasNeverDecided) {
  Proposed()
      .By("pat")
      .When(kWithdraw)
      .Then({"withdrawn { reason: 'moot' }"})
      .ThenState("state: DECISION_STATE_WITHDRAWN")
      .By("petra")
      .When(kConcur)
      .ThenRejected(v1::REASON_WRONG_STATE);
  Proposed().By("bill").When(kWithdraw).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  DecidedD1().By("petra").When(kWithdraw).ThenRejected(v1::REASON_WRONG_STATE);
  DecidedD1().Given(kReopen).By("petra").When(kWithdraw).ThenRejected(v1::REASON_WRONG_STATE);
}

TEST(Decisions, AreNeitherProposedNorReopenedAfterTheEnd) {
  S s = DecidedD1();
  s.By("bea")
      .Given(On<v1::PlanExitRequest>(
          "", "plan { exit_time { seconds: 1800000000 } decision: 'relationships/acme/decisions/d1' }"))
      .Given(On<v1::ExitRelationshipRequest>(""));
  s.By("bill").When(kReopen).ThenRejected(v1::REASON_WRONG_STATE);
  s.When(Propose("d2")).ThenRejected(v1::REASON_WRONG_STATE);
}

TEST(Decisions, StoredObjectionsOfVersion1AreUpcast) {
  World world;
  Chartered(world);
  world.Act("petra");
  ASSERT_TRUE(
      world.Run(MakeCommand<v1::Decision>(std::make_shared<const v1::ProposeDecisionRequest>(Propose("d1")))).ok());
  Entry entry = world.entries().back();
  entry.header.set_sequence(world.state().next_sequence());
  entry.record.set_event_type("decision.objected");
  entry.record.set_schema_version(1);
  entry.record.set_event(Parse<v1::DecisionEvent>("objected { ground_v1: 'cost' text: 'dear' }").SerializeAsString());
  LedgerState state = *world.Copy();
  ASSERT_TRUE(state.Apply(entry).ok());
  const auto* decision = state.Find<v1::Decision>(InAcme("decisions/d1"));
  ASSERT_EQ(decision->agreements_size(), 1);
  ASSERT_EQ(decision->agreements(0).grounds_size(), 1);
  EXPECT_EQ(decision->agreements(0).grounds(0), "cost");
}

}  // namespace
}  // namespace parley::test::decisions
