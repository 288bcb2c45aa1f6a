#include "services/relationship/charter.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "eventstore/base/money.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/base/resource_name.h"
#include "eventstore/base/status.h"

namespace parley {
namespace {

// Collects every fault, so that a charter's author sees them all at once.
class Faults {
 public:
  void Add(const std::string& where, const std::string& what) { list_.emplace_back(where, what); }
  absl::Status ToStatus() const {
    if (list_.empty()) return absl::OkStatus();
    Reject reject(v1::REASON_CHARTER_INCOMPLETE,
                  absl::StrCat("the charter has ", list_.size(), " faults, the first at ", list_[0].first, ": ",
                               list_[0].second));
    for (const auto& [where, what] : list_) std::move(reject).Violation(where, what);
    return reject;
  }

 private:
  std::vector<std::pair<std::string, std::string>> list_;
};

bool IsPositive(const google::protobuf::Duration& duration) { return FromProto(duration) > absl::ZeroDuration(); }

void CheckRole(const v1::RoleRef& role, const std::set<std::string>& parties, const std::string& where,
               Faults& faults) {
  if (!parties.contains(role.party_id())) faults.Add(where + ".party_id", "names no party of the relationship");
  if (!IsSlug(role.role())) faults.Add(where + ".role", "must be a lower-case slug");
}

void CheckForum(const v1::Forum& forum, const v1::Relationship& relationship, const std::set<std::string>& parties,
                const std::string& where, Faults& faults) {
  if (!v1::ForumLevel_IsValid(forum.level()) || forum.level() == v1::FORUM_LEVEL_UNSPECIFIED) {
    faults.Add(where + ".level", "must be given");
  }
  if (forum.cadence_days() < 1) faults.Add(where + ".cadence_days", "must be at least 1");
  std::set<std::string> with_quorum;
  for (const auto& quorum : forum.quorums()) {
    if (!parties.contains(quorum.party_id())) faults.Add(where + ".quorums", "names no party of the relationship");
    if (quorum.members() < 1) faults.Add(where + ".quorums", "needs at least one member of each party it names");
    if (!with_quorum.insert(quorum.party_id()).second) faults.Add(where + ".quorums", "names a party twice");
  }
  for (const auto& party : relationship.parties()) {
    if (party.kind() != v1::PARTY_KIND_THIRD_PARTY && !with_quorum.contains(party.party_id())) {
      faults.Add(where + ".quorums", "has none for party " + party.party_id());
    }
  }
}

void CheckBands(const v1::DecisionClass& decision_class, const std::string& currency,
                const std::set<std::string>& parties, const std::string& where, Faults& faults) {
  if (decision_class.bands().empty()) faults.Add(where + ".bands", "must have at least one");
  for (int i = 0; i < decision_class.bands_size(); ++i) {
    const auto& band = decision_class.bands(i);
    const std::string here = absl::StrCat(where, ".bands[", i, "]");
    const bool last = i + 1 == decision_class.bands_size();
    for (const auto* bound : {band.has_from() ? &band.from() : nullptr, band.has_to() ? &band.to() : nullptr}) {
      if (bound && (!IsValidMoney(*bound) || bound->currency_code() != currency)) {
        faults.Add(here, "bounds must be valid amounts in the charter's currency");
      }
    }
    if (i == 0 && !IsZero(band.from())) faults.Add(here + ".from", "the first band starts at zero");
    if (i > 0 && CompareMoney(band.from(), decision_class.bands(i - 1).to()) != 0) {
      faults.Add(here + ".from", "must be where the band before it ends");
    }
    if (band.has_to() == last)
      faults.Add(here + ".to", last ? "the last band has no end" : "only the last band has no end");
    if (band.has_to() && CompareMoney(band.from(), band.to()) >= 0) faults.Add(here + ".to", "must be above from");

    int deciders = 0;
    for (int j = 0; j < band.rights_size(); ++j) {
      const auto& right = band.rights(j);
      if (!v1::DecisionRole_IsValid(right.decision_role()) || right.decision_role() == v1::DECISION_ROLE_UNSPECIFIED) {
        faults.Add(absl::StrCat(here, ".rights[", j, "].decision_role"), "must be given");
      }
      CheckRole(right.holder(), parties, absl::StrCat(here, ".rights[", j, "].holder"), faults);
      if (right.decision_role() == v1::DECISION_ROLE_DECIDE) ++deciders;
    }
    if (deciders != 1) faults.Add(here + ".rights", absl::StrCat("must have exactly one DECIDE, has ", deciders));
  }
}

void CheckClass(const v1::DecisionClass& decision_class, const std::string& currency,
                const std::set<std::string>& parties, const std::string& where, Faults& faults) {
  CheckBands(decision_class, currency, parties, where, faults);
  for (const auto& ground : decision_class.agree_grounds()) {
    if (!IsSlug(ground)) faults.Add(where + ".agree_grounds", "must be lower-case slugs");
  }
  if (decision_class.has_override_by())
    CheckRole(decision_class.override_by(), parties, where + ".override_by", faults);
  if (decision_class.has_review_after() && !IsPositive(decision_class.review_after())) {
    faults.Add(where + ".review_after", "must be positive");
  }
}

// Ids are slugs and unique in their list.
template <class List, class GetId>
void CheckIds(const List& list, const GetId& get_id, const std::string& field, Faults& faults) {
  std::set<std::string> seen;
  for (int i = 0; i < list.size(); ++i) {
    const std::string& id = get_id(list[i]);
    if (!IsSlug(id)) faults.Add(absl::StrCat(field, "[", i, "]"), "its id must be a lower-case slug");
    if (!seen.insert(id).second) faults.Add(absl::StrCat(field, "[", i, "]"), "its id is there twice");
  }
}

}  // namespace

absl::Status CheckCharter(const v1::Charter& charter, const v1::Relationship& relationship) {
  Faults faults;
  std::set<std::string> parties;
  bool buyer = false;
  bool provider = false;
  for (const auto& party : relationship.parties()) {
    parties.insert(party.party_id());
    buyer |= party.kind() == v1::PARTY_KIND_BUYER;
    provider |= party.kind() == v1::PARTY_KIND_PROVIDER;
  }
  if (!buyer || !provider) faults.Add("parties", "at least one buyer and one provider must be admitted");

  google::type::Money probe;
  probe.set_currency_code(charter.currency_code());
  if (!IsValidMoney(probe)) faults.Add("charter.currency_code", "must be three capital letters");

  CheckIds(
      charter.forums(), [](const auto& f) -> const std::string& { return f.forum_id(); }, "charter.forums", faults);
  CheckIds(
      charter.decision_classes(), [](const auto& c) -> const std::string& { return c.class_id(); },
      "charter.decision_classes", faults);
  CheckIds(
      charter.escalation_tiers(), [](const auto& t) -> const std::string& { return t.tier_id(); },
      "charter.escalation_tiers", faults);

  std::set<std::string> forums;
  for (int i = 0; i < charter.forums_size(); ++i) {
    forums.insert(charter.forums(i).forum_id());
    CheckForum(charter.forums(i), relationship, parties, absl::StrCat("charter.forums[", i, "]"), faults);
  }
  if (charter.forums().empty()) faults.Add("charter.forums", "must have at least one");
  if (charter.decision_classes().empty()) faults.Add("charter.decision_classes", "must have at least one");
  for (int i = 0; i < charter.decision_classes_size(); ++i) {
    CheckClass(charter.decision_classes(i), charter.currency_code(), parties,
               absl::StrCat("charter.decision_classes[", i, "]"), faults);
  }
  if (charter.escalation_tiers().empty()) faults.Add("charter.escalation_tiers", "must have at least one");
  for (int i = 0; i < charter.escalation_tiers_size(); ++i) {
    const auto& tier = charter.escalation_tiers(i);
    const std::string where = absl::StrCat("charter.escalation_tiers[", i, "]");
    if (!forums.contains(tier.forum_id())) faults.Add(where + ".forum_id", "names no forum of the charter");
    if (!IsPositive(tier.window())) faults.Add(where + ".window", "must be positive");
  }
  if (!IsPositive(charter.acknowledgement_window())) faults.Add("charter.acknowledgement_window", "must be positive");
  if (!IsPositive(charter.report_window())) faults.Add("charter.report_window", "must be positive");
  return faults.ToStatus();
}

std::set<std::string> PartiesNamedBy(const v1::Charter& charter) {
  std::set<std::string> named;
  for (const auto& forum : charter.forums()) {
    for (const auto& quorum : forum.quorums()) named.insert(quorum.party_id());
  }
  for (const auto& decision_class : charter.decision_classes()) {
    for (const auto& band : decision_class.bands()) {
      for (const auto& right : band.rights()) named.insert(right.holder().party_id());
    }
    if (decision_class.has_override_by()) named.insert(decision_class.override_by().party_id());
  }
  return named;
}

const v1::DecisionClass* FindClass(const v1::Charter& charter, std::string_view class_id) {
  for (const auto& decision_class : charter.decision_classes()) {
    if (decision_class.class_id() == class_id) return &decision_class;
  }
  return nullptr;
}

const v1::AmountBand* FindBand(const v1::Charter& charter, const v1::DecisionClass& decision_class,
                               const google::type::Money& amount) {
  if (!amount.currency_code().empty() && amount.currency_code() != charter.currency_code()) return nullptr;
  if (IsNegative(amount)) return nullptr;
  for (const auto& band : decision_class.bands()) {
    if (!band.has_to() || CompareMoney(amount, band.to()) < 0) return &band;
  }
  return nullptr;
}

}  // namespace parley
