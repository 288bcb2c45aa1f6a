// Every rule of decisions.
#include "services/decision/decision.h"

#include <gtest/gtest.h>

#include "tests/support/fixtures.h"
#include "tests/support/spec.h"

namespace parley::test {
namespace {

using S = Spec<v1::Decision>;

// A change request, of less than 10,000 unless `more` says otherwise: bill decides, petra agrees.
v1::ProposeDecisionRequest Propose(const std::string& id, const std::string& more = "") {
  return Parse<v1::ProposeDecisionRequest>("parent: 'relationships/acme' decision_id: '" + id +
                                           "' title: 'T' class_id: 'change-request' options { option_id: 'yes' } "
                                           "options { option_id: 'no' } " +
                                           more);
}
// From 10,000 on: petra recommends, bea decides, pat and petra agree.
v1::ProposeDecisionRequest ProposeLarge(const std::string& id) {
  return Propose(id, "amount { currency_code: 'EUR' units: 10000 }");
}

template <class Request>
Request D1(const std::string& text = "") {
  return On<Request>("decisions/d1", text);
}
const auto kConcur = D1<v1::ConcurWithDecisionRequest>();
const auto kObject = D1<v1::ObjectToDecisionRequest>("grounds: 'cost' grounds: 'security' text: 'dear'");
const auto kDecide = D1<v1::DecideDecisionRequest>("option_id: 'yes' rationale: 'r' dissent: 'x'");
const auto kOverride = D1<v1::OverrideDecisionRequest>("option_id: 'no' rationale: 'must'");
const auto kDefer = D1<v1::DeferDecisionRequest>("forum_id: 'steering' reason: 'large'");
const auto kReopen = D1<v1::ReopenDecisionRequest>("reason: 'new facts'");
const auto kWithdraw = D1<v1::WithdrawDecisionRequest>("reason: 'moot'");
const auto kAssess = D1<v1::AssessDecisionOutcomeRequest>("score: 4 text: 'good'");

// Begins at 1767225600; reviews fall due 7776000 seconds later.
constexpr char kDecided[] =
    "decided { option_id: 'yes' rationale: 'r' dissent: 'x' review_due_time { seconds: 1775001600 } }";

S Proposed() {
  S s;
  s.Given(Chartered).By("petra").Given(Propose("d1"));
  return s;
}
S DecidedD1() {
  S s = Proposed();
  s.Given(kConcur).By("bill").Given(kDecide);
  return s;
}

TEST(ProposeDecision, PinsTheCharterInForce) {
  S().Given(Chartered)
      .By("bill")
      .When(Propose("d1", "criteria: 'cost' amount { currency_code: 'EUR' units: 5 }"))
      .Then(
          {"proposed { title: 'T' class_id: 'change-request' options { option_id: 'yes' } options { option_id: 'no' } "
           "criteria: 'cost' amount { currency_code: 'EUR' units: 5 } charter_version: 1 }"})
      .ThenState("state: DECISION_STATE_PROPOSED charter_version: 1 proposed_by: 'bill' proposed_by_party: 'buyer'");
}

TEST(ProposeDecision, NeedsABindingCharter) {
  S().Given(Staffed).By("bea").When(Propose("d1")).ThenRejected(v1::REASON_CHARTER_NOT_BINDING);
}

TEST(ProposeDecision, IsForContributors) {
  S().Given(Chartered).By("brian").When(Propose("d1")).ThenRejected(v1::REASON_PERMISSION_MISSING);
  S().Given(Chartered).By("otto").When(Propose("d1")).ThenRejected(v1::REASON_NOT_A_MEMBER);
}

TEST(ProposeDecision, IsForTheRecommendRoleWhereThereIsOne) {
  S().Given(Chartered).By("bea").When(ProposeLarge("d1")).ThenRejected(v1::REASON_ROLE_NOT_ENTITLED);
  S().Given(Chartered).By("petra").When(ProposeLarge("d1")).ThenState("state: DECISION_STATE_PROPOSED");
}

TEST(ProposeDecision, NeedsAClassAndBandOfTheCharter) {
  S().Given(Chartered).By("bill").When(Propose("d1", "class_id: 'x'")).ThenRejected(v1::REASON_CLASS_NOT_CHARTERED);
  S().Given(Chartered)
      .By("bill")
      .When(Propose("d1", "amount { currency_code: 'USD' units: 1 }"))
      .ThenRejected(v1::REASON_CLASS_NOT_CHARTERED);
}

TEST(ProposeDecision, RefusesBadFields) {
  for (const char* bad : {"title: ''", "options { option_id: 'yes' }", "options { option_id: 'Not a slug' }",
                          "amount { currency_code: 'EUR' units: -1 }", "amount { units: 1 }"}) {
    SCOPED_TRACE(bad);
    S().Given(Chartered).By("bill").When(Propose("d1", bad)).ThenRejected(v1::REASON_FIELD_INVALID);
  }
  v1::ProposeDecisionRequest bare = Propose("d1");
  bare.clear_options();
  S().Given(Chartered).By("bill").When(bare).ThenRejected(v1::REASON_FIELD_INVALID);
}

TEST(ProposeDecision, DoesNotPrecedeTheCharter) {
  S().Given(Chartered)
      .After(absl::Hours(1))
      .By("bill")
      .When(Propose("d1", "effective_at { seconds: 1767225599 }"))
      .ThenRejected(v1::REASON_EFFECTIVE_AT_INVALID)
      .When(Propose("d1", "effective_at { seconds: 1767225600 }"))
      .ThenState("propose_time { seconds: 1767225600 } create_time { seconds: 1767229200 }");
}

TEST(DecisionInput, NeverBlocks) {
  Proposed()
      .By("bill")
      .When(D1<v1::GiveDecisionInputRequest>("text: 'do not do it'"))
      .Then({"input_given { text: 'do not do it' }"})
      .By("petra")
      .Given(kConcur)
      .By("bill")
      .When(kDecide)
      .Then({kDecided});
}

TEST(DecisionInput, IsTextOfAContributorWhileUndecided) {
  const auto input = D1<v1::GiveDecisionInputRequest>("text: 'hm'");
  Proposed().By("brian").When(input).ThenRejected(v1::REASON_PERMISSION_MISSING);
  Proposed().When(D1<v1::GiveDecisionInputRequest>()).ThenRejected(v1::REASON_FIELD_INVALID);
  DecidedD1().When(input).ThenRejected(v1::REASON_WRONG_STATE);
  S().Given(Chartered).By("bill").When(input).ThenRejected(v1::REASON_NOT_FOUND);
}

TEST(Agreement, IsForTheAgreeRole) {
  Proposed().When(kConcur).Then({"concurred {}"});
  Proposed().By("bill").When(kConcur).ThenRejected(v1::REASON_ROLE_NOT_ENTITLED);
  Proposed().By("pat").When(kConcur).ThenRejected(v1::REASON_ROLE_NOT_ENTITLED);
  Proposed().By("bill").When(kObject).ThenRejected(v1::REASON_ROLE_NOT_ENTITLED);
  DecidedD1().By("petra").When(kConcur).ThenRejected(v1::REASON_WRONG_STATE);
  DecidedD1().By("petra").When(kObject).ThenRejected(v1::REASON_WRONG_STATE);
}

TEST(Agreement, IsWaitedFor) { Proposed().By("bill").When(kDecide).ThenRejected(v1::REASON_AGREEMENT_MISSING); }

TEST(Agreement, ObjectionsBlockOnCharteredGroundsOnly) {
  Proposed()
      .When(D1<v1::ObjectToDecisionRequest>("grounds: 'cost' grounds: 'taste'"))
      .ThenRejected(v1::REASON_GROUND_NOT_CHARTERED);
  Proposed().When(D1<v1::ObjectToDecisionRequest>()).ThenRejected(v1::REASON_FIELD_INVALID);
  Proposed()
      .When(kObject)
      .Then({"objected { grounds: ['cost', 'security'] text: 'dear' }"})
      .By("bill")
      .When(kDecide)
      .ThenRejected(v1::REASON_OBJECTION_STANDS);
}

TEST(Agreement, AnObjectionIsLiftedByConcurring) {
  Proposed().Given(kObject).Given(kConcur).By("bill").When(kDecide).Then({kDecided});
  Proposed().Given(kConcur).Given(kObject).By("bill").When(kDecide).ThenRejected(v1::REASON_OBJECTION_STANDS);
}

TEST(Agreement, EveryAgreeRoleOfTheBandIsWaitedFor) {
  S().Given(Chartered)
      .By("petra")
      .Given(ProposeLarge("d1"))
      .Given(kConcur)
      .By("bea")
      .When(kDecide)
      .ThenRejected(v1::REASON_AGREEMENT_MISSING)
      .By("pat")
      .Given(kConcur)
      .By("bea")
      .When(kDecide)
      .Then({kDecided});
}

TEST(Agreement, WhoHoldsTwoAgreeRolesSpeaksForBoth) {
  S().Given(Chartered)
      .By("pat")
      .Given(On<v1::GrantRoleRequest>("", "principal: 'pat' party_id: 'provider' role: 'delivery-lead'"))
      .By("petra")
      .Given(ProposeLarge("d1"))
      .By("pat")
      .Given(kConcur)
      .By("bea")
      .When(kDecide)
      .ThenRejected(v1::REASON_AGREEMENT_MISSING)
      .By("pat")
      .Given(kConcur)
      .By("bea")
      .When(kDecide)
      .Then({kDecided});
}

TEST(Decide, IsForTheDecideRoleAlone) {
  for (const char* other : {"bea", "pat", "petra"}) {
    Proposed().Given(kConcur).By(other).When(kDecide).ThenRejected(v1::REASON_ROLE_NOT_ENTITLED);
  }
  Proposed().Given(kConcur).By("brian").When(kDecide).ThenRejected(v1::REASON_PERMISSION_MISSING);
  Proposed().Given(kConcur).By("otto").When(kDecide).ThenRejected(v1::REASON_NOT_A_MEMBER);
  Proposed().Given(kConcur).By("bill").When(kDecide).Then({kDecided}).ThenState(R"pb(
    state: DECISION_STATE_DECIDED
    outcomes {
      option_id: "yes"
      rationale: "r"
      dissent: "x"
      decided_by: "bill"
      party_id: "buyer"
      role: "service-manager"
      time { seconds: 1767225600 }
      review_due_time { seconds: 1775001600 }
      sequence: 11
    })pb");
}

TEST(Decide, ChoosesOneOfTheOptionsOnce) {
  Proposed()
      .Given(kConcur)
      .By("bill")
      .When(D1<v1::DecideDecisionRequest>("option_id: 'maybe'"))
      .ThenRejected(v1::REASON_FIELD_INVALID);
  DecidedD1().When(kDecide).ThenRejected(v1::REASON_WRONG_STATE);
}

TEST(Decide, FollowsTheCharterThatWasPinned) {
  // The amended charter gives bea the right; bill keeps it for what was proposed before.
  v1::ProposeCharterRequest amend = On<v1::ProposeCharterRequest>("");
  *amend.mutable_charter() = StandardCharter();
  amend.mutable_charter()->mutable_decision_classes(0)->mutable_bands(0)->mutable_rights(0)->mutable_holder()->set_role(
      "representative");
  const auto adopt = On<v1::AdoptCharterRequest>("", "version: 2");
  S s = Proposed();
  s.Given(kConcur).By("bea").Given(amend).Given(adopt).By("pat").Given(adopt);
  s.By("bea").When(kDecide).ThenRejected(v1::REASON_ROLE_NOT_ENTITLED);
  s.By("bill").When(kDecide).Then({kDecided});
  s.By("petra").Given(Propose("d2")).Given(On<v1::ConcurWithDecisionRequest>("decisions/d2"));
  s.By("bill")
      .When(On<v1::DecideDecisionRequest>("decisions/d2", "option_id: 'yes'"))
      .ThenRejected(v1::REASON_ROLE_NOT_ENTITLED);
}

TEST(Defer, HandsItToAForumOfTheCharter) {
  Proposed()
      .By("bill")
      .When(kDefer)
      .Then({"deferred { forum_id: 'steering' reason: 'large' }"})
      .ThenState("state: DECISION_STATE_DEFERRED forum_id: 'steering'")
      .By("petra")
      .Given(kConcur)
      .By("bill")
      .When(kDecide)
      .Then({kDecided});
  Proposed().By("bill").When(D1<v1::DeferDecisionRequest>("forum_id: 'x'")).ThenRejected(v1::REASON_FIELD_INVALID);
  Proposed().When(kDefer).ThenRejected(v1::REASON_ROLE_NOT_ENTITLED);
  DecidedD1().When(kDefer).ThenRejected(v1::REASON_WRONG_STATE);
}

TEST(Override, DecidesInSpiteOfAnObjection) {
  Proposed()
      .Given(kObject)
      .By("bea")
      .When(kOverride)
      .Then({"overridden { option_id: 'no' rationale: 'must' review_due_time { seconds: 1775001600 } }"})
      .ThenState("state: DECISION_STATE_DECIDED");
}

TEST(Override, DecidesInSpiteOfSilence) {
  Proposed().By("bea").When(kOverride).Then(
      {"overridden { option_id: 'no' rationale: 'must' review_due_time { seconds: 1775001600 } }"});
}

TEST(Override, NeedsSomethingToOverrideAndAReason) {
  Proposed().Given(kConcur).By("bea").When(kOverride).ThenRejected(v1::REASON_WRONG_STATE);
  Proposed()
      .Given(kObject)
      .By("bea")
      .When(D1<v1::OverrideDecisionRequest>("option_id: 'no'"))
      .ThenRejected(v1::REASON_FIELD_INVALID);
  Proposed()
      .Given(kObject)
      .By("bea")
      .When(D1<v1::OverrideDecisionRequest>("option_id: 'x' rationale: 'r'"))
      .ThenRejected(v1::REASON_FIELD_INVALID);
  DecidedD1().By("bea").When(kOverride).ThenRejected(v1::REASON_WRONG_STATE);
}

TEST(Override, IsForTheRoleThatTheClassNames) {
  Proposed().Given(kObject).By("bill").When(kOverride).ThenRejected(v1::REASON_ROLE_NOT_ENTITLED);
  Proposed().Given(kObject).By("pat").When(kOverride).ThenRejected(v1::REASON_ROLE_NOT_ENTITLED);
  // The class "staffing" names none.
  S().Given(Chartered)
      .By("petra")
      .Given(Propose("d1", "class_id: 'staffing'"))
      .By("bea")
      .When(kOverride)
      .ThenRejected(v1::REASON_ROLE_NOT_ENTITLED);
}

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
  Proposed()
      .Given(kConcur)
      .By("bill")
      .When(D1<v1::DecideDecisionRequest>("option_id: 'yes' historical: true"))
      .Then({"decided { option_id: 'yes' }"})
      .WhenTimePasses(absl::Hours(24 * 900))
      .ThenNothing();
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
}  // namespace parley::test
