#include "services/cli/ocds_plan.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "absl/strings/escaping.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/proto_util.h"
#include "services/cli/import_target.h"
#include "services/cli/text.h"

namespace parley {
namespace {

constexpr char kSource[] = "ocds";
constexpr size_t kLongestSourceId = 256;
constexpr int kLongestTitle = 120;

class Planner {
 public:
  Planner(const OcdsContracting& contracting, const std::string& importer, absl::Time now)
      : contracting_(contracting), importer_(importer), now_(now) {}

  OcdsPlan Run() {
    PlanRelationship();
    for (const OcdsFact& fact : contracting_.facts) Place(fact);
    return std::move(plan_);
  }

 private:
  void PlanRelationship();
  void Place(const OcdsFact& fact);
  void PlaceParty(const OcdsFact& fact);
  void PlaceObjective(const OcdsFact& fact);
  void PlaceActivity(const OcdsFact& fact);
  // Lists what the fact says besides `placed`.
  void Rest(const OcdsFact& fact, const std::set<std::string_view>& placed);
  void Unplace(const OcdsFact& fact, std::string reason) {
    plan_.unplaced.push_back({fact.subject.empty() ? fact.source_id : fact.subject, std::move(reason)});
  }

  const OcdsContracting& contracting_;
  const std::string& importer_;
  const absl::Time now_;
  OcdsPlan plan_;
  std::map<std::string, std::string, std::less<>> party_ids_;  // By the id that the release gives.
  std::string buyer_;                                          // The first buyer's party id.
};

v1::PartyKind KindOf(const OcdsParty& party, const std::string& buyer_id) {
  const auto has = [&](std::string_view role) {
    return std::find(party.roles.begin(), party.roles.end(), role) != party.roles.end();
  };
  if (party.id == buyer_id || has("buyer") || has("procuringEntity")) return v1::PARTY_KIND_BUYER;
  return has("supplier") ? v1::PARTY_KIND_PROVIDER : v1::PARTY_KIND_THIRD_PARTY;
}

void Planner::PlanRelationship() {
  v1::EstablishRelationshipRequest& request = plan_.relationship;
  request.set_relationship_id(Slugged(contracting_.ocid));
  request.set_display_name(contracting_.title.empty() ? contracting_.ocid : contracting_.title);
  request.set_archetype(v1::ARCHETYPE_TRANSACTIONAL);
  const bool contracted = std::any_of(contracting_.facts.begin(), contracting_.facts.end(),
                                      [](const OcdsFact& fact) { return fact.kind == OcdsKind::kContract; });
  request.set_stage(contracted ? v1::STAGE_OPERATING : v1::STAGE_SOURCING);
  request.set_historical(true);
  if (!contracting_.releases.empty()) *request.mutable_effective_at() = ToProto(contracting_.releases.front().date);
  for (const OcdsParty& from : contracting_.parties) {
    std::string id = Slugged(from.id.empty() ? from.name : from.id);
    if (id.empty()) id = "party-" + std::to_string(request.parties_size() + 1);
    party_ids_[from.id] = id;
    auto& party = *request.add_parties();
    party.set_party_id(id);
    party.set_kind(KindOf(from, contracting_.buyer_id));
    party.set_display_name(from.name.empty() ? from.id : from.name);
    party.set_first_member(importer_);
    if (buyer_.empty() && party.kind() == v1::PARTY_KIND_BUYER) buyer_ = id;
  }
}

void Planner::Place(const OcdsFact& fact) {
  switch (fact.kind) {
    case OcdsKind::kParty:
      return PlaceParty(fact);
    case OcdsKind::kPlanning:
      return PlaceObjective(fact);
    case OcdsKind::kTender:
    case OcdsKind::kAward:
    case OcdsKind::kContract:
    case OcdsKind::kAmendment:
    case OcdsKind::kMilestone:
    case OcdsKind::kTransaction:
      return PlaceActivity(fact);
    case OcdsKind::kBudget:
      return Unplace(fact, "budget \"" + fact.what + "\": there is no finance record yet");
    case OcdsKind::kItem:
      return Unplace(fact, "item \"" + fact.what + "\": there is no contract record yet");
    case OcdsKind::kDocument:
      return Unplace(fact, "document \"" + fact.what + "\": there is no contract record yet");
    case OcdsKind::kRelatedProcess:
      return Unplace(fact, "related process \"" + fact.what + "\": relationships are not linked yet");
  }
}

// Parties are placed with the relationship; its register entry, address and the like are not.
void Planner::PlaceParty(const OcdsFact& fact) {
  std::set<std::string_view> placed = {"id", "name"};
  for (const auto& [key, value] : fact.details) {
    if (key.starts_with("roles")) placed.insert(key);
  }
  Rest(fact, placed);
}

void Planner::PlaceObjective(const OcdsFact& fact) {
  const std::string rationale(fact.Detail("rationale"));
  if (rationale.empty() || buyer_.empty()) {
    if (!fact.details.empty()) Unplace(fact, "planning without a rationale or without a buyer");
    return;
  }
  v1::StateObjectiveRequest request;
  request.set_parent("relationships/" + plan_.relationship.relationship_id() + "/parties/" + buyer_);
  request.set_objective_id("planning-" + absl::BytesToHexString(Sha256(rationale)).substr(0, 8));
  request.set_title(Truncate(Printable(rationale), kLongestTitle));
  request.set_description(rationale);
  *request.mutable_effective_at() = ToProto(fact.published);
  request.set_historical(true);
  const auto same = [&](const v1::StateObjectiveRequest& other) {
    return other.objective_id() == request.objective_id();
  };
  if (std::none_of(plan_.objectives.begin(), plan_.objectives.end(), same))
    plan_.objectives.push_back(std::move(request));
  Rest(fact, {"rationale"});
}

void Planner::PlaceActivity(const OcdsFact& fact) {
  const std::string kind(OcdsKindName(fact.kind));
  if (fact.date > now_) return Unplace(fact, kind + " \"" + fact.what + "\": dated in the future");
  v1::Activity activity;
  activity.set_source(kSource);
  activity.set_source_id(fact.source_id.size() <= kLongestSourceId ? fact.source_id
                                                                   : absl::BytesToHexString(Sha256(fact.source_id)));
  activity.set_case_id(contracting_.ocid);
  activity.set_activity(kind + (fact.change ? " changed" : "") + (fact.what.empty() ? "" : ": " + fact.what));
  activity.set_status(std::string(fact.Detail("status")));
  *activity.mutable_time() = ToProto(fact.date);
  std::set<std::string_view> placed = {"id", "status", "title", "date", "dateMet", "dateSigned", "datePublished"};
  for (const std::string_view who : {"payer/id", "procuringEntity/id", "suppliers/0/id"}) {
    const auto party = party_ids_.find(fact.Detail(who));
    if (party == party_ids_.end() || !activity.party_id().empty()) continue;
    activity.set_party_id(party->second);
    placed.insert(who);
  }
  plan_.activities.push_back(std::move(activity));
  Rest(fact, placed);
}

void Planner::Rest(const OcdsFact& fact, const std::set<std::string_view>& placed) {
  std::string left;
  for (const auto& [key, value] : fact.details) {
    // What the activity or objective is called by is in it.
    if (placed.contains(key) || value == fact.what) continue;
    left += (left.empty() ? "" : ", ") + key;
  }
  if (!left.empty()) Unplace(fact, std::string(OcdsKindName(fact.kind)) + ", of which there is no place for: " + left);
}

}  // namespace

OcdsPlan PlanOcds(const OcdsContracting& contracting, const std::string& importer, absl::Time now) {
  return Planner(contracting, importer, now).Run();
}

}  // namespace parley
