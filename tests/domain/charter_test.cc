// What a charter must have, and when it binds.
#include "services/relationship/charter.h"

#include <gtest/gtest.h>

#include <functional>

#include "eventstore/base/status.h"
#include "services/relationship/relationship.h"
#include "tests/support/fixtures.h"
#include "tests/support/spec.h"

namespace parley::test {
namespace {

using S = Spec<v1::Relationship>;

v1::ProposeCharterRequest Propose(const v1::Charter& charter) {
  v1::ProposeCharterRequest request = On<v1::ProposeCharterRequest>("");
  *request.mutable_charter() = charter;
  return request;
}

v1::AdoptCharterRequest Adopt(int version) {
  return On<v1::AdoptCharterRequest>("", "version: " + std::to_string(version));
}

std::string Adopted(int version, const std::string& party, bool binding) {
  return "charter_adopted { version: " + std::to_string(version) + " party_id: '" + party + "'" +
         (binding ? " binding: true }" : " }");
}

struct Fault {
  const char* name;
  std::function<void(v1::Charter&)> make;
};

class CharterFaults : public ::testing::TestWithParam<Fault> {};

TEST_P(CharterFaults, IsRefused) {
  v1::Charter charter = StandardCharter();
  GetParam().make(charter);
  S().Given(Staffed).By("bea").When(Propose(charter)).ThenRejected(v1::REASON_CHARTER_INCOMPLETE);
}

v1::AmountBand& Band(v1::Charter& charter, int i) { return *charter.mutable_decision_classes(0)->mutable_bands(i); }

INSTANTIATE_TEST_SUITE_P(
    Charter, CharterFaults,
    ::testing::Values(
        Fault{"NoCurrency", [](auto& c) { c.clear_currency_code(); }},
        Fault{"ACurrencyThatIsNone", [](auto& c) { c.set_currency_code("Euro"); }},
        Fault{"NoForum", [](auto& c) { c.clear_forums(); }},
        Fault{"NoClass", [](auto& c) { c.clear_decision_classes(); }},
        Fault{"NoTier", [](auto& c) { c.clear_escalation_tiers(); }},
        Fault{"NoAcknowledgementWindow", [](auto& c) { c.clear_acknowledgement_window(); }},
        Fault{"NoReportWindow", [](auto& c) { c.clear_report_window(); }},
        Fault{"ForumTwice", [](auto& c) { *c.add_forums() = c.forums(0); }},
        Fault{"ForumWithoutLevel", [](auto& c) { c.mutable_forums(0)->clear_level(); }},
        Fault{"ForumWithoutCadence", [](auto& c) { c.mutable_forums(0)->clear_cadence_days(); }},
        Fault{"ForumWithoutQuorumOfTheProvider", [](auto& c) { c.mutable_forums(0)->mutable_quorums()->RemoveLast(); }},
        Fault{"QuorumOfNobody", [](auto& c) { c.mutable_forums(0)->mutable_quorums(0)->set_members(0); }},
        Fault{"QuorumOfAStranger",
              [](auto& c) { *c.mutable_forums(0)->add_quorums() = Parse<v1::Quorum>("party_id: 'x' members: 1"); }},
        Fault{"QuorumTwice", [](auto& c) { *c.mutable_forums(0)->add_quorums() = c.forums(0).quorums(0); }},
        Fault{"ClassTwice", [](auto& c) { *c.add_decision_classes() = c.decision_classes(0); }},
        Fault{"ClassIdNoSlug", [](auto& c) { c.mutable_decision_classes(0)->set_class_id("Change Request"); }},
        Fault{"ClassWithoutBand", [](auto& c) { c.mutable_decision_classes(0)->clear_bands(); }},
        Fault{"FirstBandNotFromZero", [](auto& c) { Band(c, 0).mutable_from()->set_units(1); }},
        Fault{"BandsApart", [](auto& c) { Band(c, 1).mutable_from()->set_units(10001); }},
        Fault{"BandsOverlap", [](auto& c) { Band(c, 1).mutable_from()->set_units(9999); }},
        Fault{"BandUpsideDown",
              [](auto& c) {
                Band(c, 0).mutable_to()->set_units(0);
                Band(c, 1).mutable_from()->set_units(0);
              }},
        Fault{"BandOfAnotherCurrency",
              [](auto& c) {
                Band(c, 0).mutable_to()->set_currency_code("USD");
                Band(c, 1).mutable_from()->set_currency_code("USD");
              }},
        Fault{"LastBandEnds",
              [](auto& c) {
                *Band(c, 1).mutable_to() = Parse<google::type::Money>("currency_code: 'EUR' units: 99999");
              }},
        Fault{"InnerBandWithoutEnd", [](auto& c) { Band(c, 0).clear_to(); }},
        Fault{"NobodyDecides",
              [](auto& c) { Band(c, 0).mutable_rights(0)->set_decision_role(v1::DECISION_ROLE_INPUT); }},
        Fault{"TwoDecide", [](auto& c) { Band(c, 0).mutable_rights(1)->set_decision_role(v1::DECISION_ROLE_DECIDE); }},
        Fault{"RightWithoutKind", [](auto& c) { Band(c, 0).mutable_rights(1)->clear_decision_role(); }},
        Fault{"RightOfAStranger", [](auto& c) { Band(c, 0).mutable_rights(1)->mutable_holder()->set_party_id("x"); }},
        Fault{"RightOfNoRole", [](auto& c) { Band(c, 0).mutable_rights(1)->mutable_holder()->clear_role(); }},
        Fault{"GroundNoSlug", [](auto& c) { c.mutable_decision_classes(0)->add_agree_grounds("Too dear"); }},
        Fault{"OverrideByAStranger",
              [](auto& c) { c.mutable_decision_classes(0)->mutable_override_by()->set_party_id("x"); }},
        Fault{"ReviewAfterNothing",
              [](auto& c) { c.mutable_decision_classes(0)->mutable_review_after()->set_seconds(0); }},
        Fault{"TierTwice", [](auto& c) { *c.add_escalation_tiers() = c.escalation_tiers(0); }},
        Fault{"TierWithoutForum", [](auto& c) { c.mutable_escalation_tiers(0)->set_forum_id("x"); }},
        Fault{"TierWithoutWindow", [](auto& c) { c.mutable_escalation_tiers(0)->clear_window(); }},
        Fault{"TierWithNegativeWindow",
              [](auto& c) { c.mutable_escalation_tiers(0)->mutable_window()->set_seconds(-1); }}),
    [](const auto& info) { return info.param.name; });

TEST(Charter, FaultsAreListedAllAtOnce) {
  World world;
  Staffed(world);
  v1::Charter charter = StandardCharter();
  charter.clear_report_window();
  charter.clear_acknowledgement_window();
  const auto rpc = ToRpcStatus(CheckCharter(charter, world.state().relationship()));
  google::rpc::PreconditionFailure failure;
  ASSERT_EQ(rpc.details_size(), 2);
  ASSERT_TRUE(rpc.details(1).UnpackTo(&failure));
  EXPECT_EQ(failure.violations_size(), 2);
}

TEST(Charter, NeedsABuyerAndAProvider) {
  World world;
  Staffed(world);
  v1::Relationship relationship = world.state().relationship();
  EXPECT_TRUE(CheckCharter(StandardCharter(), relationship).ok());
  relationship.mutable_parties(1)->set_kind(v1::PARTY_KIND_THIRD_PARTY);
  EXPECT_EQ(ReasonOf(CheckCharter(StandardCharter(), relationship)), v1::REASON_CHARTER_INCOMPLETE);
}

TEST(Charter, BandsAreFoundByAmount) {
  const v1::Charter charter = StandardCharter();
  const auto* decision_class = FindClass(charter, "change-request");
  ASSERT_NE(decision_class, nullptr);
  EXPECT_EQ(FindClass(charter, "x"), nullptr);
  const auto band = [&](const char* money) {
    return FindBand(charter, *decision_class, Parse<google::type::Money>(money));
  };
  EXPECT_EQ(band(""), &decision_class->bands(0));
  EXPECT_EQ(band("currency_code: 'EUR' units: 9999 nanos: 999999999"), &decision_class->bands(0));
  EXPECT_EQ(band("currency_code: 'EUR' units: 10000"), &decision_class->bands(1));
  EXPECT_EQ(band("currency_code: 'EUR' units: 9223372036854775807"), &decision_class->bands(1));
  EXPECT_EQ(band("currency_code: 'USD' units: 1"), nullptr);
  EXPECT_EQ(band("currency_code: 'EUR' units: -1"), nullptr);
}

TEST(ProposeCharter, IsForSignatories) {
  S().Given(Staffed).By("bill").When(Propose(StandardCharter())).ThenRejected(v1::REASON_PERMISSION_MISSING);
  S().Given(Established).By("bea").When(Propose(StandardCharter())).ThenRejected(v1::REASON_NOT_A_MEMBER);
  S().Given(Staffed)
      .By("pat")
      .When(Propose(StandardCharter()))
      .Then({"charter_proposed { version: 1 charter { " + StandardCharter().ShortDebugString() + " } }"})
      .ThenState("charter_in_force: 0");
}

TEST(AdoptCharter, BindsWhenBothSignedThatVersion) {
  S().Given(Staffed)
      .By("bea")
      .Given(Propose(StandardCharter()))
      .When(Adopt(1))
      .Then({Adopted(1, "buyer", false)})
      .ThenState("charter_in_force: 0")
      .When(Adopt(1))
      .ThenRejected(v1::REASON_WRONG_STATE)
      .By("pat")
      .When(Adopt(1))
      .Then({Adopted(1, "provider", true)})
      .ThenState("charter_in_force: 1")
      .When(Adopt(1))
      .ThenRejected(v1::REASON_WRONG_STATE);
}

TEST(AdoptCharter, TakesASignatoryAndAVersionThatIsThere) {
  S().Given(Staffed)
      .By("bea")
      .Given(Propose(StandardCharter()))
      .By("petra")
      .When(Adopt(1))
      .ThenRejected(v1::REASON_PERMISSION_MISSING);
  S().Given(Staffed).By("bea").When(Adopt(1)).ThenRejected(v1::REASON_NOT_FOUND);
  S().Given(Staffed).By("bea").Given(Propose(StandardCharter())).When(Adopt(0)).ThenRejected(v1::REASON_NOT_FOUND);
  S().Given(Staffed).By("bea").Given(Propose(StandardCharter())).When(Adopt(2)).ThenRejected(v1::REASON_NOT_FOUND);
}

TEST(AdoptCharter, SignaturesUnderAnEarlierVersionDoNotCount) {
  S s;
  s.Given(Staffed)
      .By("bea")
      .Given(Propose(StandardCharter()))
      .Given(Adopt(1))
      .By("pat")
      .Given(Propose(StandardCharter()));
  s.When(Adopt(1)).ThenRejected(v1::REASON_CHARTER_VERSION_STALE);
  s.When(Adopt(2)).Then({Adopted(2, "provider", false)}).ThenState("charter_in_force: 0");
}

TEST(AdoptCharter, AmendsOnceBothSignedTheLaterVersion) {
  S s;
  s.Given(Chartered).By("pat").Given(Propose(StandardCharter())).Given(Adopt(2));
  s.When(Adopt(2)).ThenRejected(v1::REASON_WRONG_STATE).ThenState("charter_in_force: 1");
  s.By("bea")
      .When(Adopt(2))
      .Then({Adopted(2, "buyer", true), "charter_amended { from_version: 1 to_version: 2 }"})
      .ThenState("charter_in_force: 2");
}

v1::AdmitPartyRequest Admit(const std::string& kind) {
  return On<v1::AdmitPartyRequest>(
      "", "party { party_id: 'late' kind: " + kind + " display_name: 'L' first_member: 'lea' }");
}

TEST(AdoptCharter, MustFitThePartiesThatAreThereByThen) {
  S().Given(Staffed)
      .By("bea")
      .Given(Propose(StandardCharter()))
      .Given(Adopt(1))
      .By("otto")
      .Given(Admit("PARTY_KIND_PROVIDER"))
      .By("pat")
      .When(Adopt(1))
      .ThenRejected(v1::REASON_CHARTER_INCOMPLETE);
}

TEST(AdoptCharter, WaitsForNobodyWhomTheCharterDoesNotName) {
  S().Given(Staffed)
      .By("otto")
      .Given(Admit("PARTY_KIND_THIRD_PARTY"))
      .By("bea")
      .Given(Propose(StandardCharter()))
      .Given(Adopt(1))
      .By("pat")
      .When(Adopt(1))
      .Then({Adopted(1, "provider", true)});
}

TEST(AdoptCharter, WaitsForAThirdPartyThatTheCharterNames) {
  v1::Charter charter = StandardCharter();
  *charter.mutable_decision_classes(1)->mutable_bands(0)->add_rights() =
      Parse<v1::DecisionRight>("decision_role: DECISION_ROLE_AGREE holder { party_id: 'late' role: 'representative' }");
  S().Given(Staffed)
      .By("otto")
      .Given(Admit("PARTY_KIND_THIRD_PARTY"))
      .By("bea")
      .Given(Propose(charter))
      .Given(Adopt(1))
      .By("pat")
      .When(Adopt(1))
      .Then({Adopted(1, "provider", false)})
      .By("lea")
      .When(Adopt(1))
      .ThenRejected(v1::REASON_NOT_A_MEMBER)
      .Given(On<v1::AcceptPartyRequest>("", "party_id: 'late'"))
      .When(Adopt(1))
      .Then({Adopted(1, "late", true)});
}

}  // namespace
}  // namespace parley::test
