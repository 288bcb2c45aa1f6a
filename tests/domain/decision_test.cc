// Every rule of decisions up to the moment they are decided; decision_outcome_test.cc has what comes after.
#include "services/decision/decision.h"

#include <gtest/gtest.h>

#include "tests/support/decision_fixtures.h"

namespace parley::test::decisions {
namespace {

using S = Spec<v1::Decision>;

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
      .ThenRejected(v1::REASON_FIELD_INVALID);
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

}  // namespace
}  // namespace parley::test::decisions
