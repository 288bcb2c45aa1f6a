// Every rule of objectives, refusals included.
#include "services/objective/objective.h"

#include "tests/support/fixtures.h"
#include "tests/support/spec.h"

namespace parley::test {
namespace {

constexpr char kO1[] = "relationships/acme/objectives/o1";
constexpr char kDraft[] = "relationships/acme/parties/buyer/objectives/o1";

v1::StateObjectiveRequest StateIn(const std::string& parent, const std::string& title = "Fast") {
  v1::StateObjectiveRequest request;
  request.set_parent(parent);
  request.set_objective_id("o1");
  request.set_title(title);
  request.set_description("why");
  return request;
}

template <class Request>
Request Named(const std::string& name, std::string_view text = "") {
  Request request = Parse<Request>(text);
  request.set_name(name);
  return request;
}

Spec<v1::Objective> Stated(Spec<v1::Objective>::Where where = Spec<v1::Objective>::Where::current()) {
  Spec<v1::Objective> spec(where);
  spec.Given(Chartered).By("bill").Given(StateIn(kAcme));
  return spec;
}

Spec<v1::Objective> Drafted() {
  Spec<v1::Objective> spec;
  spec.Given(Chartered).By("bill").Given(StateIn("relationships/acme/parties/buyer"));
  return spec;
}

TEST(StateObjective, PutsItIntoWords) {
  Spec<v1::Objective>()
      .Given(Chartered)
      .By("bill")
      .When(StateIn(kAcme))
      .Then({"stated { title: 'Fast' description: 'why' }"})
      .ThenState(R"pb(state: OBJECTIVE_STATE_STATED
                      title: "Fast"
                      description: "why"
                      stated_by: "bill"
                      stated_by_party: "buyer"
                      state_time { seconds: 1767225600 })pb");
}

TEST(StateObjective, IsRefused) {
  Spec<v1::Objective>().Given(Chartered).By("bill").When(StateIn(kAcme, "")).ThenRejected(v1::REASON_FIELD_INVALID);
  Spec<v1::Objective>().Given(Chartered).By("brian").When(StateIn(kAcme)).ThenRejected(v1::REASON_PERMISSION_MISSING);
  Spec<v1::Objective>().Given(Chartered).By("otto").When(StateIn(kAcme)).ThenRejected(v1::REASON_NOT_A_MEMBER);
  Spec<v1::Objective>().Given(Staffed).By("bill").When(StateIn(kAcme)).ThenRejected(v1::REASON_CHARTER_NOT_BINDING);
  Stated().When(StateIn(kAcme)).ThenRejected(v1::REASON_ALREADY_EXISTS);
  Spec<v1::Objective> ended;
  ended.Given(Chartered).Given([](World& world) { Decided(world, "d1"); }).By("bea");
  ended.Given(
      Parse<v1::PlanExitRequest>("name: 'relationships/acme' plan { exit_time { seconds: 1790000000 } decision: "
                                 "'relationships/acme/decisions/d1' }"));
  ended.Given(Parse<v1::ExitRelationshipRequest>("name: 'relationships/acme'"));
  ended.When(StateIn(kAcme)).ThenRejected(v1::REASON_WRONG_STATE);
}

TEST(PrivateObjective, IsItsPartysBusinessOnly) {
  const std::string own = "relationships/acme/parties/buyer";
  Spec<v1::Objective>()
      .Given(Chartered)
      .By("bill")
      .When(StateIn(own))
      .Then({"stated { title: 'Fast' description: 'why' }"});
  Spec<v1::Objective>().Given(Chartered).By("petra").When(StateIn(own)).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  Drafted()
      .By("petra")
      .When(Named<v1::RankObjectiveRequest>(kDraft, "rank: 1"))
      .ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  Drafted().By("pat").When(Named<v1::EndorseObjectiveRequest>(kDraft)).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  Drafted()
      .By("pat")
      .When(Named<v1::RetireObjectiveRequest>(kDraft, "reason: 'r'"))
      .ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  Drafted().When(Named<v1::RankObjectiveRequest>(kDraft, "rank: 3")).Then({"ranked { party_id: 'buyer' rank: 3 }"});
}

TEST(PrivateObjective, NeedsNoCharterAndIsOwnedByItsParty) {
  Spec<v1::Objective> spec;
  spec.Given(Staffed).By("bill").When(StateIn("relationships/acme/parties/buyer")).ThenState("title: 'Fast'", kDraft);
  EXPECT_EQ(spec.world().entries().back().header.owner(), "buyer");
  // It is nowhere among what joint deciders see.
  int joint = 0;
  spec.world().state().ForEach<v1::Objective>([&](const v1::Objective&) { ++joint; });
  EXPECT_EQ(joint, 0);
}

TEST(RankObjective, KeepsEachPartysLatestRankApart) {
  Stated()
      .By("bill")
      .Given(Named<v1::RankObjectiveRequest>(kO1, "rank: 2"))
      .By("petra")
      .Given(Named<v1::RankObjectiveRequest>(kO1, "rank: 1"))
      .By("bea")
      .When(Named<v1::RankObjectiveRequest>(kO1, "rank: 5"))
      .Then({"ranked { party_id: 'buyer' rank: 5 }"})
      .ThenState(R"pb(
        rankings {
          party_id: "buyer"
          rank: 5
          principal: "bea"
          time { seconds: 1767225600 }
          times_ranked: 2
        }
        rankings {
          party_id: "provider"
          rank: 1
          principal: "petra"
          time { seconds: 1767225600 }
          times_ranked: 1
        }
      )pb");
}

TEST(RankObjective, IsRefused) {
  for (const char* rank : {"rank: 0", "rank: 6", "rank: -1"}) {
    Stated().When(Named<v1::RankObjectiveRequest>(kO1, rank)).ThenRejected(v1::REASON_FIELD_INVALID);
  }
  Stated()
      .By("brian")
      .When(Named<v1::RankObjectiveRequest>(kO1, "rank: 1"))
      .ThenRejected(v1::REASON_PERMISSION_MISSING);
  Stated().By("otto").When(Named<v1::RankObjectiveRequest>(kO1, "rank: 1")).ThenRejected(v1::REASON_NOT_A_MEMBER);
  Stated()
      .By("bea")
      .Given(Named<v1::RetireObjectiveRequest>(kO1, "reason: 'r'"))
      .When(Named<v1::RankObjectiveRequest>(kO1, "rank: 1"))
      .ThenRejected(v1::REASON_WRONG_STATE);
}

TEST(EndorseObjective, OncePerParty) {
  Stated()
      .By("pat")
      .When(Named<v1::EndorseObjectiveRequest>(kO1))
      .Then({"endorsed { party_id: 'provider' }"})
      .ThenState("endorsements { party_id: 'provider' principal: 'pat' time { seconds: 1767225600 } }")
      .When(Named<v1::EndorseObjectiveRequest>(kO1))
      .ThenRejected(v1::REASON_WRONG_STATE);
  // It takes someone who may sign.
  Stated().By("petra").When(Named<v1::EndorseObjectiveRequest>(kO1)).ThenRejected(v1::REASON_PERMISSION_MISSING);
  Stated()
      .By("bea")
      .Given(Named<v1::RetireObjectiveRequest>(kO1, "reason: 'r'"))
      .When(Named<v1::EndorseObjectiveRequest>(kO1))
      .ThenRejected(v1::REASON_WRONG_STATE);
}

TEST(RetireObjective, ByThePartyThatStatedIt) {
  Stated()
      .By("bea")
      .When(Named<v1::RetireObjectiveRequest>(kO1, "reason: 'reached'"))
      .Then({"retired { reason: 'reached' }"})
      .ThenState(R"pb(state: OBJECTIVE_STATE_RETIRED
                      retire_reason: "reached"
                      retire_time { seconds: 1767225600 })pb")
      .When(Named<v1::RetireObjectiveRequest>(kO1, "reason: 'again'"))
      .ThenRejected(v1::REASON_WRONG_STATE);
  Stated()
      .By("pat")
      .When(Named<v1::RetireObjectiveRequest>(kO1, "reason: 'r'"))
      .ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  Stated()
      .By("bill")
      .When(Named<v1::RetireObjectiveRequest>(kO1, "reason: 'r'"))
      .ThenRejected(v1::REASON_PERMISSION_MISSING);
  Stated().By("bea").When(Named<v1::RetireObjectiveRequest>(kO1)).ThenRejected(v1::REASON_FIELD_INVALID);
}

TEST(RetireObjective, NeedsADecisionOnceAnotherPartyEndorsedIt) {
  Stated()
      .By("bea")
      .Given(Named<v1::EndorseObjectiveRequest>(kO1))
      .When(Named<v1::RetireObjectiveRequest>(kO1, "reason: 'r'"))
      .Then({"retired { reason: 'r' }"});
  Stated()
      .By("pat")
      .Given(Named<v1::EndorseObjectiveRequest>(kO1))
      .By("bea")
      .When(Named<v1::RetireObjectiveRequest>(kO1, "reason: 'r'"))
      .ThenRejected(v1::REASON_DECISION_REQUIRED)
      .Given([](World& world) { Decided(world, "d1"); })
      .By("bea")
      .When(Named<v1::RetireObjectiveRequest>(kO1, "reason: 'r' decision: 'relationships/acme/decisions/d1'"))
      .Then({"retired { reason: 'r' decision: 'relationships/acme/decisions/d1' }"});
  // A decision that is cited must exist, needed or not.
  Stated()
      .By("bea")
      .When(Named<v1::RetireObjectiveRequest>(kO1, "reason: 'r' decision: 'relationships/acme/decisions/d9'"))
      .ThenRejected(v1::REASON_DECISION_REQUIRED);
}

}  // namespace
}  // namespace parley::test
