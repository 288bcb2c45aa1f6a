// Every rule of disputes; the ladder and what takes both sides are in dispute_joint_test.cc.
#include "services/dispute/dispute.h"

#include <gtest/gtest.h>

#include "services/activity/activity.h"
#include "tests/support/dispute_fixtures.h"

namespace parley::test {
namespace {

using S = Spec<v1::Dispute>;

TEST(RaiseDispute, PinsTheCharterAndOpensTheAcknowledgementWindow) {
  S().Given(Chartered)
      .By("bill")
      .When(
          Raise("d1", "description: 'again' amount { currency_code: 'EUR' units: 500 } style: DISPUTE_STYLE_COMPETING"))
      .Then({"raised { type: DISPUTE_TYPE_SERVICE title: 'Outage' description: 'again' "
             "amount { currency_code: 'EUR' units: 500 } respondents: 'provider' style: DISPUTE_STYLE_COMPETING "
             "charter_version: 1 acknowledge_due_time { seconds: 1767484800 } }"})
      .ThenState(R"pb(
        state: DISPUTE_STATE_RAISED
        raised_by: "bill"
        raised_by_party: "buyer"
        respondents: "provider"
        work_continues: true
        acknowledgement_window {
          number: 1
          due_time { seconds: 1767484800 }
          opened_by: 9
        }
      )pb");
}

TEST(RaiseDispute, WorkGoesOnUnlessTheRecordSaysOtherwise) {
  S s;
  s.Given(Chartered).By("bill").Given(Raise("d1")).Given(Raise("d2", "work_suspension_reason: 'unsafe'"));
  EXPECT_TRUE(s.world().state().Find<v1::Dispute>(InAcme("disputes/d1"))->work_continues());
  EXPECT_FALSE(s.world().state().Find<v1::Dispute>(InAcme("disputes/d2"))->work_continues());
}

TEST(RaiseDispute, IsForContributorsUnderABindingCharter) {
  S().Given(Chartered).By("brian").When(Raise("d1")).ThenRejected(v1::REASON_PERMISSION_MISSING);
  S().Given(Chartered).By("otto").When(Raise("d1")).ThenRejected(v1::REASON_NOT_A_MEMBER);
  S().Given(Staffed).By("bea").When(Raise("d1")).ThenRejected(v1::REASON_CHARTER_NOT_BINDING);
  S().Given(Chartered).By("bill").Given(Raise("d1")).When(Raise("d1")).ThenRejected(v1::REASON_ALREADY_EXISTS);
}

TEST(RaiseDispute, RefusesBadFields) {
  for (const char* bad : {"type: DISPUTE_TYPE_UNSPECIFIED", "title: ''", "amount { currency_code: 'EUR' units: -1 }",
                          "amount { units: 1 }", "subject: 'the invoice'", "respondents: 'buyer'",
                          "respondents: 'provider' respondents: 'provider'"}) {
    SCOPED_TRACE(bad);
    S().Given(Chartered).By("bill").When(Raise("d1", bad)).ThenRejected(v1::REASON_FIELD_INVALID);
  }
}

TEST(RaiseDispute, DoesNotPrecedeTheCharter) {
  S().Given(Chartered)
      .After(absl::Hours(1))
      .By("bill")
      .When(Raise("d1", "effective_at { seconds: 1767225599 }"))
      .ThenRejected(v1::REASON_EFFECTIVE_AT_INVALID);
}

TEST(RaiseDispute, ItsSubjectIsAJointResourceOfTheLedger) {
  const auto about = [](const std::string& subject) { return Raise("d1", "subject: '" + subject + "'"); };
  S s;
  s.Given(Chartered).Given([](World& world) { Decided(world, "go"); }).By("bill");
  for (const char* subject : {"relationships/acme/decisions/no", "relationships/other/decisions/go",
                              "relationships/other", "relationships/acme/parties/buyer/objectives/o"}) {
    SCOPED_TRACE(subject);
    s.When(about(subject)).ThenRejected(v1::REASON_CITATION_INVALID);
  }
  s.When(about("relationships/acme/decisions/go")).ThenState("subject: 'relationships/acme/decisions/go'");
  S().Given(Chartered).By("bill").When(about("relationships/acme")).ThenState("subject: 'relationships/acme'");
}

TEST(RaiseDispute, DoesNotPrecedeItsSubject) {
  const auto about = [](const std::string& subject, const std::string& seconds) {
    return Raise("d1", "subject: '" + InAcme(subject) + "' effective_at { seconds: " + seconds + " }");
  };
  S s;
  s.Given(Chartered).After(absl::Hours(1)).Given([](World& world) { Decided(world, "go"); });
  s.By("petra").Given(Parse<v1::RecordActivitiesRequest>(
      "parent: 'relationships/acme' activities { source: 'desk' source_id: '1' case_id: 'c' activity: 'a' "
      "time { seconds: 1767229200 } }"));
  s.After(absl::Hours(1)).By("bill");
  for (const char* subject : {"decisions/go", "activities/desk~1"}) {
    s.When(about(subject, "1767229199")).ThenRejected(v1::REASON_EFFECTIVE_AT_INVALID);
  }
  s.When(about("decisions/go", "1767229200")).ThenState("subject: 'relationships/acme/decisions/go'");
}

TEST(RaiseDispute, NamesPartiesThatHaveAccepted) {
  const auto against_adviser = Raise("d1", "respondents: 'adviser'");
  S().Given(Chartered).By("bill").When(against_adviser).ThenRejected(v1::REASON_CITATION_INVALID);
  S().Given(Chartered).Given(WithAdviser).By("bill").When(against_adviser).ThenState("respondents: 'adviser'");
  // By default it is between buyers and providers; third parties stay out of it.
  S().Given(Chartered).Given(WithAdviser).By("bill").When(Raise("d1")).ThenState("respondents: 'provider'");
}

TEST(RaiseDispute, LinksWhatRecurs) {
  const auto again = Raise("d2", "recurrence_of: 'relationships/acme/disputes/d1'");
  Raised()
      .By("bill")
      .Given(D1<v1::WithdrawDisputeRequest>())
      .When(again)
      .ThenState("recurrence_of: 'relationships/acme/disputes/d1'");
  Raised().By("bill").When(again).ThenRejected(v1::REASON_CITATION_INVALID);  // Still open: it is the same dispute.
  S().Given(Chartered).By("bill").When(again).ThenRejected(v1::REASON_CITATION_INVALID);
  Raised()
      .By("bill")
      .Given(D1<v1::WithdrawDisputeRequest>())
      .When(Raise("d2", "recurrence_of: 'relationships/acme/disputes/d1' subject: 'relationships/acme'"))
      .ThenRejected(v1::REASON_CITATION_INVALID);
}

TEST(RaiseDispute, DoesNotPrecedeWhatRecurs) {
  S().Given(Chartered)
      .After(absl::Hours(2))
      .By("bill")
      .Given(Raise("d1"))
      .Given(D1<v1::WithdrawDisputeRequest>())
      .When(Raise("d2", "recurrence_of: 'relationships/acme/disputes/d1' effective_at { seconds: 1767225700 }"))
      .ThenRejected(v1::REASON_EFFECTIVE_AT_INVALID);
}

TEST(Acknowledge, IsForThoseItWasRaisedAgainstOnce) {
  const auto acknowledge = D1<v1::AcknowledgeDisputeRequest>();
  Raised()
      .By("petra")
      .When(acknowledge)
      .Then({"acknowledged {}"})
      .ThenState("state: DISPUTE_STATE_ACKNOWLEDGED")
      .By("pat")
      .When(acknowledge)
      .ThenRejected(v1::REASON_WRONG_STATE);
  Raised().By("bea").When(acknowledge).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  Raised().By("brian").When(acknowledge).ThenRejected(v1::REASON_PERMISSION_MISSING);
  Raised().Given(WithAdviser).By("ann").When(acknowledge).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  Raised()
      .By("bill")
      .Given(D1<v1::WithdrawDisputeRequest>())
      .By("petra")
      .When(acknowledge)
      .ThenRejected(v1::REASON_WRONG_STATE);
}

TEST(Acknowledge, WaitsForEveryRespondent) {
  S().Given(Chartered)
      .Given(WithAdviser)
      .By("bill")
      .Given(Raise("d1", "respondents: 'adviser' respondents: 'provider'"))
      .By("petra")
      .When(D1<v1::AcknowledgeDisputeRequest>())
      .ThenState("state: DISPUTE_STATE_RAISED")
      .By("ann")
      .When(D1<v1::AcknowledgeDisputeRequest>())
      .ThenState("state: DISPUTE_STATE_ACKNOWLEDGED");
}

TEST(AcknowledgementWindow, ExpiresOnceAndLateIsLate) {
  Raised()
      .WhenTimePasses(absl::Hours(72) - absl::Nanoseconds(1))
      .ThenNothing()
      .WhenTimePasses(absl::Nanoseconds(1))
      .Then({"window_expired { due_time { seconds: 1767484800 } }"})
      .ThenState("state: DISPUTE_STATE_RAISED acknowledgement_window { expire_time { seconds: 1767484800 } }")
      .WhenTimePasses(absl::Hours(24 * 900))
      .ThenNothing()
      .By("petra")
      .When(D1<v1::AcknowledgeDisputeRequest>())
      .Then({"acknowledged { late: true }"})
      .ThenState("state: DISPUTE_STATE_ACKNOWLEDGED");
}

TEST(AcknowledgementWindow, CitesWhatOpenedIt) {
  S s = Raised();
  s.WhenTimePasses(absl::Hours(72));
  const v1::Record& record = s.world().entries().back().record;
  EXPECT_EQ(record.event_type(), "dispute.window_expired");
  EXPECT_EQ(record.actor(), "system");
  EXPECT_EQ(record.caused_by(), s.world().entries().size() - 2);
}

TEST(AcknowledgementWindow, EndsWithTheAcknowledgementOrTheDispute) {
  Raised().By("petra").Given(D1<v1::AcknowledgeDisputeRequest>()).WhenTimePasses(absl::Hours(999)).ThenNothing();
  Raised().By("bill").Given(D1<v1::WithdrawDisputeRequest>()).WhenTimePasses(absl::Hours(999)).ThenNothing();
}

TEST(AcknowledgementWindow, CountsFromWhenItWasRecordedAndNotForImports) {
  S().Given(Chartered)
      .After(absl::Hours(24))
      .By("bill")
      .Given(Raise("d1", "effective_at { seconds: 1767225600 }"))
      .WhenTimePasses(absl::Hours(71))
      .ThenNothing()
      .WhenTimePasses(absl::Hours(1))
      .Then({"window_expired { due_time { seconds: 1767571200 } }"});
  S().Given(Chartered).By("bill").Given(Raise("d1", "historical: true")).WhenTimePasses(absl::Hours(999)).ThenNothing();
}

TEST(StatePosition, SaysWhatAndWhy) {
  const auto state =
      D1<v1::StateDisputePositionRequest>("position: 'credit' interests: 'be taken seriously' interests: 'budget'");
  Raised()
      .By("bill")
      .When(state)
      .Then({"position_stated { position: 'credit' interests: ['be taken seriously', 'budget'] }"})
      .ThenState(
          "positions { party_id: 'buyer' principal: 'bill' position: 'credit' "
          "interests: ['be taken seriously', 'budget'] time { seconds: 1767225600 } }");
  Raised().By("petra").When(state).ThenState(
      "positions { party_id: 'provider' principal: 'petra' position: 'credit' "
      "interests: ['be taken seriously', 'budget'] time { seconds: 1767225600 } }");
  for (const char* bad : {"position: 'credit'", "interests: 'budget'", "position: 'credit' interests: ''"}) {
    Raised().By("bill").When(D1<v1::StateDisputePositionRequest>(bad)).ThenRejected(v1::REASON_FIELD_INVALID);
  }
  Raised().Given(WithAdviser).By("ann").When(state).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  Resolved().By("bill").When(state).ThenRejected(v1::REASON_WRONG_STATE);
}

TEST(SwitchStyle, IsRecordedWithWhereItCameFrom) {
  const auto style = D1<v1::SwitchDisputeStyleRequest>("style: DISPUTE_STYLE_COLLABORATING reason: 'r'");
  Raised()
      .By("petra")
      .When(style)
      .Then({"style_switched { to: DISPUTE_STYLE_COLLABORATING reason: 'r' }"})
      .When(style)
      .ThenRejected(v1::REASON_WRONG_STATE)
      .When(D1<v1::SwitchDisputeStyleRequest>("style: DISPUTE_STYLE_AVOIDING"))
      .Then({"style_switched { from: DISPUTE_STYLE_COLLABORATING to: DISPUTE_STYLE_AVOIDING }"});
  Raised().By("petra").When(D1<v1::SwitchDisputeStyleRequest>()).ThenRejected(v1::REASON_FIELD_INVALID);
  Resolved().By("petra").When(style).ThenRejected(v1::REASON_WRONG_STATE);
  Raised().Given(WithAdviser).By("ann").When(style).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
}

TEST(GiveSatisfaction, IsEachPartysOncePerResolution) {
  const auto give = D1<v1::GiveDisputeSatisfactionRequest>("score: 2 text: 't'");
  Resolved()
      .By("bill")
      .When(give)
      .Then({"satisfaction_given { score: 2 text: 't' }"})
      .By("bea")
      .When(give)
      .ThenRejected(v1::REASON_WRONG_STATE)
      .By("petra")
      .When(give)
      .Then({"satisfaction_given { score: 2 text: 't' }"});
  Raised().By("bill").When(give).ThenRejected(v1::REASON_WRONG_STATE);
  Resolved().Given(WithAdviser).By("ann").When(give).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  Resolved().By("bill").When(D1<v1::GiveDisputeSatisfactionRequest>("score: 0")).ThenRejected(v1::REASON_FIELD_INVALID);
  Resolved().By("bill").When(D1<v1::GiveDisputeSatisfactionRequest>("score: 6")).ThenRejected(v1::REASON_FIELD_INVALID);
}

const auto kReopen = D1<v1::ReopenDisputeRequest>("reason: 'it came back'");

TEST(Reopen, KeepsHowItWasResolved) {
  S s = Resolved();
  s.By("pat")
      .When(kReopen)
      .Then({"reopened { reason: 'it came back' }"})
      .ThenState("state: DISPUTE_STATE_RAISED reopen_count: 1");
  EXPECT_EQ(s.world().state().Find<v1::Dispute>(InAcme("disputes/d1"))->resolutions_size(), 1);
  Settle(s, 2);
  const auto* dispute = s.world().state().Find<v1::Dispute>(InAcme("disputes/d1"));
  EXPECT_EQ(dispute->resolutions_size(), 2);
  EXPECT_EQ(dispute->state(), v1::DISPUTE_STATE_RESOLVED);
}

TEST(Reopen, IsForSignatoriesOfAResolvedDisputeWithAReason) {
  Resolved().By("petra").When(kReopen).ThenRejected(v1::REASON_PERMISSION_MISSING);
  Resolved().By("pat").When(D1<v1::ReopenDisputeRequest>()).ThenRejected(v1::REASON_FIELD_INVALID);
  Resolved().Given(WithAdviser).By("ann").When(kReopen).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  Raised().By("pat").When(kReopen).ThenRejected(v1::REASON_WRONG_STATE);
  Resolved()
      .By("pat")
      .When(D1<v1::ReopenDisputeRequest>("reason: 'r' decision: 'relationships/acme/decisions/x'"))
      .ThenRejected(v1::REASON_DECISION_REQUIRED);
}

TEST(Reopen, DoesNotAskForAnAcknowledgementAgain) {
  Resolved().By("pat").Given(kReopen).WhenTimePasses(absl::Hours(999)).ThenNothing();
}

TEST(Reopen, ClearsTheTable) {
  S s = Raised();
  s.By("bea").Given(D1<v1::AgreeJointStatementRequest>("text: 'we'"));
  s.Given(D1<v1::EscalateDisputeRequest>("tier_id: 'working-level' mode: ESCALATION_MODE_JOINT reason: 'r'"));
  Settle(s, 1);
  s.By("pat").Given(kReopen);
  const auto* dispute = s.world().state().Find<v1::Dispute>(InAcme("disputes/d1"));
  EXPECT_FALSE(dispute->has_statement_proposal());
  EXPECT_FALSE(dispute->has_escalation_proposal());
  EXPECT_FALSE(dispute->has_settlement());
}

TEST(Withdraw, IsForTheRaisingPartyOfWhatWasNeverResolved) {
  const auto withdraw = D1<v1::WithdrawDisputeRequest>("reason: 'moot'");
  Raised()
      .By("bea")
      .When(withdraw)
      .Then({"withdrawn { reason: 'moot' }"})
      .ThenState("state: DISPUTE_STATE_WITHDRAWN withdraw_reason: 'moot'")
      .When(withdraw)
      .ThenRejected(v1::REASON_WRONG_STATE);
  Raised().By("petra").When(withdraw).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  Raised().By("brian").When(withdraw).ThenRejected(v1::REASON_PERMISSION_MISSING);
  Resolved().By("bill").When(withdraw).ThenRejected(v1::REASON_WRONG_STATE);
  Resolved().By("pat").Given(kReopen).By("bill").When(withdraw).ThenRejected(v1::REASON_WRONG_STATE);
}

void Leaving(World& world) {
  Chartered(world);
  Decided(world, "go");
}
const auto kPlan = On<v1::PlanExitRequest>(
    "", "plan { exit_time { seconds: 1800000000 } decision: 'relationships/acme/decisions/go' }");
const auto kWaived = On<v1::ExitRelationshipRequest>("", "waiver_decision: 'relationships/acme/decisions/go'");

TEST(Exit, WaitsForOpenDisputesUnlessADecisionWaivesThem) {
  using Root = Spec<v1::Relationship, v1::Dispute>;
  const auto exit = On<v1::ExitRelationshipRequest>("");
  Root().Given(Leaving).By("bea").Given(kPlan).Given(Raise("d1")).When(exit).ThenRejected(v1::REASON_EXIT_BLOCKED);
  Root()
      .Given(Leaving)
      .By("bea")
      .Given(kPlan)
      .Given(Raise("d1"))
      .Given(D1<v1::WithdrawDisputeRequest>())
      .When(exit)
      .Then({"exited {}"});
  Root()
      .Given(Leaving)
      .By("bea")
      .Given(kPlan)
      .Given(Raise("d1"))
      .When(kWaived)
      .Then({"exited { waiver_decision: 'relationships/acme/decisions/go' }"});
  Root()
      .Given(Leaving)
      .By("bea")
      .Given(kPlan)
      .Given(Raise("d1"))
      .When(On<v1::ExitRelationshipRequest>("", "waiver_decision: 'relationships/acme/decisions/x'"))
      .ThenRejected(v1::REASON_DECISION_REQUIRED);
}

TEST(Exit, NothingIsRaisedOrReopenedAfterIt) {
  S s = Resolved();
  s.Given([](World& world) { Decided(world, "go"); }).By("bea").Given(kPlan).Given(On<v1::ExitRelationshipRequest>(""));
  s.When(Raise("d2")).ThenRejected(v1::REASON_WRONG_STATE);
  s.When(kReopen).ThenRejected(v1::REASON_WRONG_STATE);
}

}  // namespace
}  // namespace parley::test
