#include "services/import/ocds_fold.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/import/xes_reader.h"

namespace parley {
namespace {

using Details = std::vector<std::pair<std::string, std::string>>;

bool HasValue(const JsonNode& node) {
  return node.kind != JsonNode::Kind::kNull && !node.is_object() && !node.is_array();
}

// Takes the leaves at `pattern` below `node` into `details`, under their path from where it began.
void Take(JsonNode& node, std::string_view pattern, const std::string& path, Details& details) {
  if (pattern.empty()) {
    if (HasValue(node)) details.emplace_back(path, node.Use());
    return;
  }
  const size_t slash = pattern.find('/');
  const std::string_view step = pattern.substr(0, slash);
  const std::string_view rest = slash == std::string_view::npos ? "" : pattern.substr(slash + 1);
  const auto below = [&](std::string_view key) {
    return path.empty() ? std::string(key) : absl::StrCat(path, "/", std::string(key));
  };
  if (step != "*") {
    if (JsonNode* child = node.Find(step); child != nullptr) Take(*child, rest, below(step), details);
    return;
  }
  if (!node.is_array()) return;
  for (size_t i = 0; i < node.children.size(); ++i) {
    Take(*node.children[i].second, rest, below(std::to_string(i)), details);
  }
}

std::string_view FirstOf(const Details& details, const std::vector<std::string_view>& keys) {
  for (std::string_view key : keys) {
    for (const auto& [k, v] : details) {
      if (k == key && !v.empty()) return v;
    }
  }
  return {};
}

bool IsCurrency(std::string_view text) {
  return text.size() == 3 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return absl::ascii_isupper(c); });
}

}  // namespace

std::string_view OcdsFact::Detail(std::string_view key) const { return FirstOf(details, {key}); }

OcdsFold::OcdsFold(std::string ocid, std::vector<OcdsLeftOut>& unplaced, uint64_t& repeated)
    : unplaced_(unplaced), repeated_(repeated) {
  out_.ocid = std::move(ocid);
}

void OcdsFold::Apply(const OcdsStatement& statement) {
  statement_ = &statement;
  JsonNode& node = *statement.node;
  OcdsRelease release = statement.release;
  release.initiation_type = node.UseString("initiationType");
  release.language = node.UseString("language");
  const bool known = std::any_of(out_.releases.begin(), out_.releases.end(),
                                 [&](const OcdsRelease& earlier) { return earlier.id == release.id; });
  if (!known) out_.releases.push_back(std::move(release));
  for (const OcdsSection& section : OcdsReleaseSections()) {
    const std::string key(section.key);
    Walk(section, node.Find(section.key), {JsonPath(statement.path, key), key});
  }
  SetBuyer(node.Find("buyer"));
}

void OcdsFold::SetBuyer(const JsonNode* buyer) {
  if (buyer == nullptr) return;
  const std::string id = buyer->UseString("id");
  if (id.empty()) return;
  out_.buyer_id = id;
  const auto [it, added] = party_index_.emplace(JsonPath("parties", id), out_.parties.size());
  if (added) out_.parties.push_back({.id = id, .name = buyer->UseString("name"), .roles = {"buyer"}});
  // Where the parties have another name for it, this one is left over.
  const JsonNode* name = buyer->Find("name");
  if (name != nullptr && name->text == out_.parties[it->second].name) buyer->UseString("name");
}

void OcdsFold::Walk(const OcdsSection& section, JsonNode* node, const Place& place) {
  if (node == nullptr) return;
  if (!node->is_array()) return WalkObject(section, *node, place);
  for (size_t i = 0; i < node->children.size(); ++i) {
    JsonNode& item = *node->children[i].second;
    const JsonNode* id = item.Find("id");
    const std::string name = id != nullptr && HasValue(*id) ? id->text : absl::StrCat("#", i);
    WalkObject(section, item, {JsonPath(place.path, *node, i), JsonPath(place.subject, name)});
  }
}

void OcdsFold::WalkObject(const OcdsSection& section, JsonNode& object, const Place& place) {
  if (!object.is_object()) return;
  AddFact(section, object, place);
  for (const OcdsSection& below : section.sections) {
    const std::string key(below.key);
    Walk(below, object.Find(below.key), {JsonPath(place.path, key), JsonPath(place.subject, key)});
  }
}

void OcdsFold::AddFact(const OcdsSection& section, JsonNode& object, const Place& place) {
  OcdsFact fact;
  for (std::string_view field : section.fields) Take(object, field, "", fact.details);
  if (fact.details.empty()) return;
  fact.kind = section.kind;
  fact.path = place.path;
  fact.subject = place.subject;

  std::map<std::string, std::string>& known = known_[place.subject];
  fact.change = !known.empty();
  bool news = false;
  for (const auto& [field, value] : fact.details) {
    const auto [it, added] = known.emplace(field, value);
    if (!added && it->second == value) continue;
    it->second = value;
    news = true;
  }
  if (!news) {
    ++repeated_;
    return;
  }
  SetAmount(section, object, fact);
  fact.release_id = statement_->release.id;
  fact.published = statement_->release.date;
  fact.date = ParseImportedTime(FirstOf(fact.details, section.dates)).value_or(fact.published);
  fact.what = std::string(FirstOf(fact.details, section.titles));
  if (fact.what.empty()) fact.what = std::string(OcdsKindName(fact.kind));
  fact.source_id = absl::StrCat(fact.release_id, "#", fact.subject);
  // A release may speak of the same thing again, in its versioned form.
  if (const int uses = ++uses_of_source_id_[fact.source_id]; uses > 1) absl::StrAppend(&fact.source_id, "~", uses);
  if (fact.kind == OcdsKind::kParty) UpdateParty(fact);
  UpdateTitle(fact);
  out_.facts.push_back(std::move(fact));
}

void OcdsFold::SetAmount(const OcdsSection& section, const JsonNode& object, OcdsFact& fact) {
  if (section.amount.empty()) return;
  const std::string at(section.amount);
  const JsonNode* value = &object;
  std::string_view rest = section.amount;
  while (value != nullptr && !rest.empty()) {
    const size_t slash = rest.find('/');
    value = value->Find(rest.substr(0, slash));
    rest = slash == std::string_view::npos ? "" : rest.substr(slash + 1);
  }
  const JsonNode* number = value != nullptr ? value->Find("amount") : nullptr;
  if (number == nullptr || !HasValue(*number)) return;
  const std::string_view currency = fact.Detail(at + "/currency");
  const std::optional<Decimal> exact = number->is_number() ? ParseDecimal(number->text) : std::nullopt;
  if (!exact || !IsCurrency(currency)) {
    unplaced_.push_back({statement_->file, absl::StrCat(fact.path, "/", at, "/amount"),
                         exact ? "an amount without an ISO 4217 currency" : "an amount that has no exact value"});
    return;
  }
  fact.amount = OcdsAmount{*exact, std::string(currency), number->text};
}

void OcdsFold::UpdateParty(const OcdsFact& fact) {
  const auto [it, added] = party_index_.emplace(fact.subject, out_.parties.size());
  if (added) out_.parties.emplace_back();
  OcdsParty& party = out_.parties[it->second];
  for (const auto& [field, value] : fact.details) {
    if (field == "id") party.id = value;
    if (field == "name") party.name = value;
    if (field == "identifier/scheme") party.scheme = value;
    if (field == "identifier/id") party.register_id = value;
    if (!absl::StartsWith(field, "roles/")) continue;
    if (std::find(party.roles.begin(), party.roles.end(), value) == party.roles.end()) party.roles.push_back(value);
  }
}

void OcdsFold::UpdateTitle(const OcdsFact& fact) {
  const auto offer = [&](int rank, std::string_view title) {
    if (!title.empty()) titles_[rank] = std::string(title);
  };
  if (fact.kind == OcdsKind::kContract) offer(0, fact.Detail("title"));
  if (fact.kind == OcdsKind::kTender) offer(1, fact.Detail("title"));
  if (fact.kind == OcdsKind::kAward) offer(2, fact.Detail("title"));
  if (fact.kind == OcdsKind::kBudget) offer(3, fact.Detail("project"));
}

OcdsContracting OcdsFold::Finish() {
  if (!titles_.empty()) out_.title = titles_.begin()->second;
  return std::move(out_);
}

}  // namespace parley
