// What a metric means: proposed, agreed by both, superseded, linked to objectives.
#include "services/metric/metric.h"
#include "services/objective/objective.h"
#include "tests/support/metric_fixtures.h"
#include "tests/support/spec.h"

namespace parley::test {
namespace {

using MetricSpec = Spec<v1::Metric, v1::Objective>;

v1::ProposeMetricRequest Propose(const v1::MetricDefinition& definition) {
  v1::ProposeMetricRequest request;
  request.set_parent(kAcme);
  request.set_metric_id("m1");
  *request.mutable_definition() = definition;
  return request;
}

MetricSpec Proposed() {
  MetricSpec spec;
  spec.Given(Chartered).By("petra").Given(Propose(StandardDefinition()));
  return spec;
}

v1::LinkMetricToObjectiveRequest Link(const std::string& objective, int strength) {
  v1::LinkMetricToObjectiveRequest request;
  request.set_name(InAcme("metrics/m1"));
  request.set_objective(objective);
  request.set_strength(strength);
  return request;
}

TEST(ProposeMetric, PutsVersionOneForward) {
  const std::string definition = StandardDefinition().ShortDebugString();
  MetricSpec()
      .Given(Chartered)
      .By("petra")
      .When(Propose(StandardDefinition()))
      .Then({"definition_proposed { version: 1 definition { " + definition + " } }"})
      .ThenState(
          "display_name: 'Resolved in time' versions { version: 1 proposed_by: 'petra' proposed_by_party: 'provider' "
          "propose_time { seconds: 1767225600 } definition { " +
          definition + " } }");
}

TEST(ProposeMetric, IsRefused) {
  MetricSpec()
      .Given(Chartered)
      .By("brian")
      .When(Propose(StandardDefinition()))
      .ThenRejected(v1::REASON_PERMISSION_MISSING);
  MetricSpec().Given(Chartered).By("otto").When(Propose(StandardDefinition())).ThenRejected(v1::REASON_NOT_A_MEMBER);
  MetricSpec()
      .Given(Staffed)
      .By("petra")
      .When(Propose(StandardDefinition()))
      .ThenRejected(v1::REASON_CHARTER_NOT_BINDING);
  Proposed().When(Propose(StandardDefinition())).ThenRejected(v1::REASON_ALREADY_EXISTS);
}

struct Fault {
  std::string name;
  std::string change;  // Merged over the standard definition.
  std::string clear;   // A field to leave out.
};

class FaultyDefinition : public testing::TestWithParam<Fault> {};

TEST_P(FaultyDefinition, IsRefusedAtFirstAndLater) {
  v1::MetricDefinition definition = StandardDefinition();
  if (!GetParam().clear.empty()) {
    definition.GetReflection()->ClearField(&definition, definition.GetDescriptor()->FindFieldByName(GetParam().clear));
  }
  definition.MergeFrom(Parse<v1::MetricDefinition>(GetParam().change));
  MetricSpec().Given(Chartered).By("petra").When(Propose(definition)).ThenRejected(v1::REASON_FIELD_INVALID);
  Proposed().When(ProposeVersion(definition)).ThenRejected(v1::REASON_FIELD_INVALID);
}

INSTANTIATE_TEST_SUITE_P(
    Faults, FaultyDefinition,
    testing::Values(Fault{"NoName", "", "display_name"}, Fault{"NoFormula", "", "formula"}, Fault{"NoUnit", "", "unit"},
                    Fault{"NoSource", "", "source"}, Fault{"NoPeriod", "", "period_kind"},
                    Fault{"NoDirection", "", "direction"}, Fault{"NoExpected", "", "expected"},
                    Fault{"NoTarget", "", "target"}, Fault{"NoEase", "", "ease"}, Fault{"EaseTooHigh", "ease: 6"},
                    Fault{"WeightNegative", "weight: -1"}, Fault{"WeightTooHigh", "weight: 1000001"},
                    Fault{"DenominatorZero", "expected { fraction { numerator: 1 } }"},
                    Fault{"DenominatorNegative", "target { fraction { numerator: -9 denominator: -10 } }", "target"},
                    Fault{"TargetBelowExpected", "target { parts_per_million: 799999 }"},
                    Fault{"TargetAboveExpected", "direction: METRIC_DIRECTION_LOWER_IS_BETTER"}),
    [](const auto& info) { return info.param.name; });

TEST(AgreeToDefinition, TakesEffectWhenEveryBuyerAndProviderAgreed) {
  Proposed()
      .By("bea")
      .When(AgreeTo(1))
      .Then({"definition_agreed { version: 1 party_id: 'buyer' }"})
      .By("pat")
      .When(AgreeTo(1))
      .Then({"definition_agreed { version: 1 party_id: 'provider' effective: true report_window { seconds: 864000 } "
             "first_awaited_period: '2026-01' }"})
      .ThenState("version_in_force: 1 display_name: 'Resolved in time'");
}

TEST(AgreeToDefinition, IsNoAgreementByProposing) {
  // petra proposed, which signs nothing: until pat signs too, nothing can be reported.
  Proposed()
      .By("bea")
      .Given(AgreeTo(1))
      .By("petra")
      .When(Report("2025-12", 1, 1))
      .ThenRejected(v1::REASON_DEFINITION_NOT_EFFECTIVE);
}

TEST(AgreeToDefinition, IsRefused) {
  Proposed().By("bill").When(AgreeTo(1)).ThenRejected(v1::REASON_PERMISSION_MISSING);
  Proposed().By("bea").When(AgreeTo(2)).ThenRejected(v1::REASON_NOT_FOUND);
  Proposed().By("bea").When(AgreeTo(0)).ThenRejected(v1::REASON_NOT_FOUND);
  Proposed().By("bea").Given(AgreeTo(1)).When(AgreeTo(1)).ThenRejected(v1::REASON_WRONG_STATE);
  // Only the latest proposal can be agreed to.
  Proposed()
      .Given(ProposeVersion(StandardDefinition()))
      .By("bea")
      .When(AgreeTo(1))
      .ThenRejected(v1::REASON_WRONG_STATE);
  MetricSpec().Given(Chartered).Given(Agreed).By("bea").When(AgreeTo(1)).ThenRejected(v1::REASON_WRONG_STATE);
}

TEST(AgreeToDefinition, IsNoThirdPartysBusiness) {
  MetricSpec spec;
  spec.Given(Chartered).Given(WithAdviser).By("petra").Given(Propose(StandardDefinition()));
  spec.By("ann").When(AgreeTo(1)).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  spec.By("bea").Given(AgreeTo(1)).By("pat").When(AgreeTo(1)).ThenState("version_in_force: 1");
}

TEST(AgreeToDefinition, ImportedStartsNoTimers) {
  auto proposal = Propose(StandardDefinition());
  proposal.set_historical(true);
  auto request = AgreeTo(1);
  request.set_historical(true);
  MetricSpec()
      .Given(Chartered)
      .By("petra")
      .Given(proposal)
      .By("bea")
      .Given(AgreeTo(1))
      .By("pat")
      .When(request)
      .Then({"definition_agreed { version: 1 party_id: 'provider' effective: true }"})
      .WhenTimePasses(absl::Hours(24 * 400))
      .ThenNothing();
}

TEST(AgreeToDefinition, ReportsOfALiveMetricAreAwaitedWhateverIsCalledHistory) {
  auto request = AgreeTo(2);
  request.set_historical(true);
  MetricSpec()
      .Given(Chartered)
      .Given(Agreed)
      .By("petra")
      .Given(ProposeVersion(StandardDefinition()))
      .By("bea")
      .Given(AgreeTo(2))
      .By("pat")
      .When(request)
      .Then({"definition_agreed { version: 2 party_id: 'provider' effective: true supersedes: 1 report_window { "
             "seconds: 864000 } first_awaited_period: '2026-01' }"});
}

TEST(ProposeDefinition, LeavesTheVersionInForceUntilBothAgreed) {
  v1::MetricDefinition stricter = StandardDefinition();
  stricter.set_display_name("Resolved in time, stricter");
  stricter.mutable_expected()->set_parts_per_million(850000);
  MetricSpec()
      .Given(Chartered)
      .Given(Agreed)
      .By("bill")
      .When(ProposeVersion(stricter))
      .Then({"definition_proposed { version: 2 definition { " + stricter.ShortDebugString() + " } }"})
      .ThenState("version_in_force: 1 display_name: 'Resolved in time'")
      .By("bea")
      .Given(AgreeTo(2))
      .By("pat")
      .When(AgreeTo(2))
      .Then({"definition_agreed { version: 2 party_id: 'provider' effective: true supersedes: 1 "
             "report_window { seconds: 864000 } first_awaited_period: '2026-01' }"})
      .ThenState("version_in_force: 2 display_name: 'Resolved in time, stricter'");
  MetricSpec()
      .Given(Chartered)
      .Given(Agreed)
      .By("brian")
      .When(ProposeVersion(stricter))
      .ThenRejected(v1::REASON_PERMISSION_MISSING);
}

TEST(LinkMetric, ToAnObjectiveThatBothRanked) {
  MetricSpec()
      .Given(Chartered)
      .Given(Ranked)
      .Given(Agreed)
      .By("bill")
      .When(Link(InAcme("objectives/o1"), 4))
      .Then({"linked_to_objective { objective: 'relationships/acme/objectives/o1' strength: 4 }"})
      .By("petra")
      .When(Link(InAcme("objectives/o1"), 2))
      .ThenState(
          "links { objective: 'relationships/acme/objectives/o1' strength: 2 principal: 'petra' party_id: 'provider' "
          "time { seconds: 1767225600 } }");
}

TEST(LinkMetric, IsRefused) {
  const std::string o1 = InAcme("objectives/o1");
  auto spec = [] {
    MetricSpec spec;
    spec.Given(Chartered).Given(Ranked).Given(Agreed).By("bill");
    return spec;
  };
  spec().When(Link(o1, 0)).ThenRejected(v1::REASON_FIELD_INVALID);
  spec().When(Link(o1, 6)).ThenRejected(v1::REASON_FIELD_INVALID);
  spec().When(Link(InAcme("objectives/o9"), 3)).ThenRejected(v1::REASON_CITATION_INVALID);
  spec().When(Link("", 3)).ThenRejected(v1::REASON_CITATION_INVALID);
  // Not an objective.
  spec().When(Link(InAcme("metrics/m1"), 3)).ThenRejected(v1::REASON_CITATION_INVALID);
  spec().By("brian").When(Link(o1, 3)).ThenRejected(v1::REASON_PERMISSION_MISSING);
  auto retire = Parse<v1::RetireObjectiveRequest>("name: 'relationships/acme/objectives/o1' reason: 'r'");
  spec().By("bea").Given(retire).When(Link(o1, 3)).ThenRejected(v1::REASON_CITATION_INVALID);
}

TEST(LinkMetric, ComesAfterEachPartyRankedTheObjective) {
  auto rank = Parse<v1::RankObjectiveRequest>("name: 'relationships/acme/objectives/o1' rank: 3");
  MetricSpec()
      .Given(Chartered)
      .Given(Agreed)
      .By("bill")
      .Given(Parse<v1::StateObjectiveRequest>("parent: 'relationships/acme' objective_id: 'o1' title: 'T'"))
      .Given(rank)
      .When(Link(InAcme("objectives/o1"), 3))
      .ThenRejected(v1::REASON_CITATION_INVALID)
      .By("petra")
      .Given(rank)
      .When(Link(InAcme("objectives/o1"), 3))
      .Then({"linked_to_objective { objective: 'relationships/acme/objectives/o1' strength: 3 }"});
}

TEST(LinkMetric, NeverReachesIntoAPartysDrafts) {
  const std::string draft = InAcme("parties/buyer/objectives/o1");
  MetricSpec spec;
  spec.Given(Chartered).Given(Agreed).By("bill").Given(
      Parse<v1::StateObjectiveRequest>("parent: 'relationships/acme/parties/buyer' objective_id: 'o1' title: 'T'"));
  // Not even if it looked as if both had ranked it.
  for (const char* party : {"buyer", "provider"}) {
    spec.GivenEvent(draft,
                    Parse<v1::ObjectiveEvent>(absl::StrCat("ranked { party_id: '", std::string(party), "' rank: 3 }")));
  }
  spec.When(Link(draft, 3)).ThenRejected(v1::REASON_CITATION_INVALID);
}

TEST(LinkMetric, IsNotOlderThanTheObjective) {
  auto link = Link(InAcme("objectives/o1"), 3);
  link.mutable_effective_at()->set_seconds(1767225600 + 60);
  MetricSpec()
      .Given(Chartered)
      .Given(Agreed)
      .After(absl::Hours(1))
      .Given(Ranked)
      .By("bill")
      .When(link)
      .ThenRejected(v1::REASON_EFFECTIVE_AT_INVALID);
}

}  // namespace
}  // namespace parley::test
