// Random command sequences over relationship, decisions and disputes never break an invariant.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>

#include "eventstore/base/proto_util.h"
#include "services/decision/decision.h"
#include "services/dispute/dispute.h"
#include "services/relationship/charter.h"
#include "services/relationship/relationship.h"
#include "tests/support/fixtures.h"
#include "tests/support/property.h"

namespace parley::test {
namespace {

using S = const LedgerState&;

const std::vector<std::string> kParties = {"buyer", "provider", "adviser"};
const std::vector<std::string> kPeople = {"bea", "bill", "pat", "petra", "ann", "otto", "brian"};
// Who acts: those who may do something more often than those who may not.
const std::vector<std::string> kActors = {"bea",   "bea",  "bea",  "pat", "pat", "pat",  "petra",
                                          "petra", "bill", "bill", "ann", "ann", "otto", "brian"};
const std::vector<std::string> kRoles = {"representative", "service-manager", "delivery-lead", "head"};
const std::vector<std::string> kIds = {"a", "b", "d", "e"};
const std::vector<std::string> kTiers = {"working-level", "management", "executive", "expert"};

std::string Q(const std::string& text) { return "'" + text + "' "; }
// Often the one that Begun has decided.
std::string DecisionName(Dice& dice) { return InAcme("decisions/" + (dice.Below(2) == 0 ? "c" : dice.OneOf(kIds))); }

// Sometimes in the past, sometimes imported.
template <class Request>
Request When(Request request, S state, Dice& dice) {
  if (dice.Below(8) == 0)
    *request.mutable_effective_at() = ToProto(state.last_recorded_at() - absl::Minutes(1) * (1 << dice.Below(12)));
  request.set_historical(dice.Below(8) == 0);
  return request;
}

template <class R, class Request>
Move Named(const std::string& collection, std::function<std::string(Dice&)> fields) {
  return Asks<R, Request>([=](S state, Dice& dice) {
    Request request = Parse<Request>(fields(dice));
    request.set_name(collection.empty() ? kAcme : InAcme(collection + "/" + dice.OneOf(kIds)));
    return When(std::move(request), state, dice);
  });
}
template <class Request>
Move Root(std::function<std::string(Dice&)> fields) {
  return Named<v1::Relationship, Request>("", std::move(fields));
}
template <class Request>
Move OfDecision(std::function<std::string(Dice&)> fields) {
  return Named<v1::Decision, Request>("decisions", std::move(fields));
}
template <class Request>
Move OfDispute(std::function<std::string(Dice&)> fields) {
  return Named<v1::Dispute, Request>("disputes", std::move(fields));
}

// What ends things: often enough to be met, seldom enough to leave something to do.
Move Seldom(Move rare, Move common) {
  return [=](S state, Dice& dice) { return dice.Below(8) == 0 ? rare(state, dice) : common(state, dice); };
}

std::string RoleFields(Dice& dice) {
  return "principal: " + Q(dice.OneOf(kPeople)) + "party_id: " + Q(dice.OneOf(kParties)) +
         "role: " + Q(dice.OneOf(kRoles));
}
std::string OptionField(Dice& dice) { return "option_id: " + Q(dice.OneOf(std::vector<std::string>{"yes", "no"})); }

v1::ProposeCharterRequest SomeCharter(S, Dice& dice) {
  v1::ProposeCharterRequest request = On<v1::ProposeCharterRequest>("");
  *request.mutable_charter() = StandardCharter();
  auto& charter = *request.mutable_charter();
  if (dice.Below(2) == 0) charter.mutable_escalation_tiers()->RemoveLast();
  if (dice.Below(4) == 0)
    charter.mutable_decision_classes(0)->mutable_bands(0)->mutable_rights(0)->clear_decision_role();
  return request;
}

Area RelationshipArea() {
  Area area;
  area.moves = {
      Root<v1::AdmitPartyRequest>([](Dice& dice) {
        return "party { party_id: " + Q(dice.OneOf(kParties)) +
               "kind: PARTY_KIND_THIRD_PARTY display_name: 'A' first_member: " + Q(dice.OneOf(kPeople)) + "}";
      }),
      Root<v1::AcceptPartyRequest>([](Dice& dice) { return "party_id: " + Q(dice.OneOf(kParties)); }),
      Root<v1::GrantRoleRequest>([](Dice& dice) {
        std::string fields = RoleFields(dice);
        for (const char* permission : {"CONTRIBUTE", "SIGN", "ADMINISTER"}) {
          if (dice.Below(2) == 0) fields += std::string("permissions: PERMISSION_") + permission + " ";
        }
        return fields;
      }),
      Root<v1::RevokeRoleRequest>(RoleFields),
      Asks<v1::Relationship, v1::ProposeCharterRequest>(SomeCharter),
      Asks<v1::Relationship, v1::AdoptCharterRequest>([](S state, Dice& dice) {
        const int latest = state.relationship().charters_size();
        return On<v1::AdoptCharterRequest>("", absl::StrCat("version: ", dice.Below(4) == 0 ? latest - 1 : latest));
      }),
      Root<v1::ChangeStageRequest>([](Dice& dice) {
        return absl::StrCat("stage: ", 1 + dice.Below(6), " decision: '", DecisionName(dice), "'");
      }),
      Root<v1::PlanExitRequest>([](Dice& dice) {
        return "plan { exit_time { seconds: 2000000000 } decision: " + Q(DecisionName(dice)) + "}";
      }),
      Root<v1::ExitRelationshipRequest>(
          [](Dice& dice) { return dice.Below(4) == 0 ? "waiver_decision: " + Q(DecisionName(dice)) : std::string(); }),
  };
  area.invariants = {
      {"every accepted party keeps an administrator",
       [](S, S after) -> std::string {
         for (const auto& party : after.relationship().parties()) {
           if (!party.has_accept_time()) continue;
           const auto& grants = after.relationship().grants();
           const bool any = std::any_of(grants.begin(), grants.end(), [&](const v1::RoleGrant& grant) {
             return grant.party_id() == party.party_id() &&
                    std::count(grant.permissions().begin(), grant.permissions().end(), v1::PERMISSION_ADMINISTER) > 0;
           });
           if (!any) return party.party_id();
         }
         return "";
       }},
      {"parties and grants are distinct",
       [](S, S after) -> std::string {
         std::set<std::string> parties, grants;
         for (const auto& party : after.relationship().parties()) {
           if (!parties.insert(party.party_id()).second) return party.party_id();
         }
         for (const auto& grant : after.relationship().grants()) {
           const std::string key = grant.principal() + " " + grant.party_id() + " " + grant.role();
           if (!grants.insert(key).second || !parties.contains(grant.party_id())) return key;
         }
         return "";
       }},
      {"what binds was signed by every party that it names, and is sound",
       [](S before, S after) -> std::string {
         const auto& relationship = after.relationship();
         if (relationship.charter_in_force() == 0) return "";
         const auto& version = relationship.charters(relationship.charter_in_force() - 1);
         if (!version.has_bind_time()) return "no bind time";
         for (const std::string& party : PartiesNamedBy(version.charter())) {
           const auto& signatures = version.signatures();
           if (std::count_if(signatures.begin(), signatures.end(),
                             [&](const auto& s) { return s.party_id() == party; }) != 1) {
             return "signatures of " + party;
           }
         }
         if (relationship.charter_in_force() < before.relationship().charter_in_force())
           return "an earlier version came back";
         return "";
       }},
      {"charter versions are numbered and never edited",
       [](S before, S after) -> std::string {
         for (int i = 0; i < after.relationship().charters_size(); ++i) {
           const auto& version = after.relationship().charters(i);
           if (version.version() != i + 1) return "numbering";
           if (i < before.relationship().charters_size() &&
               Canonical(before.relationship().charters(i).charter()) != Canonical(version.charter())) {
             return absl::StrCat("version ", i + 1);
           }
         }
         return "";
       }},
      {"the end is the end, and finds nothing open unless it was waived",
       [](S before, S after) -> std::string {
         const bool ended = before.relationship().stage() == v1::STAGE_EXITED;
         if (ended && after.relationship().stage() != v1::STAGE_EXITED) return "it came back";
         if (ended && after.OpenMatters() != before.OpenMatters() &&
             after.OpenMatters().size() >= before.OpenMatters().size()) {
           return "something was opened";
         }
         return "";
       }},
  };
  return area;
}

template <class R>
std::map<std::string, R> All(S state) {
  std::map<std::string, R> all;
  state.ForEach<R>([&](const R& resource) { all.emplace(resource.name(), resource); });
  return all;
}

// The latest `before` entries of an append-only list, compared after dropping what may grow within them.
template <class List, class Strip>
bool IsPrefix(const List& before, const List& after, const Strip& strip) {
  if (before.size() > after.size()) return false;
  for (int i = 0; i < before.size(); ++i) {
    auto a = before[i], b = after[i];
    strip(a);
    strip(b);
    if (Canonical(a) != Canonical(b)) return false;
  }
  return true;
}

std::string CheckDecision(const v1::Decision& decision, const v1::Charter& charter,
                          const std::map<std::string, v1::Decision>& all) {
  const auto* decision_class = FindClass(charter, decision.class_id());
  const auto* band = decision_class ? FindBand(charter, *decision_class, decision.amount()) : nullptr;
  if (band == nullptr) return "no rights in the charter that is pinned";
  for (const auto& outcome : decision.outcomes()) {
    const bool by_decider =
        std::any_of(band->rights().begin(), band->rights().end(), [&](const v1::DecisionRight& right) {
          return right.decision_role() == v1::DECISION_ROLE_DECIDE && right.holder().party_id() == outcome.party_id() &&
                 right.holder().role() == outcome.role();
        });
    const bool by_override = decision_class->override_by().party_id() == outcome.party_id() &&
                             decision_class->override_by().role() == outcome.role();
    if (!(outcome.overridden() ? by_override : by_decider)) return "decided by another role";
  }
  if (!decision.superseded_by().empty() != (decision.state() == v1::DECISION_STATE_SUPERSEDED))
    return "superseded by nothing";
  std::set<std::string> chain;
  for (std::string next = decision.name(); !next.empty(); next = all.at(next).superseded_by()) {
    if (!chain.insert(next).second) return "supersession in a circle";
  }
  for (const std::string& older : decision.supersedes()) {
    if (all.at(older).superseded_by() != decision.name()) return "supersession is not mutual";
  }
  if (!decision.superseded_by().empty()) {
    const auto& newer = all.at(decision.superseded_by()).supersedes();
    if (std::count(newer.begin(), newer.end(), decision.name()) != 1) return "supersession is not mutual";
  }
  return "";
}

Area DecisionArea() {
  Area area;
  area.moves = {
      Asks<v1::Decision, v1::ProposeDecisionRequest>([](S state, Dice& dice) {
        auto request = Parse<v1::ProposeDecisionRequest>(
            "parent: 'relationships/acme' title: 'T' options { option_id: 'yes' } options { option_id: 'no' }");
        request.set_decision_id(dice.OneOf(kIds));
        request.set_class_id(dice.Below(2) == 0 ? "staffing" : "change-request");
        if (dice.Below(2) == 0) {
          request.mutable_amount()->set_currency_code("EUR");
          request.mutable_amount()->set_units(static_cast<int64_t>(dice.Below(200)) * 100);
        }
        return When(std::move(request), state, dice);
      }),
      OfDecision<v1::GiveDecisionInputRequest>([](Dice&) { return "text: 'hm'"; }),
      OfDecision<v1::ConcurWithDecisionRequest>([](Dice&) { return ""; }),
      OfDecision<v1::ObjectToDecisionRequest>([](Dice&) { return "grounds: 'cost'"; }),
      OfDecision<v1::DecideDecisionRequest>(OptionField),
      OfDecision<v1::DecideDecisionRequest>(OptionField),
      OfDecision<v1::DeferDecisionRequest>([](Dice&) { return "forum_id: 'steering'"; }),
      OfDecision<v1::OverrideDecisionRequest>([](Dice& dice) { return OptionField(dice) + "rationale: 'must'"; }),
      OfDecision<v1::AssessDecisionOutcomeRequest>([](Dice& dice) { return absl::StrCat("score: ", dice.Below(7)); }),
      OfDecision<v1::SupersedeDecisionRequest>([](Dice& dice) { return "by: " + Q(DecisionName(dice)); }),
      OfDecision<v1::ReopenDecisionRequest>([](Dice&) { return "reason: 'r'"; }),
  };
  area.moves.push_back(Seldom(OfDecision<v1::WithdrawDecisionRequest>([](Dice&) { return ""; }), area.moves[1]));
  area.invariants = {
      {"nothing decided is edited",
       [](S before, S after) -> std::string {
         const auto now = All<v1::Decision>(after);
         for (const auto& [name, was] : All<v1::Decision>(before)) {
           const auto& is = now.at(name);
           const auto strip = [](v1::DecisionOutcome& outcome) {
             outcome.clear_review_asked_time();
             outcome.clear_assessment();
             outcome.clear_later_assessments();
           };
           if (!IsPrefix(was.outcomes(), is.outcomes(), strip)) return name;
           for (int i = 0; i < was.outcomes_size(); ++i) {
             if (was.outcomes(i).has_assessment() &&
                 Canonical(was.outcomes(i).assessment()) != Canonical(is.outcomes(i).assessment())) {
               return name + " (assessment)";
             }
           }
           if (was.charter_version() != is.charter_version()) return name + " (charter)";
         }
         return "";
       }},
      {"every outcome was the charter's to decide; supersession is mutual and acyclic",
       [](S, S after) -> std::string {
         const auto all = All<v1::Decision>(after);
         for (const auto& [name, decision] : all) {
           const auto& charter = after.relationship().charters(decision.charter_version() - 1);
           if (!charter.has_bind_time()) return name + ": its charter never bound";
           const std::string fault = CheckDecision(decision, charter.charter(), all);
           if (!fault.empty()) return name + ": " + fault;
         }
         return "";
       }},
      {"what was decided once has an outcome, and what is decided has all agreements or was overridden",
       [](S, S after) -> std::string {
         for (const auto& [name, decision] : All<v1::Decision>(after)) {
           if (decision.state() == v1::DECISION_STATE_DECIDED && decision.outcomes().empty()) return name;
           if (decision.state() == v1::DECISION_STATE_WITHDRAWN && !decision.outcomes().empty()) return name;
           const bool objected = std::any_of(decision.agreements().begin(), decision.agreements().end(),
                                             [](const auto& a) { return !a.concurs(); });
           if (decision.state() == v1::DECISION_STATE_DECIDED && objected &&
               !decision.outcomes().rbegin()->overridden())
             return name;
         }
         return "";
       }},
  };
  return area;
}

std::string SomeTerms(Dice& dice) {
  return absl::StrCat("terms { text: 't' style: ", 1 + dice.Below(5),
                      dice.Below(4) == 0 ? " decision: '" + DecisionName(dice) + "'" : "", " }");
}

std::string CheckDispute(const v1::Dispute& dispute, const v1::Charter& charter) {
  int tier = -1;
  for (const auto& escalation : dispute.escalations()) {
    int next = -1;
    for (int i = 0; i < charter.escalation_tiers_size(); ++i) {
      if (charter.escalation_tiers(i).tier_id() == escalation.tier_id()) next = i;
    }
    if (next <= tier) return "the ladder was climbed down";
    for (int i = tier + 1; i < next; ++i) {
      if (!escalation.urgent_relief()) return "a tier was skipped";
      if (charter.escalation_tiers(i).precondition()) return "a precondition was skipped";
    }
    tier = next;
  }
  if (dispute.tier_id() != (dispute.escalations().empty() ? "" : dispute.escalations().rbegin()->tier_id()))
    return "its tier";
  std::set<std::string> parties(dispute.respondents().begin(), dispute.respondents().end());
  if (parties.empty() || !parties.insert(dispute.raised_by_party()).second) return "its parties";
  const auto assented = [&](const auto& assents) {
    std::set<std::string> who;
    for (const auto& assent : assents) who.insert(assent.party_id());
    return who == parties && static_cast<size_t>(assents.size()) == parties.size();
  };
  if (dispute.has_joint_statement() && !assented(dispute.joint_statement().assents()))
    return "a joint statement of one side";
  if (dispute.has_neutral() && !assented(dispute.neutral().assents())) return "a neutral of one side";
  if (dispute.has_neutral() && parties.contains(dispute.neutral().party_id())) return "a neutral who is none";
  const bool on_table = dispute.has_settlement() || dispute.has_statement_proposal() ||
                        dispute.has_escalation_proposal() || dispute.has_neutral_proposal();
  const bool closed = dispute.state() == v1::DISPUTE_STATE_RESOLVED || dispute.state() == v1::DISPUTE_STATE_WITHDRAWN;
  if (closed && on_table) return "closed with something on the table";
  if (dispute.state() == v1::DISPUTE_STATE_RESOLVED && dispute.resolutions_size() != dispute.reopen_count() + 1)
    return "resolutions";
  if (dispute.state() == v1::DISPUTE_STATE_WITHDRAWN && !dispute.resolutions().empty())
    return "withdrawn though resolved once";
  for (const auto& resolution : dispute.resolutions()) {
    std::set<std::string> satisfied;
    for (const auto& satisfaction : resolution.satisfactions()) {
      if (!satisfied.insert(satisfaction.party_id()).second || !parties.contains(satisfaction.party_id()))
        return "satisfaction";
    }
    // A settlement is completed by a party to it; a determination by one that is none.
    if (parties.contains(resolution.party_id()) == resolution.determined()) return "resolved by the wrong side";
  }
  return "";
}

Area DisputeArea() {
  Area area;
  area.moves = {
      Asks<v1::Dispute, v1::RaiseDisputeRequest>([](S state, Dice& dice) {
        auto request = Parse<v1::RaiseDisputeRequest>("parent: 'relationships/acme' title: 'T'");
        request.set_dispute_id(dice.OneOf(kIds));
        request.set_type(static_cast<v1::DisputeType>(1 + dice.Below(3)));
        if (dice.Below(4) == 0) request.set_subject(DecisionName(dice));
        if (dice.Below(4) == 0) request.add_respondents(dice.OneOf(kParties));
        if (dice.Below(4) == 0) request.set_recurrence_of(InAcme("disputes/" + dice.OneOf(kIds)));
        return When(std::move(request), state, dice);
      }),
      OfDispute<v1::AcknowledgeDisputeRequest>([](Dice&) { return ""; }),
      OfDispute<v1::StateDisputePositionRequest>([](Dice&) { return "position: 'p' interests: 'i'"; }),
      OfDispute<v1::AgreeJointStatementRequest>(
          [](Dice& dice) { return absl::StrCat("text: 't", dice.Below(2), "'"); }),
      OfDispute<v1::EscalateDisputeRequest>([](Dice& dice) {
        return absl::StrCat("reason: 'r' tier_id: '", dice.OneOf(kTiers), "' mode: ", 1 + dice.Below(2),
                            dice.Below(3) == 0 ? " urgent_relief: true" : "");
      }),
      OfDispute<v1::SwitchDisputeStyleRequest>([](Dice& dice) { return absl::StrCat("style: ", 1 + dice.Below(5)); }),
      OfDispute<v1::AppointNeutralRequest>([](Dice& dice) {
        return absl::StrCat("neutral { principal: '", dice.Below(4) == 0 ? dice.OneOf(kPeople) : "ann",
                            "' party_id: 'adviser' ", dice.Below(4) == 0 ? "" : "binding: true", " }");
      }),
      OfDispute<v1::ProposeDisputeSettlementRequest>(SomeTerms),
      OfDispute<v1::AcceptDisputeSettlementRequest>(
          [](Dice& dice) { return absl::StrCat("number: ", 1 + dice.Below(3)); }),
      OfDispute<v1::DetermineDisputeRequest>(SomeTerms),
      OfDispute<v1::GiveDisputeSatisfactionRequest>([](Dice& dice) { return absl::StrCat("score: ", dice.Below(7)); }),
      OfDispute<v1::ReopenDisputeRequest>([](Dice& dice) {
        return "reason: 'r' " + (dice.Below(2) == 0 ? "decision: " + Q(DecisionName(dice)) : std::string());
      }),
  };
  area.moves.push_back(Seldom(OfDispute<v1::WithdrawDisputeRequest>([](Dice&) { return ""; }), area.moves[1]));
  area.invariants = {
      {"the ladder, the assents, the table and the resolutions are in order",
       [](S, S after) -> std::string {
         for (const auto& [name, dispute] : All<v1::Dispute>(after)) {
           const std::string fault =
               CheckDispute(dispute, after.relationship().charters(dispute.charter_version() - 1).charter());
           if (!fault.empty()) return name + ": " + fault;
         }
         return "";
       }},
      {"positions, escalations and resolutions are added, never edited",
       [](S before, S after) -> std::string {
         const auto now = All<v1::Dispute>(after);
         for (const auto& [name, was] : All<v1::Dispute>(before)) {
           const auto& is = now.at(name);
           const auto nothing = [](auto&) {};
           const auto satisfactions = [](v1::DisputeResolution& resolution) { resolution.clear_satisfactions(); };
           if (!IsPrefix(was.positions(), is.positions(), nothing) ||
               !IsPrefix(was.escalations(), is.escalations(), nothing) ||
               !IsPrefix(was.resolutions(), is.resolutions(), satisfactions) ||
               was.charter_version() != is.charter_version()) {
             return name;
           }
         }
         return "";
       }},
      {"only what was closed recurs",
       [](S, S after) -> std::string {
         const auto all = All<v1::Dispute>(after);
         for (const auto& [name, dispute] : all) {
           if (!dispute.recurrence_of().empty() && all.at(dispute.recurrence_of()).subject() != dispute.subject())
             return name;
         }
         return "";
       }},
  };
  return area;
}

// A relationship in which random people get somewhere: a charter, a neutral, signatories enough.
void Begun(World& world) {
  Chartered(world);
  WithAdviser(world);
  Decided(world, "c");
  world.Act("bill");
  const auto raise = Parse<v1::RaiseDisputeRequest>(
      "parent: 'relationships/acme' dispute_id: 'a' type: DISPUTE_TYPE_SERVICE title: 'T'");
  EXPECT_TRUE(world.Run(MakeCommand<v1::Dispute>(std::make_shared<const v1::RaiseDisputeRequest>(raise))).ok());
}

TEST(Governance, HoldsWhateverAnybodyAsksFor) {
  std::map<std::string, int> recorded;
  // There is more to do in decisions and disputes: their moves count twice.
  const std::vector<Area> areas = {RelationshipArea(),
                                   DecisionArea(),
                                   DisputeArea(),
                                   {.moves = DecisionArea().moves},
                                   {.moves = DisputeArea().moves}};
  const WalkOptions options{.start = Begun, .principals = kActors, .areas = areas};
  const bool held = rc::check("governance", [&] {
    const auto seed = *rc::gen::arbitrary<uint64_t>();
    const auto commands = *rc::gen::resize(100, rc::gen::inRange(1, 250));
    const std::string violation = Walk(options, seed, commands, recorded);
    if (!violation.empty()) RC_FAIL(violation);
  });
  EXPECT_TRUE(held);
  for (const auto& [type, count] : recorded) RecordProperty(type, count);
  // A walk that gets nowhere proves nothing.
  EXPECT_GT(recorded.size(), 25u);
}

// A walk that could not fail would prove nothing either.
TEST(Governance, AnInvariantThatDoesNotHoldIsFoundBroken) {
  Area wrong = DisputeArea();
  wrong.invariants = {{"no dispute ever escalates", [](S, S after) -> std::string {
                         for (const auto& [name, dispute] : All<v1::Dispute>(after)) {
                           if (!dispute.escalations().empty()) return name;
                         }
                         return "";
                       }}};
  std::map<std::string, int> recorded;
  const WalkOptions options{.start = Begun, .principals = kActors, .areas = {wrong}};
  std::string violation;
  for (uint64_t seed = 0; seed < 50 && violation.empty(); ++seed) violation = Walk(options, seed, 100, recorded);
  EXPECT_NE(violation.find("no dispute ever escalates: relationships/acme/disputes/"), std::string::npos) << violation;
}

}  // namespace
}  // namespace parley::test
