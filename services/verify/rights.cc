#include "services/verify/rights.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "eventstore/base/proto_util.h"
#include "parley/v1/decision.pb.h"
#include "parley/v1/relationship.pb.h"
#include "services/aggregate/context.h"
#include "services/relationship/charter.h"

namespace parley {
namespace {

// "PERMISSION_CONTRIBUTE" -> "contribute".
std::string ShortName(const std::string& name, std::string_view prefix) {
  std::string out = absl::AsciiStrToLower(name.substr(prefix.size()));
  std::replace(out.begin(), out.end(), '_', '-');
  return out;
}

std::string RefText(const v1::RoleRef& role) { return absl::StrCat(role.role(), " of ", role.party_id()); }

std::string MoneyText(const google::type::Money& money) {
  std::string out = absl::StrCat(money.currency_code(), " ", money.units());
  if (money.nanos() != 0) {
    std::string nanos = std::to_string(1'000'000'000 + std::abs(money.nanos())).substr(1);
    nanos.erase(nanos.find_last_not_of('0') + 1);
    absl::StrAppend(&out, ".", nanos);
  }
  return out;
}

std::string BandText(const v1::AmountBand& band) {
  if (!band.has_from() && !band.has_to()) return "whatever the amount";
  std::string out = band.has_from() ? "from " + MoneyText(band.from()) : "from nothing";
  if (band.has_to()) out += " up to " + MoneyText(band.to());
  return out;
}

const v1::CharterVersion* CharterAt(const v1::Relationship& relationship, int32_t version) {
  if (version < 1 || version > relationship.charters_size()) return nullptr;
  return &relationship.charters(version - 1);
}

std::string InForceSince(const v1::CharterVersion& charter) {
  return absl::StrCat(
      "charter version ", charter.version(),
      charter.has_bind_time() ? ", in force since " + Rfc3339(FromProto(charter.bind_time())) : ", not signed by all");
}

// The clause of the charter under which a decision stands: its class and amount, and who holds which right there.
void AddClause(const v1::Relationship& relationship, const v1::Decision& decision, const EventInfo& info,
               std::vector<std::string>& lines) {
  const v1::CharterVersion* charter = CharterAt(relationship, decision.charter_version());
  const v1::DecisionClass* decision_class =
      charter == nullptr ? nullptr : FindClass(charter->charter(), decision.class_id());
  const v1::AmountBand* band =
      decision_class == nullptr ? nullptr : FindBand(charter->charter(), *decision_class, decision.amount());
  if (band == nullptr) {
    lines.push_back("no clause of a charter has a decision of class " + decision.class_id());
    return;
  }
  lines.push_back(absl::StrCat(InForceSince(*charter), ", pinned when the decision was proposed: class ",
                               decision.class_id(), ", ", BandText(*band)));
  std::vector<std::string> held;
  for (const v1::DecisionRight& right : band->rights()) {
    const std::string name = ShortName(v1::DecisionRole_Name(right.decision_role()), "DECISION_ROLE_");
    lines.push_back(absl::StrCat("  ", name, ": ", RefText(right.holder())));
    if (right.holder().party_id() == info.party && right.holder().role() == info.role) held.push_back(name);
  }
  if (decision_class->has_override_by()) {
    lines.push_back("  override: " + RefText(decision_class->override_by()));
    if (decision_class->override_by().party_id() == info.party && decision_class->override_by().role() == info.role) {
      held.push_back("override");
    }
  }
  lines.push_back(absl::StrCat("there, ", info.role, " of ", info.party, " may: ",
                               held.empty() ? "nothing but what its permissions allow" : absl::StrJoin(held, ", ")));
}

}  // namespace

std::vector<std::string> RightsOf(const LedgerState& before, const RecordedEvent& event) {
  const EventInfo& info = event.info;
  const v1::Relationship& relationship = before.relationship();
  std::vector<std::string> lines;
  if (info.actor == kSystemActor) lines.push_back("the system itself: no caller may record this");
  for (const v1::RoleGrant& grant : relationship.grants()) {
    if (grant.principal() != info.actor || grant.party_id() != info.party || grant.role() != info.role) continue;
    std::vector<std::string> permissions;
    for (const int permission : grant.permissions()) {
      permissions.push_back(ShortName(v1::Permission_Name(static_cast<v1::Permission>(permission)), "PERMISSION_"));
    }
    lines.push_back(absl::StrCat("role ", grant.role(), " of ", grant.party_id(), ", held by ", grant.principal(),
                                 " since ", Rfc3339(FromProto(grant.grant_time())),
                                 ", may: ", permissions.empty() ? "read" : absl::StrJoin(permissions, ", ")));
  }
  for (const v1::Party& party : relationship.parties()) {
    if (party.has_accept_time() || party.first_member() != info.actor) continue;
    lines.push_back("named as the first member of " + party.party_id() + ", which has not accepted yet");
  }
  if (lines.empty()) {
    lines.push_back("no role: whoever opens the relationship needs none, nor does a person in their own matters");
  }
  if (const auto* decided = event.As<v1::DecisionEvent>()) {
    const auto* decision = before.Find<v1::Decision>(info.stream);
    v1::Decision proposed;
    if (decision == nullptr && decided->has_proposed()) {
      proposed.set_class_id(decided->proposed().class_id());
      *proposed.mutable_amount() = decided->proposed().amount();
      proposed.set_charter_version(decided->proposed().charter_version());
      decision = &proposed;
    }
    if (decision != nullptr) AddClause(relationship, *decision, info, lines);
  } else if (const auto* charter = CharterAt(relationship, relationship.charter_in_force())) {
    lines.push_back(InForceSince(*charter));
  }
  return lines;
}

}  // namespace parley
