// Every rule of a relationship but the charter's contents (charter_test.cc).
#include "services/relationship/relationship.h"

#include <gtest/gtest.h>

#include "tests/support/fixtures.h"
#include "tests/support/spec.h"

namespace parley::test {
namespace {

using S = Spec<v1::Relationship>;

constexpr char kBuyer[] = "party_id: 'b' kind: PARTY_KIND_BUYER display_name: 'B' first_member: 'bo'";

v1::EstablishRelationshipRequest Establish(const std::string& more) {
  return Parse<v1::EstablishRelationshipRequest>("relationship_id: 'acme' " + more);
}

TEST(Establish, NamesPartiesOfWhichNoneHasAccepted) {
  S().By("otto")
      .When(Establish("display_name: 'D' archetype: ARCHETYPE_OUTCOME_BASED stage: STAGE_SOURCING parties { " +
                      std::string(kBuyer) + " accept_time { seconds: 1 } }"))
      .Then({"established { display_name: 'D' archetype: ARCHETYPE_OUTCOME_BASED stage: STAGE_SOURCING parties { " +
             std::string(kBuyer) + " } }"})
      .ThenState("name: 'relationships/acme' etag: '0' established_by: 'otto' stage: STAGE_SOURCING");
}

TEST(Establish, RefusesWhatIsMissingOrDouble) {
  const std::string rest = "archetype: ARCHETYPE_OUTCOME_BASED stage: STAGE_SOURCING ";
  const std::string ok = "display_name: 'D' " + rest;
  for (const std::string& bad :
       {rest, std::string("display_name: 'D' stage: STAGE_SOURCING"),
        std::string("display_name: 'D' archetype: ARCHETYPE_OUTCOME_BASED"),
        std::string("display_name: 'D' archetype: ARCHETYPE_OUTCOME_BASED stage: STAGE_EXITING"),
        std::string("display_name: 'D' archetype: ARCHETYPE_OUTCOME_BASED stage: STAGE_EXITED"),
        ok + "parties { " + kBuyer + " } parties { " + kBuyer + " }",
        ok + "parties { party_id: 'Not a slug' kind: PARTY_KIND_BUYER display_name: 'B' first_member: 'bo' }",
        ok + "parties { party_id: 'b' display_name: 'B' first_member: 'bo' }",
        ok + "parties { party_id: 'b' kind: PARTY_KIND_BUYER first_member: 'bo' }",
        ok + "parties { party_id: 'b' kind: PARTY_KIND_BUYER display_name: 'B' first_member: 'Bo Smith' }",
        ok + "parties { party_id: 'b' kind: PARTY_KIND_BUYER display_name: 'B' first_member: 'system' }"}) {
    SCOPED_TRACE(bad);
    S().By("otto").When(Establish(bad)).ThenRejected(v1::REASON_FIELD_INVALID);
  }
}

TEST(Establish, RefusesATakenName) {
  S().Given(Established)
      .By("otto")
      .When(Establish("display_name: 'D' archetype: ARCHETYPE_OUTCOME_BASED stage: STAGE_SOURCING"))
      .ThenRejected(v1::REASON_ALREADY_EXISTS);
}

const auto kAdmitAdviser = On<v1::AdmitPartyRequest>("", R"pb(party {
                                                                party_id: "adviser"
                                                                kind: PARTY_KIND_THIRD_PARTY
                                                                display_name: "A"
                                                                first_member: "ann"
                                                                accept_time { seconds: 5 }
                                                              })pb");
constexpr char kAdviserAdmitted[] =
    "party_admitted { party { party_id: 'adviser' kind: PARTY_KIND_THIRD_PARTY display_name: 'A' first_member: 'ann' } "
    "}";

TEST(AdmitParty, IsForWhoeverEstablishedUntilACharterBinds) {
  S().Given(Established).By("otto").When(kAdmitAdviser).Then({kAdviserAdmitted});
  S().Given(Staffed).By("otto").When(kAdmitAdviser).Then({kAdviserAdmitted});
  S().Given(Established).By("mallory").When(kAdmitAdviser).ThenRejected(v1::REASON_NOT_A_MEMBER);
  S().Given(Staffed).By("bea").When(kAdmitAdviser).ThenRejected(v1::REASON_CHARTER_NOT_BINDING);
}

TEST(AdmitParty, IsForAdministratorsOnceACharterBinds) {
  S().Given(Chartered).By("pat").When(kAdmitAdviser).Then({kAdviserAdmitted});
  S().Given(Chartered).By("petra").When(kAdmitAdviser).ThenRejected(v1::REASON_PERMISSION_MISSING);
  S().Given(Chartered).By("otto").When(kAdmitAdviser).ThenRejected(v1::REASON_NOT_A_MEMBER);
}

TEST(AdmitParty, RefusesATakenIdAndBadFields) {
  S().Given(Established).By("otto").Given(kAdmitAdviser).When(kAdmitAdviser).ThenRejected(v1::REASON_ALREADY_EXISTS);
  S().Given(Established).By("otto").When(On<v1::AdmitPartyRequest>("")).ThenRejected(v1::REASON_FIELD_INVALID);
}

TEST(Establisher, MayOnlyAdmit) {
  S s;
  s.Given(Staffed).By("otto");
  s.When(On<v1::GrantRoleRequest>("", "principal: 'otto' party_id: 'buyer' role: 'r'"))
      .ThenRejected(v1::REASON_NOT_A_MEMBER);
  s.When(On<v1::AcceptPartyRequest>("", "party_id: 'buyer'")).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  s.When(On<v1::ProposeCharterRequest>("")).ThenRejected(v1::REASON_NOT_A_MEMBER);
  s.When(On<v1::AdoptCharterRequest>("", "version: 1")).ThenRejected(v1::REASON_NOT_A_MEMBER);
  s.When(On<v1::ChangeStageRequest>("", "stage: STAGE_OPERATING")).ThenRejected(v1::REASON_NOT_A_MEMBER);
  s.When(On<v1::PlanExitRequest>("")).ThenRejected(v1::REASON_NOT_A_MEMBER);
  s.When(On<v1::ExitRelationshipRequest>("")).ThenRejected(v1::REASON_NOT_A_MEMBER);
}

TEST(AcceptParty, IsForItsFirstMemberOnce) {
  const auto accept = On<v1::AcceptPartyRequest>("", "party_id: 'buyer'");
  S().Given(Established)
      .By("bea")
      .When(accept)
      .Then({"party_accepted { party_id: 'buyer' }"})
      .ThenState(R"pb(
        grants {
          principal: "bea"
          party_id: "buyer"
          role: "representative"
          permissions: [ PERMISSION_CONTRIBUTE, PERMISSION_SIGN, PERMISSION_ADMINISTER ]
          grant_time { seconds: 1767225600 }
        })pb")
      .When(accept)
      .ThenRejected(v1::REASON_WRONG_STATE);
  S().Given(Established).By("pat").When(accept).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  S().Given(Established).By("otto").When(accept).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  S().Given(Established)
      .By("bea")
      .When(On<v1::AcceptPartyRequest>("", "party_id: 'x'"))
      .ThenRejected(v1::REASON_NOT_FOUND);
}

TEST(GrantRole, IsForThePartysOwnAdministrators) {
  const auto grant = On<v1::GrantRoleRequest>("",
                                              "principal: 'ben' party_id: 'buyer' role: 'clerk' permissions: "
                                              "PERMISSION_CONTRIBUTE permissions: PERMISSION_SIGN");
  S().Given(Staffed)
      .By("bea")
      .When(grant)
      .Then({"role_granted { principal: 'ben' party_id: 'buyer' role: 'clerk' "
             "permissions: [PERMISSION_CONTRIBUTE, PERMISSION_SIGN] }"})
      .When(grant)
      .ThenRejected(v1::REASON_ALREADY_EXISTS);
  S().Given(Staffed).By("pat").When(grant).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  S().Given(Staffed).By("bill").When(grant).ThenRejected(v1::REASON_PERMISSION_MISSING);
  S().Given(Staffed).By("mallory").When(grant).ThenRejected(v1::REASON_NOT_A_MEMBER);
}

TEST(GrantRole, ChecksWhatIsGranted) {
  for (const char* bad : {"principal: 'Ben Smith' party_id: 'buyer' role: 'clerk'", "party_id: 'buyer' role: 'clerk'",
                          "principal: 'system' party_id: 'buyer' role: 'clerk'", "principal: 'ben' party_id: 'buyer'",
                          "principal: 'ben' party_id: 'buyer' role: 'Clerk'",
                          "principal: 'ben' party_id: 'buyer' role: 'clerk' permissions: PERMISSION_UNSPECIFIED"}) {
    SCOPED_TRACE(bad);
    S().Given(Staffed).By("bea").When(On<v1::GrantRoleRequest>("", bad)).ThenRejected(v1::REASON_FIELD_INVALID);
  }
}

TEST(RevokeRole, IsForThePartysOwnAdministrators) {
  const auto revoke =
      On<v1::RevokeRoleRequest>("", "principal: 'bill' party_id: 'buyer' role: 'service-manager' reason: 'left'");
  S().Given(Staffed)
      .By("bea")
      .When(revoke)
      .Then({"role_revoked { principal: 'bill' party_id: 'buyer' role: 'service-manager' reason: 'left' }"})
      .When(revoke)
      .ThenRejected(v1::REASON_NOT_FOUND);
  S().Given(Staffed).By("pat").When(revoke).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  S().Given(Staffed).By("bill").When(revoke).ThenRejected(v1::REASON_PERMISSION_MISSING);
}

TEST(RevokeRole, LeavesEveryPartyAnAdministrator) {
  const auto revoke = On<v1::RevokeRoleRequest>("", "principal: 'bea' party_id: 'buyer' role: 'representative'");
  S().Given(Staffed).By("bea").When(revoke).ThenRejected(v1::REASON_WRONG_STATE);
  S().Given(Staffed)
      .By("bea")
      .Given(On<v1::GrantRoleRequest>(
          "", "principal: 'ben' party_id: 'buyer' role: 'head' permissions: PERMISSION_ADMINISTER"))
      .When(revoke)
      .Then({"role_revoked { principal: 'bea' party_id: 'buyer' role: 'representative' }"});
}

TEST(RevokeRole, EndsTheRightsAtOnce) {
  S().Given(Chartered)
      .By("bea")
      .Given(On<v1::RevokeRoleRequest>("", "principal: 'bill' party_id: 'buyer' role: 'service-manager'"))
      .By("bill")
      .When(Parse<v1::ProposeDecisionRequest>(
          "parent: 'relationships/acme' decision_id: 'd' title: 'T' class_id: 'staffing' options { option_id: 'a' }"))
      .ThenRejected(v1::REASON_NOT_A_MEMBER);
}

TEST(ChangeStage, NeedsADecisionOnceACharterBinds) {
  S().Given(Staffed)
      .By("bea")
      .When(On<v1::ChangeStageRequest>("", "stage: STAGE_OPERATING"))
      .Then({"stage_changed { from: STAGE_TRANSITION to: STAGE_OPERATING }"});
  S s;
  s.Given(Chartered).Given([](World& world) { Decided(world, "go"); }).By("pat");
  s.When(On<v1::ChangeStageRequest>("", "stage: STAGE_OPERATING")).ThenRejected(v1::REASON_DECISION_REQUIRED);
  s.When(On<v1::ChangeStageRequest>("", "stage: STAGE_OPERATING decision: 'relationships/acme/decisions/no'"))
      .ThenRejected(v1::REASON_DECISION_REQUIRED);
  s.When(On<v1::ChangeStageRequest>("", "stage: STAGE_OPERATING decision: 'relationships/acme/decisions/go'"))
      .Then(
          {"stage_changed { from: STAGE_TRANSITION to: STAGE_OPERATING decision: 'relationships/acme/decisions/go' }"});
}

TEST(ChangeStage, NeedsASignatoryAndAnotherStageThatIsNotLeaving) {
  S().Given(Staffed)
      .By("bill")
      .When(On<v1::ChangeStageRequest>("", "stage: STAGE_OPERATING"))
      .ThenRejected(v1::REASON_PERMISSION_MISSING);
  S().Given(Staffed)
      .By("bea")
      .When(On<v1::ChangeStageRequest>("", "stage: STAGE_TRANSITION"))
      .ThenRejected(v1::REASON_WRONG_STATE);
  for (const char* bad : {"", "stage: STAGE_EXITING", "stage: STAGE_EXITED"}) {
    S().Given(Staffed).By("bea").When(On<v1::ChangeStageRequest>("", bad)).ThenRejected(v1::REASON_FIELD_INVALID);
  }
}

void GoDecided(World& world) {
  Chartered(world);
  Decided(world, "go");
}

const auto kPlan = On<v1::PlanExitRequest>(
    "", "plan { exit_time { seconds: 1800000000 } decision: 'relationships/acme/decisions/go' note: 'n' }");

TEST(PlanExit, RestsOnADecisionAndLiesAhead) {
  S().Given(GoDecided)
      .By("bea")
      .When(kPlan)
      .Then({"exit_planned { plan { exit_time { seconds: 1800000000 } decision: 'relationships/acme/decisions/go' "
             "note: 'n' } }"})
      .ThenState("stage: STAGE_EXITING");
  S().Given(GoDecided).By("bill").When(kPlan).ThenRejected(v1::REASON_PERMISSION_MISSING);
  S().Given(Chartered).By("bea").When(kPlan).ThenRejected(v1::REASON_DECISION_REQUIRED);
  S().Given(GoDecided)
      .By("bea")
      .When(On<v1::PlanExitRequest>(
          "", "plan { exit_time { seconds: 1767225600 } decision: 'relationships/acme/decisions/go' }"))
      .ThenRejected(v1::REASON_FIELD_INVALID);
}

TEST(PlanExit, IsGivenUpByMovingToAnotherStage) {
  S().Given(GoDecided)
      .By("bea")
      .Given(kPlan)
      .Given(On<v1::ChangeStageRequest>("", "stage: STAGE_OPERATING decision: 'relationships/acme/decisions/go'"))
      .When(On<v1::ExitRelationshipRequest>(""))
      .ThenRejected(v1::REASON_WRONG_STATE);
}

TEST(Exit, FollowsAPlan) {
  S().Given(GoDecided).By("bea").When(On<v1::ExitRelationshipRequest>("")).ThenRejected(v1::REASON_WRONG_STATE);
  S().Given(GoDecided)
      .By("bea")
      .Given(kPlan)
      .By("bill")
      .When(On<v1::ExitRelationshipRequest>(""))
      .ThenRejected(v1::REASON_PERMISSION_MISSING);
  S().Given(GoDecided)
      .By("bea")
      .Given(kPlan)
      .When(On<v1::ExitRelationshipRequest>(""))
      .Then({"exited {}"})
      .ThenState("stage: STAGE_EXITED exit_time { seconds: 1767225600 }");
}

TEST(Exit, IsFinal) {
  S s;
  s.Given(GoDecided).By("bea").Given(kPlan).Given(On<v1::ExitRelationshipRequest>(""));
  s.When(kAdmitAdviser).ThenRejected(v1::REASON_WRONG_STATE);
  s.When(On<v1::AcceptPartyRequest>("", "party_id: 'buyer'")).ThenRejected(v1::REASON_WRONG_STATE);
  s.When(On<v1::GrantRoleRequest>("", "principal: 'ben' party_id: 'buyer' role: 'r'"))
      .ThenRejected(v1::REASON_WRONG_STATE);
  s.When(On<v1::ProposeCharterRequest>("")).ThenRejected(v1::REASON_WRONG_STATE);
  s.When(On<v1::AdoptCharterRequest>("", "version: 1")).ThenRejected(v1::REASON_WRONG_STATE);
  s.When(On<v1::ChangeStageRequest>("", "stage: STAGE_OPERATING")).ThenRejected(v1::REASON_WRONG_STATE);
  s.When(kPlan).ThenRejected(v1::REASON_WRONG_STATE);
  s.When(On<v1::ExitRelationshipRequest>("")).ThenRejected(v1::REASON_WRONG_STATE);
  // Whoever leaves can still be taken out of the record's readers.
  s.When(On<v1::RevokeRoleRequest>("", "principal: 'bill' party_id: 'buyer' role: 'service-manager'"))
      .Then({"role_revoked { principal: 'bill' party_id: 'buyer' role: 'service-manager' }"});
}

}  // namespace
}  // namespace parley::test
