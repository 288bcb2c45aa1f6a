// The ladder, and what takes the assent of both sides.
#include <gtest/gtest.h>

#include "tests/support/dispute_fixtures.h"

namespace parley::test {
namespace {

using S = Spec<v1::Dispute>;

v1::EscalateDisputeRequest Escalate(const std::string& tier, const std::string& mode, const std::string& more = "") {
  return D1<v1::EscalateDisputeRequest>("tier_id: '" + tier + "' mode: ESCALATION_MODE_" + mode + " reason: 'r' " +
                                        more);
}
std::string Escalated(const std::string& tier, const std::string& mode, int64_t due, const std::string& more = "") {
  return "escalated { tier_id: '" + tier + "' mode: ESCALATION_MODE_" + mode +
         " reason: 'r' window_due_time { seconds: " + std::to_string(due) + " } " + more + " }";
}
constexpr char kUrgent[] = "urgent_relief: true";

S OnTier(const std::vector<std::string>& tiers) {
  S s = Raised();
  s.By("petra").Given(D1<v1::AcknowledgeDisputeRequest>()).By("bill");
  for (const std::string& tier : tiers) s.Given(Escalate(tier, "ONE_SIDED"));
  return s;
}

TEST(Escalate, AloneCountsAtOnceAndShows) {
  Raised()
      .By("petra")
      .Given(D1<v1::AcknowledgeDisputeRequest>())
      .When(Escalate("working-level", "ONE_SIDED"))
      .Then({Escalated("working-level", "ONE_SIDED", 1767657600)})
      .ThenState(R"pb(
        state: DISPUTE_STATE_ESCALATED
        tier_id: "working-level"
        escalations {
          tier_id: "working-level"
          mode: ESCALATION_MODE_ONE_SIDED
          party_id: "provider"
          principal: "petra"
          reason: "r"
          time { seconds: 1767225600 }
        }
        window {
          tier_id: "working-level"
          number: 1
          due_time { seconds: 1767657600 }
          opened_by: 11
        }
      )pb");
}

TEST(Escalate, JointlyCountsOnceAllHaveAssented) {
  S s = OnTier({});
  s.When(Escalate("working-level", "JOINT")).Then({"escalation_assented { tier_id: 'working-level' reason: 'r' }"});
  s.ThenState("state: DISPUTE_STATE_ACKNOWLEDGED");
  s.By("bea").When(Escalate("working-level", "JOINT")).ThenRejected(v1::REASON_WRONG_STATE);
  s.By("petra")
      .When(Escalate("working-level", "JOINT"))
      .Then({"escalation_assented { tier_id: 'working-level' reason: 'r' }",
             Escalated("working-level", "JOINT", 1767657600)})
      .ThenState("state: DISPUTE_STATE_ESCALATED");
  EXPECT_FALSE(s.world().state().Find<v1::Dispute>(InAcme("disputes/d1"))->has_escalation_proposal());
}

TEST(Escalate, AnotherJointProposalStartsAnew) {
  OnTier({})
      .Given(Escalate("working-level", "JOINT"))
      .By("petra")
      .When(Escalate("working-level", "JOINT", kUrgent))
      .Then({"escalation_assented { tier_id: 'working-level' reason: 'r' urgent_relief: true }"})
      .By("bill")
      .When(Escalate("working-level", "JOINT", kUrgent))
      .Then({"escalation_assented { tier_id: 'working-level' reason: 'r' urgent_relief: true }",
             Escalated("working-level", "JOINT", 1767657600, kUrgent)});
}

TEST(Escalate, ClimbsInOrder) {
  OnTier({}).When(Escalate("management", "ONE_SIDED")).ThenRejected(v1::REASON_TIER_SKIPPED);
  OnTier({}).When(Escalate("management", "JOINT")).ThenRejected(v1::REASON_TIER_SKIPPED);
  OnTier({"working-level", "management"}).When(Escalate("expert", "ONE_SIDED")).ThenRejected(v1::REASON_TIER_SKIPPED);
  OnTier({"working-level"}).When(Escalate("working-level", "ONE_SIDED")).ThenRejected(v1::REASON_WRONG_STATE);
  OnTier({"working-level", "management"}).When(Escalate("working-level", "JOINT")).ThenRejected(v1::REASON_WRONG_STATE);
  OnTier({"working-level", "management", "executive", "expert"}).ThenState("tier_id: 'expert'", InAcme("disputes/d1"));
}

TEST(Escalate, SkipsForUrgentReliefOnly) {
  OnTier({})
      .When(Escalate("management", "ONE_SIDED", kUrgent))
      .Then(
          {Escalated("management", "ONE_SIDED", 1768089600, "urgent_relief: true skipped_tier_ids: 'working-level'")});
  OnTier({"working-level", "management"})
      .When(Escalate("expert", "ONE_SIDED", kUrgent))
      .Then({Escalated("expert", "ONE_SIDED", 1769817600,
                       "early: true urgent_relief: true skipped_tier_ids: 'executive'")});
}

TEST(Escalate, NeverSkipsAPrecondition) {
  for (const char* tier : {"executive", "expert"}) {
    OnTier({}).When(Escalate(tier, "ONE_SIDED", kUrgent)).ThenRejected(v1::REASON_TIER_SKIPPED);
    OnTier({}).When(Escalate(tier, "JOINT", kUrgent)).ThenRejected(v1::REASON_TIER_SKIPPED);
    OnTier({"working-level"}).When(Escalate(tier, "ONE_SIDED", kUrgent)).ThenRejected(v1::REASON_TIER_SKIPPED);
  }
}

TEST(Escalate, FollowsTheCharterThatWasPinned) {
  v1::ProposeCharterRequest amend = On<v1::ProposeCharterRequest>("");
  *amend.mutable_charter() = StandardCharter();
  amend.mutable_charter()->mutable_escalation_tiers()->DeleteSubrange(0, 1);
  const auto adopt = On<v1::AdoptCharterRequest>("", "version: 2");
  S s = OnTier({});
  s.By("bea").Given(amend).Given(adopt).By("pat").Given(adopt).By("bill");
  s.When(Escalate("management", "ONE_SIDED")).ThenRejected(v1::REASON_TIER_SKIPPED);
  s.Given(Raise("d2"))
      .When(On<v1::EscalateDisputeRequest>("disputes/d2",
                                           "tier_id: 'working-level' mode: ESCALATION_MODE_JOINT reason: 'r'"))
      .ThenRejected(v1::REASON_FIELD_INVALID);
}

TEST(Escalate, NeedsAReasonAModeAndATier) {
  for (const char* bad :
       {"tier_id: 'working-level' reason: 'r'", "tier_id: 'working-level' mode: ESCALATION_MODE_JOINT",
        "tier_id: 'x' mode: ESCALATION_MODE_JOINT reason: 'r'", "mode: ESCALATION_MODE_JOINT reason: 'r'"}) {
    OnTier({}).When(D1<v1::EscalateDisputeRequest>(bad)).ThenRejected(v1::REASON_FIELD_INVALID);
  }
}

TEST(Escalate, IsForThePartiesToAnOpenDispute) {
  const auto escalate = Escalate("working-level", "ONE_SIDED");
  OnTier({}).By("brian").When(escalate).ThenRejected(v1::REASON_PERMISSION_MISSING);
  OnTier({}).Given(WithAdviser).By("ann").When(escalate).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  Resolved().By("bill").When(escalate).ThenRejected(v1::REASON_WRONG_STATE);
}

TEST(Escalate, SaysWhetherTheTierBelowStillHadTime) {
  S early = Raised();  // Not acknowledged yet, and the window for that runs.
  early.When(Escalate("working-level", "ONE_SIDED"))
      .Then({Escalated("working-level", "ONE_SIDED", 1767657600, "early: true")});
  OnTier({"working-level"})
      .When(Escalate("management", "ONE_SIDED"))
      .Then({Escalated("management", "ONE_SIDED", 1768089600, "early: true")});
  OnTier({"working-level"})
      .After(absl::Hours(120))
      .When(Escalate("management", "ONE_SIDED"))
      .Then({Escalated("management", "ONE_SIDED", 1768521600)});
}

TEST(TierWindow, ExpiresOnceUnlessTheDisputeMovesOn) {
  OnTier({"working-level"})
      .WhenTimePasses(absl::Hours(120))
      .Then({"window_expired { tier_id: 'working-level' due_time { seconds: 1767657600 } }"})
      .ThenState("tier_id: 'working-level' window { expire_time { seconds: 1767657600 } }")
      .WhenTimePasses(absl::Hours(999))
      .ThenNothing();
  OnTier({"working-level", "management"})
      .WhenTimePasses(absl::Hours(239))
      .ThenNothing()
      .WhenTimePasses(absl::Hours(1))
      .Then({"window_expired { tier_id: 'management' due_time { seconds: 1768089600 } }"});
  S resolved = OnTier({"working-level"});
  Settle(resolved, 1);
  resolved.WhenTimePasses(absl::Hours(999)).ThenNothing();
}

TEST(TierWindow, ExpiresInOrderWithTheAcknowledgement) {
  Raised()
      .Given(Escalate("working-level", "ONE_SIDED"))
      .WhenTimePasses(absl::Hours(999))
      .Then({"window_expired { due_time { seconds: 1767484800 } }",
             "window_expired { tier_id: 'working-level' due_time { seconds: 1767657600 } }"});
}

TEST(TierWindow, BeginsAgainWhenTheDisputeIsReopened) {
  S s = OnTier({"working-level"});
  Settle(s, 1);
  s.After(absl::Hours(1000))
      .When(D1<v1::ReopenDisputeRequest>("reason: 'r'"))
      .Then({"reopened { reason: 'r' window_due_time { seconds: 1771257600 } }"})
      .ThenState("state: DISPUTE_STATE_ESCALATED window { tier_id: 'working-level' number: 2 }")
      .WhenTimePasses(absl::Hours(120))
      .Then({"window_expired { tier_id: 'working-level' due_time { seconds: 1771257600 } }"});
}

TEST(TierWindow, NeverRunsForWhatWasImported) {
  S s;
  s.Given(Chartered).By("bill").Given(Raise("d1", "historical: true"));
  s.When(Escalate("working-level", "ONE_SIDED", "historical: true"))
      .Then({"escalated { tier_id: 'working-level' mode: ESCALATION_MODE_ONE_SIDED reason: 'r' }"})
      .WhenTimePasses(absl::Hours(999))
      .ThenNothing();
  Settle(s, 1);
  s.When(D1<v1::ReopenDisputeRequest>("reason: 'r' historical: true"))
      .Then({"reopened { reason: 'r' }"})
      .WhenTimePasses(absl::Hours(999))
      .ThenNothing();
}

TEST(TierWindow, IsNotEscapedByCallingALiveDisputeHistory) {
  S s = OnTier({});
  s.When(Escalate("working-level", "ONE_SIDED", "historical: true"))
      .Then({Escalated("working-level", "ONE_SIDED", 1767657600)});
  Settle(s, 1);
  s.When(D1<v1::ReopenDisputeRequest>("reason: 'r' historical: true"))
      .Then({"reopened { reason: 'r' window_due_time { seconds: 1767657600 } }"});
}

const auto kStatement = D1<v1::AgreeJointStatementRequest>("text: 'It was down.'");

TEST(JointStatement, IsAgreedOnceAllAssentedToTheSameText) {
  Raised()
      .By("bea")
      .When(kStatement)
      .Then({"statement_assented { text: 'It was down.' }"})
      .When(kStatement)
      .ThenRejected(v1::REASON_WRONG_STATE)
      .By("pat")
      .When(D1<v1::AgreeJointStatementRequest>("text: 'It was slow.'"))
      .Then({"statement_assented { text: 'It was slow.' }"})
      .When(kStatement)  // Back to the first text: bea's assent to it has lapsed.
      .Then({"statement_assented { text: 'It was down.' }"})
      .By("bea")
      .When(kStatement)
      .Then({"statement_assented { text: 'It was down.' }", "joint_statement_agreed { text: 'It was down.' }"})
      .ThenState("joint_statement { text: 'It was down.' agree_time { seconds: 1767225600 } }");
}

TEST(JointStatement, TakesSignatoriesOfThePartiesWhileOpen) {
  Raised().By("bill").When(kStatement).ThenRejected(v1::REASON_PERMISSION_MISSING);
  Raised().Given(WithAdviser).By("ann").When(kStatement).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  Raised().By("bea").When(D1<v1::AgreeJointStatementRequest>()).ThenRejected(v1::REASON_FIELD_INVALID);
  Resolved().By("bea").When(kStatement).ThenRejected(v1::REASON_WRONG_STATE);
}

v1::AppointNeutralRequest Appoint(bool binding, const std::string& who = "principal: 'ann' party_id: 'adviser'") {
  return D1<v1::AppointNeutralRequest>("neutral { " + who + (binding ? " binding: true }" : " }"));
}
const auto kDetermine =
    D1<v1::DetermineDisputeRequest>("terms { text: 'pay' style: DISPUTE_STYLE_COMPETING precedent: true }");

S WithNeutral(bool binding) {
  S s = Raised();
  s.Given(WithAdviser).By("bea").Given(Appoint(binding)).By("pat").Given(Appoint(binding));
  return s;
}

TEST(Neutral, IsAppointedByAll) {
  Raised()
      .Given(WithAdviser)
      .By("bea")
      .When(Appoint(true))
      .Then({"neutral_assented { principal: 'ann' party_id: 'adviser' binding: true }"})
      .When(Appoint(true))
      .ThenRejected(v1::REASON_WRONG_STATE)
      .By("pat")
      .When(Appoint(false))  // Binding or not is part of what is agreed.
      .Then({"neutral_assented { principal: 'ann' party_id: 'adviser' }"})
      .When(Appoint(true))
      .Then({"neutral_assented { principal: 'ann' party_id: 'adviser' binding: true }"})
      .By("bea")
      .When(Appoint(true))
      .Then({"neutral_assented { principal: 'ann' party_id: 'adviser' binding: true }",
             "neutral_appointed { principal: 'ann' party_id: 'adviser' binding: true }"})
      .When(Appoint(true))
      .ThenRejected(v1::REASON_WRONG_STATE);
}

TEST(Neutral, IsNobodysMan) {
  S s = Raised();
  s.Given(WithAdviser).By("bea");
  s.When(Appoint(true, "principal: 'petra' party_id: 'provider'")).ThenRejected(v1::REASON_CITATION_INVALID);
  s.When(Appoint(true, "principal: 'ann' party_id: 'provider'")).ThenRejected(v1::REASON_CITATION_INVALID);
  s.When(Appoint(true, "principal: 'nobody' party_id: 'adviser'")).ThenRejected(v1::REASON_CITATION_INVALID);
  s.Given(On<v1::GrantRoleRequest>("", "principal: 'ann' party_id: 'buyer' role: 'friend'"));
  s.When(Appoint(true)).ThenRejected(v1::REASON_CITATION_INVALID);
}

TEST(Neutral, TakesSignatoriesOfThePartiesWhileOpen) {
  Raised().Given(WithAdviser).By("bill").When(Appoint(true)).ThenRejected(v1::REASON_PERMISSION_MISSING);
  Raised().Given(WithAdviser).By("ann").When(Appoint(true)).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  Resolved().Given(WithAdviser).By("bea").When(Appoint(true)).ThenRejected(v1::REASON_WRONG_STATE);
}

TEST(Determine, IsForTheBindingNeutral) {
  WithNeutral(true)
      .By("ann")
      .When(kDetermine)
      .Then({"resolved { terms { text: 'pay' style: DISPUTE_STYLE_COMPETING precedent: true } determined: true }"})
      .ThenState("state: DISPUTE_STATE_RESOLVED")
      .When(kDetermine)
      .ThenRejected(v1::REASON_WRONG_STATE);
  WithNeutral(false).By("ann").When(kDetermine).ThenRejected(v1::REASON_ROLE_NOT_ENTITLED);
  for (const char* other : {"bea", "pat", "bill"}) {
    WithNeutral(true).By(other).When(kDetermine).ThenRejected(v1::REASON_ROLE_NOT_ENTITLED);
  }
  Raised().Given(WithAdviser).By("ann").When(kDetermine).ThenRejected(v1::REASON_ROLE_NOT_ENTITLED);
  WithNeutral(true)
      .By("ann")
      .When(D1<v1::DetermineDisputeRequest>("terms { text: 'pay' }"))
      .ThenRejected(v1::REASON_FIELD_INVALID);
}

TEST(Determine, BindsBothSides) {
  S s = WithNeutral(true);
  s.Given([](World& world) { Decided(world, "go"); });
  s.By("bill").When(D1<v1::WithdrawDisputeRequest>()).ThenRejected(v1::REASON_WRONG_STATE);
  s.By("ann").Given(kDetermine).By("pat");
  s.When(D1<v1::ReopenDisputeRequest>("reason: 'r'")).ThenRejected(v1::REASON_DECISION_REQUIRED);
  s.When(D1<v1::ReopenDisputeRequest>("reason: 'r' decision: 'relationships/acme/decisions/go'"))
      .Then({"reopened { reason: 'r' decision: 'relationships/acme/decisions/go' }"});
}

v1::ProposeDisputeSettlementRequest Offer(const std::string& terms) {
  return D1<v1::ProposeDisputeSettlementRequest>("terms { " + terms + " }");
}
v1::AcceptDisputeSettlementRequest Accept(int number) {
  return D1<v1::AcceptDisputeSettlementRequest>("number: " + std::to_string(number));
}
constexpr char kHalf[] = "text: 'half' style: DISPUTE_STYLE_COMPROMISING";

TEST(Settlement, ResolvesOnceAllAccepted) {
  Raised()
      .By("pat")
      .When(Offer(kHalf))
      .Then({"settlement_proposed { number: 1 terms { text: 'half' style: DISPUTE_STYLE_COMPROMISING } }"})
      .When(Accept(1))
      .ThenRejected(v1::REASON_WRONG_STATE)
      .By("bea")
      .When(Accept(1))
      .Then({"settlement_assented { number: 1 }",
             "resolved { terms { text: 'half' style: DISPUTE_STYLE_COMPROMISING } }"})
      .ThenState(R"pb(
        state: DISPUTE_STATE_RESOLVED
        resolutions {
          terms { text: "half" style: DISPUTE_STYLE_COMPROMISING }
          principal: "bea"
          party_id: "buyer"
          time { seconds: 1767225600 }
        })pb");
}

TEST(Settlement, WaitsForEveryParty) {
  S().Given(Chartered)
      .Given(WithAdviser)
      .By("bea")
      .Given(Raise("d1", "respondents: 'adviser' respondents: 'provider'"))
      .Given(Offer(kHalf))
      .By("pat")
      .When(Accept(1))
      .Then({"settlement_assented { number: 1 }"})
      .By("ann")
      .When(Accept(1))
      .Then({"settlement_assented { number: 1 }",
             "resolved { terms { text: 'half' style: DISPUTE_STYLE_COMPROMISING } }"});
}

TEST(Settlement, OnlyTheLatestIsOnTheTable) {
  Raised()
      .By("pat")
      .Given(Offer(kHalf))
      .By("bea")
      .Given(Offer("text: 'all' style: DISPUTE_STYLE_COMPETING"))
      .When(Accept(1))
      .ThenRejected(v1::REASON_WRONG_STATE)
      .By("pat")
      .When(Accept(1))
      .ThenRejected(v1::REASON_WRONG_STATE)
      .When(Accept(2))
      .Then({"settlement_assented { number: 2 }", "resolved { terms { text: 'all' style: DISPUTE_STYLE_COMPETING } }"});
  Raised().By("pat").When(Accept(0)).ThenRejected(v1::REASON_FIELD_INVALID);
  Raised().By("pat").When(Accept(1)).ThenRejected(v1::REASON_WRONG_STATE);
}

TEST(Settlement, TakesSignatoriesOfThePartiesWhileOpen) {
  Raised().By("bill").When(Offer(kHalf)).ThenRejected(v1::REASON_PERMISSION_MISSING);
  Raised().Given(WithAdviser).By("ann").When(Offer(kHalf)).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  Resolved().By("bea").When(Offer(kHalf)).ThenRejected(v1::REASON_WRONG_STATE);
  Raised().By("bea").Given(Offer(kHalf)).By("petra").When(Accept(1)).ThenRejected(v1::REASON_PERMISSION_MISSING);
  Raised()
      .By("bea")
      .Given(Offer(kHalf))
      .Given(WithAdviser)
      .By("ann")
      .When(Accept(1))
      .ThenRejected(v1::REASON_NOT_YOUR_PARTY);
}

TEST(Settlement, SaysWhatInWhichStyleAndRestsOnDecidedDecisions) {
  Raised().By("bea").When(Offer("style: DISPUTE_STYLE_AVOIDING")).ThenRejected(v1::REASON_FIELD_INVALID);
  Raised().By("bea").When(Offer("text: 't'")).ThenRejected(v1::REASON_FIELD_INVALID);
  const std::string resting = std::string(kHalf) + " decision: 'relationships/acme/decisions/go'";
  Raised().By("bea").When(Offer(resting)).ThenRejected(v1::REASON_DECISION_REQUIRED);
  Raised()
      .Given([](World& world) { Decided(world, "go"); })
      .By("bea")
      .Given(Offer(resting))
      .By("petra")
      .Given(On<v1::ReopenDecisionRequest>("decisions/go", "reason: 'r'"))
      .By("pat")
      .When(Accept(1))
      .ThenRejected(v1::REASON_DECISION_REQUIRED);
}

}  // namespace
}  // namespace parley::test
