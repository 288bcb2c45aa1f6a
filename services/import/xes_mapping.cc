#include "services/import/xes_mapping.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "eventstore/base/resource_name.h"
#include "eventstore/base/status.h"
#include "services/import/import_error.h"
#include "services/import/json_tree.h"

namespace parley {
namespace {

constexpr std::string_view kDefault = R"({
  "version": 1,
  "source": "incidents",
  "activity": "concept:name",
  "status": "lifecycle:transition",
  "team": "org:group",
  "site": "resource country",
  "person": "org:resource",
  "org_line": "organization involved",
  "parties": {},
  "default_party": "provider",
  "waiting": ["Wait - User"],
  "metrics": [{
    "id": "resolved-within-5-days",
    "title": "Incidents resolved within 5 days",
    "resolved": ["Resolved", "Closed", "In Call"],
    "within_hours": 120,
    "expected_percent": 50,
    "target_percent": 70
  }]
}
)";
constexpr size_t kMaxMappingBytes = 1 << 20;
constexpr int64_t kMaxHours = 10 * 366 * 24;

absl::Status Invalid(std::string_view member, std::string_view why) {
  return ImportError(ImportProblem::kInvalidMapping, 0,
                     absl::StrCat("mapping: ", std::string(member), ": ", std::string(why)));
}

// Reads one object's members and then tells which ones it did not know.
class Members {
 public:
  Members(const JsonNode& node, std::string path) : node_(node), path_(std::move(path)) {}

  std::string Name(std::string_view key) const { return path_ + std::string(key); }
  const JsonNode* Find(std::string_view key) {
    known_.insert(std::string(key));
    return node_.Find(key);
  }
  // Empty where it is not there.
  absl::StatusOr<std::string> String(std::string_view key) {
    const JsonNode* node = Find(key);
    if (node == nullptr) return std::string();
    if (!node->is_string() || node->text.empty()) return Invalid(Name(key), "must be a string that is not empty");
    return node->text;
  }
  absl::StatusOr<std::string> Slug(std::string_view key) {
    PARLEY_ASSIGN_OR_RETURN(std::string text, String(key));
    if (!IsSlug(text)) return Invalid(Name(key), "must be lower-case letters, digits and hyphens");
    return text;
  }
  absl::StatusOr<std::optional<int64_t>> Integer(std::string_view key, int64_t least, int64_t most) {
    const JsonNode* node = Find(key);
    if (node == nullptr) return std::optional<int64_t>();
    int64_t value = 0;
    if (!node->is_number() || !absl::SimpleAtoi(node->text, &value) || value < least || value > most) {
      return Invalid(Name(key), absl::StrCat("must be a whole number from ", least, " to ", most));
    }
    return std::optional<int64_t>(value);
  }
  absl::StatusOr<std::set<std::string, std::less<>>> Strings(std::string_view key) {
    std::set<std::string, std::less<>> values;
    const JsonNode* node = Find(key);
    if (node == nullptr) return values;
    if (!node->is_array()) return Invalid(Name(key), "must be a list of strings");
    for (const auto& [unused, item] : node->children) {
      if (!item->is_string() || item->text.empty()) return Invalid(Name(key), "must be a list of strings");
      if (!values.insert(item->text).second) return Invalid(Name(key), "lists a value twice");
    }
    return values;
  }
  absl::Status NothingElse() const {
    for (const auto& [key, value] : node_.children) {
      if (!known_.contains(key)) return Invalid(Name(key), "is not a member that a mapping has");
    }
    return absl::OkStatus();
  }

 private:
  const JsonNode& node_;
  const std::string path_;
  std::set<std::string, std::less<>> known_;
};

absl::StatusOr<XesMetric> ParseMetric(const JsonNode& node, const std::string& path) {
  if (!node.is_object()) return Invalid(path, "must be an object");
  Members members(node, path + ".");
  XesMetric metric;
  PARLEY_ASSIGN_OR_RETURN(metric.id, members.Slug("id"));
  PARLEY_ASSIGN_OR_RETURN(metric.title, members.String("title"));
  if (metric.title.empty()) return Invalid(members.Name("title"), "is missing");
  PARLEY_ASSIGN_OR_RETURN(metric.resolved, members.Strings("resolved"));
  if (metric.resolved.empty()) return Invalid(members.Name("resolved"), "must list at least one status");
  PARLEY_ASSIGN_OR_RETURN(std::optional<int64_t> hours, members.Integer("within_hours", 1, kMaxHours));
  if (!hours) return Invalid(members.Name("within_hours"), "is missing");
  metric.within_hours = *hours;
  PARLEY_ASSIGN_OR_RETURN(metric.expected_percent, members.Integer("expected_percent", 0, 100));
  PARLEY_ASSIGN_OR_RETURN(metric.target_percent, members.Integer("target_percent", 0, 100));
  if (metric.expected_percent && metric.target_percent && *metric.expected_percent > *metric.target_percent) {
    return Invalid(members.Name("target_percent"), "must not be below expected_percent");
  }
  PARLEY_RETURN_IF_ERROR(members.NothingElse());
  return metric;
}

absl::Status ParseParties(const JsonNode* node, XesMapping& mapping) {
  if (node == nullptr) return absl::OkStatus();
  if (!node->is_object()) return Invalid("parties", "must be an object from org line to party id");
  for (const auto& [org_line, party] : node->children) {
    if (!party->is_string() || !IsSlug(party->text)) {
      return Invalid("parties." + org_line, "must be a party id: lower-case letters, digits and hyphens");
    }
    mapping.parties[org_line] = party->text;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<XesMapping> XesMapping::Parse(std::string_view json) {
  PARLEY_ASSIGN_OR_RETURN(std::unique_ptr<JsonNode> root, ParseJson(json));
  if (!root->is_object()) return Invalid("the file", "must be an object");
  Members members(*root, "");
  XesMapping mapping;
  PARLEY_ASSIGN_OR_RETURN(std::optional<int64_t> version, members.Integer("version", 1, 1));
  if (!version) return Invalid("version", "is missing");
  PARLEY_ASSIGN_OR_RETURN(mapping.source, members.Slug("source"));
  PARLEY_ASSIGN_OR_RETURN(mapping.activity, members.String("activity"));
  if (mapping.activity.empty()) return Invalid("activity", "is missing");
  PARLEY_ASSIGN_OR_RETURN(mapping.status, members.String("status"));
  PARLEY_ASSIGN_OR_RETURN(mapping.team, members.String("team"));
  PARLEY_ASSIGN_OR_RETURN(mapping.site, members.String("site"));
  PARLEY_ASSIGN_OR_RETURN(mapping.person, members.String("person"));
  PARLEY_ASSIGN_OR_RETURN(mapping.org_line, members.String("org_line"));
  PARLEY_RETURN_IF_ERROR(ParseParties(members.Find("parties"), mapping));
  PARLEY_ASSIGN_OR_RETURN(mapping.default_party, members.String("default_party"));
  if (!mapping.default_party.empty() && !IsSlug(mapping.default_party)) {
    return Invalid("default_party", "must be lower-case letters, digits and hyphens");
  }
  if (mapping.default_party.empty() && mapping.parties.empty()) {
    return Invalid("default_party", "is missing, and parties lists none");
  }
  if (!mapping.parties.empty() && mapping.org_line.empty()) {
    return Invalid("org_line", "is missing, but parties depends on it");
  }
  PARLEY_ASSIGN_OR_RETURN(mapping.waiting, members.Strings("waiting"));
  if (const JsonNode* metrics = members.Find("metrics"); metrics != nullptr) {
    if (!metrics->is_array()) return Invalid("metrics", "must be a list");
    std::set<std::string> ids;
    for (const auto& [unused, node] : metrics->children) {
      const std::string path = absl::StrCat("metrics[", mapping.metrics.size(), "]");
      PARLEY_ASSIGN_OR_RETURN(XesMetric metric, ParseMetric(*node, path));
      if (!ids.insert(metric.id).second) return Invalid(path + ".id", "stands twice");
      mapping.metrics.push_back(std::move(metric));
    }
  }
  if (mapping.status.empty() && (!mapping.waiting.empty() || !mapping.metrics.empty())) {
    return Invalid("status", "is missing, but waiting or metrics depend on it");
  }
  PARLEY_RETURN_IF_ERROR(members.NothingElse());
  return mapping;
}

absl::StatusOr<XesMapping> XesMapping::Load(const std::string& path) {
  PARLEY_ASSIGN_OR_RETURN(std::string text, ReadWholeFile(path, kMaxMappingBytes));
  return Parse(text);
}

XesMapping XesMapping::Default() { return Parse(kDefault).value(); }

std::string_view XesMapping::DefaultJson() { return kDefault; }

XesOptions XesMapping::ReaderOptions() const {
  XesOptions options;
  for (const std::string& key : {activity, status, team, site, org_line}) {
    if (!key.empty()) options.keep.insert(key);
  }
  if (!person.empty()) options.person_keys.insert(person);
  return options;
}

absl::StatusOr<ImportedActivity> MapEvent(const XesMapping& mapping, const XesTrace& trace, const XesEvent& event) {
  ImportedActivity out;
  out.activity = std::string(event.Value(mapping.activity));
  if (out.activity.empty()) {
    return ImportError(ImportProblem::kMissingIdentifier, event.line,
                       absl::StrCat("an event without the activity attribute ", mapping.activity));
  }
  const auto party = mapping.parties.find(event.Value(mapping.org_line));
  out.party = party != mapping.parties.end() ? party->second : mapping.default_party;
  if (out.party.empty()) {
    return ImportError(ImportProblem::kInvalidMapping, event.line,
                       "the event's org line is not in the mapping's parties, and there is no default_party");
  }
  out.source = mapping.source;
  out.source_id = absl::StrCat(trace.case_id, ".", event.index_in_case);
  out.case_id = trace.case_id;
  out.status = std::string(event.Value(mapping.status));
  out.team = std::string(event.Value(mapping.team));
  out.site = std::string(event.Value(mapping.site));
  out.person = std::string(event.Value(mapping.person));
  out.time = event.time;
  out.waiting = mapping.IsWaiting(event);
  return out;
}

}  // namespace parley
