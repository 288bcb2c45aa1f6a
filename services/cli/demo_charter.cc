// How the two govern themselves, and what a year taught them about it.
#include "services/cli/demo_cast.h"
#include "services/cli/demo_chapters.h"

namespace parley::demo {
namespace {

using Relationships = v1::RelationshipService::Stub;

// "acme/vmo-lead"
struct Role {
  const char* party;
  const char* role;
};

constexpr Role kVmo{kBuyer, "vmo-lead"};
constexpr Role kCfo{kBuyer, "cfo-delegate"};
constexpr Role kOwner{kBuyer, "service-owner"};
constexpr Role kContracts{kBuyer, "contract-manager"};
constexpr Role kBusiness{kBuyer, "business-lead"};
constexpr Role kAccount{kProvider, "account-lead"};
constexpr Role kDelivery{kProvider, "delivery-manager"};
constexpr Role kService{kProvider, "service-manager"};
constexpr Role kFinance{kProvider, "finance-lead"};
constexpr Role kSolutions{kProvider, "solution-architect"};

// Who has which say up to an amount; 0: without end.
struct Band {
  int64_t up_to;
  std::vector<Role> recommend;
  std::vector<Role> agree;
  std::vector<Role> input;
  std::vector<Role> perform;
  Role decide;
};

void AddForum(v1::Charter& charter, const char* id, const char* display_name, v1::ForumLevel level, int cadence_days,
              int members) {
  v1::Forum& forum = *charter.add_forums();
  forum.set_forum_id(id);
  forum.set_display_name(display_name);
  forum.set_level(level);
  forum.set_cadence_days(cadence_days);
  for (const char* party : {kBuyer, kProvider}) {
    v1::Quorum& quorum = *forum.add_quorums();
    quorum.set_party_id(party);
    quorum.set_members(members);
  }
}

void AddTier(v1::Charter& charter, const char* id, const char* display_name, const char* forum, int days,
             bool precondition) {
  v1::EscalationTier& tier = *charter.add_escalation_tiers();
  tier.set_tier_id(id);
  tier.set_display_name(display_name);
  tier.set_forum_id(forum);
  tier.mutable_window()->set_seconds(days * 86'400);
  tier.set_precondition(precondition);
}

void Give(v1::AmountBand& band, v1::DecisionRole right, const std::vector<Role>& holders) {
  for (const Role& holder : holders) {
    v1::DecisionRight& entry = *band.add_rights();
    entry.set_decision_role(right);
    entry.mutable_holder()->set_party_id(holder.party);
    entry.mutable_holder()->set_role(holder.role);
  }
}

v1::DecisionClass& AddClass(v1::Charter& charter, const char* id, const char* display_name,
                            std::initializer_list<const char*> grounds, int review_days,
                            const std::vector<Band>& bands) {
  v1::DecisionClass& added = *charter.add_decision_classes();
  added.set_class_id(id);
  added.set_display_name(display_name);
  for (const char* ground : grounds) added.add_agree_grounds(ground);
  if (review_days > 0) added.mutable_review_after()->set_seconds(review_days * 86'400);
  int64_t from = 0;
  for (const Band& rights : bands) {
    v1::AmountBand& band = *added.add_bands();
    *band.mutable_from() = Eur(from);
    if (rights.up_to > 0) *band.mutable_to() = Eur(rights.up_to);
    Give(band, v1::DECISION_ROLE_RECOMMEND, rights.recommend);
    Give(band, v1::DECISION_ROLE_AGREE, rights.agree);
    Give(band, v1::DECISION_ROLE_INPUT, rights.input);
    Give(band, v1::DECISION_ROLE_PERFORM, rights.perform);
    Give(band, v1::DECISION_ROLE_DECIDE, {rights.decide});
    from = rights.up_to;
  }
  return added;
}

// What differs between the versions.
struct Terms {
  int64_t small_change;   // Below this, a change is decided where the work is done.
  int tactical_days;      // The steering committee's window.
  bool innovation_class;  // Joint innovation is the provider's to decide.
};

v1::Charter MakeCharter(const Terms& terms) {
  v1::Charter charter;
  charter.set_currency_code("EUR");
  AddForum(charter, "executive-board", "Executive board", v1::FORUM_LEVEL_STRATEGIC, 90, 2);
  AddForum(charter, "steering-committee", "Steering committee", v1::FORUM_LEVEL_TACTICAL, 30, 2);
  AddForum(charter, "service-review", "Service review", v1::FORUM_LEVEL_OPERATIONAL, 7, 1);

  auto& change = AddClass(charter, "change", "Changes to the service", {"security", "regulatory", "capacity"}, 90,
                          {{terms.small_change, {kOwner, kService}, {kDelivery}, {kBusiness}, {kDelivery}, kOwner},
                           {250'000, {kOwner, kService, kSolutions}, {kAccount}, {kBusiness}, {kDelivery}, kVmo},
                           {0, {kOwner, kSolutions}, {kAccount, kVmo}, {kBusiness, kContracts}, {kDelivery}, kCfo}});
  change.mutable_override_by()->set_party_id(kCfo.party);
  change.mutable_override_by()->set_role(kCfo.role);
  AddClass(charter, "commercial", "Prices, credits and the contract's scope", {"budget", "contract"}, 180,
           {{50'000, {kContracts, kFinance}, {kFinance}, {}, {kContracts}, kVmo},
            {0, {kContracts, kFinance}, {kAccount, kVmo}, {kOwner}, {kContracts}, kCfo}});
  AddClass(charter, "people", "Key people", {"skills", "key-person-clause"}, 0,
           {{0, {kAccount, kOwner}, {kOwner}, {kBusiness}, {kAccount}, kAccount}});
  AddClass(charter, "governance", "How we govern ourselves", {"charter"}, 180, {{0, {}, {kAccount}, {}, {}, kVmo}});
  if (terms.innovation_class) {
    AddClass(charter, "innovation", "Joint innovation", {"budget"}, 120,
             {{0, {kSolutions, kOwner}, {kVmo}, {kBusiness}, {kSolutions}, kAccount}});
  }

  AddTier(charter, "operational", "Service managers", "service-review", 10, true);
  AddTier(charter, "tactical", "Steering committee", "steering-committee", terms.tactical_days, false);
  AddTier(charter, "executive", "Executive board", "executive-board", 30, false);
  charter.mutable_acknowledgement_window()->set_seconds(5 * 86'400);
  charter.mutable_report_window()->set_seconds(10 * 86'400);
  return charter;
}

void Propose(Agenda& agenda, const When& when, const Person& who, const Terms& terms) {
  v1::ProposeCharterRequest request;
  request.set_name(agenda.root());
  *request.mutable_charter() = MakeCharter(terms);
  agenda.Add(when, who, &Relationships::ProposeCharter, "relationship", request);
}

void Adopt(Agenda& agenda, const When& when, const Person& who, int version) {
  v1::AdoptCharterRequest request;
  request.set_name(agenda.root());
  request.set_version(version);
  agenda.Add(when, who, &Relationships::AdoptCharter, "relationship", request);
}

}  // namespace

void TellCharter(Agenda& agenda) {
  const Terms first = {.small_change = 25'000, .tactical_days = 15, .innovation_class = false};
  Propose(agenda, {kSetup, 4, 2}, kVmoLead, first);
  Adopt(agenda, {kSetup, 6, 3}, kVmoLead, 1);
  Adopt(agenda, {kSetup, 8, 1}, kAccountLead, 1);

  // After a year the buyer wants small changes decided below. The provider signs only with a say over innovation.
  Propose(agenda, {12, 5}, kVmoLead, {.small_change = 40'000, .tactical_days = 10, .innovation_class = false});
  Adopt(agenda, {12, 5, 10}, kVmoLead, 2);
  Propose(agenda, {12, 14}, kAccountLead, {.small_change = 40'000, .tactical_days = 10, .innovation_class = true});
  Adopt(agenda, {12, 14, 10}, kAccountLead, 3);
  Adopt(agenda, {12, 21, 16}, kVmoLead, 3);
}

}  // namespace parley::demo
