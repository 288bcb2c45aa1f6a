#include "services/import/ocds_versions.h"

#include <map>
#include <optional>
#include <utility>

#include "services/import/xes_reader.h"

namespace parley {
namespace {

constexpr size_t kMaxNodes = 4'000'000;

// When a value was set: orders releases of the same date by id.
using Moment = std::pair<absl::Time, std::string>;

bool IsVersionList(const JsonNode& node) {
  if (!node.is_array() || node.children.empty()) return false;
  for (const auto& [unused, version] : node.children) {
    if (version->Find("releaseID") == nullptr || version->Find("releaseDate") == nullptr) return false;
  }
  return true;
}

std::optional<Moment> MomentOf(const JsonNode& version) {
  const JsonNode* id = version.Find("releaseID");
  const JsonNode* date = version.Find("releaseDate");
  if (!id->is_string() || !date->is_string()) return std::nullopt;
  const std::optional<absl::Time> time = ParseImportedTime(date->text);
  if (!time) return std::nullopt;
  return Moment(*time, id->text);
}

// Finds every release that set something, and counts nodes.
void Collect(JsonNode& node, std::map<Moment, std::vector<std::string>>& releases, size_t& nodes) {
  ++nodes;
  const bool versions = IsVersionList(node);
  for (auto& [unused, child] : node.children) {
    Collect(*child, releases, nodes);
    if (!versions) continue;
    const std::optional<Moment> moment = MomentOf(*child);
    if (!moment) continue;
    std::vector<std::string> tags;
    if (JsonNode* tag = child->Find("releaseTag"); tag != nullptr && tag->is_array()) {
      for (auto& [index, item] : tag->children) {
        if (item->is_string()) tags.push_back(item->Use());
      }
    }
    child->Find("releaseID")->Use();
    child->Find("releaseDate")->Use();
    releases.emplace(*moment, std::move(tags));
  }
}

std::unique_ptr<JsonNode> Clone(JsonNode& node) {
  auto copy = std::make_unique<JsonNode>();
  copy->kind = node.kind;
  copy->text = node.text;
  copy->origin = &node;
  for (auto& [key, child] : node.children) copy->children.emplace_back(key, Clone(*child));
  return copy;
}

bool HasVersions(const JsonNode& node) {
  if (IsVersionList(node)) return true;
  for (const auto& [unused, child] : node.children) {
    if (HasVersions(*child)) return true;
  }
  return false;
}

// What `node` was right after `at`; nullptr where nothing of it had been set yet. What has no versions was always
// there.
std::unique_ptr<JsonNode> AsOf(JsonNode& node, const Moment& at) {
  if (IsVersionList(node)) {
    JsonNode* value = nullptr;
    Moment latest(absl::InfinitePast(), "");
    for (auto& [unused, version] : node.children) {
      const std::optional<Moment> moment = MomentOf(*version);
      if (!moment || *moment > at || *moment < latest) continue;
      latest = *moment;
      value = version->Find("value");
    }
    return value != nullptr && value->kind != JsonNode::Kind::kNull ? Clone(*value) : nullptr;
  }
  if (node.is_leaf() || !HasVersions(node)) return Clone(node);
  auto copy = std::make_unique<JsonNode>();
  copy->kind = node.kind;
  bool set = false;
  for (size_t i = 0; i < node.children.size(); ++i) {
    auto& [key, child] = node.children[i];
    std::unique_ptr<JsonNode> then = AsOf(*child, at);
    if (then == nullptr) continue;
    set = set || HasVersions(*child);
    copy->children.emplace_back(node.is_array() ? std::to_string(i) : key, std::move(then));
  }
  return set ? std::move(copy) : nullptr;
}

}  // namespace

std::vector<OcdsSnapshot> SnapshotsOf(JsonNode& versioned) {
  std::map<Moment, std::vector<std::string>> releases;
  size_t nodes = 0;
  Collect(versioned, releases, nodes);
  std::vector<OcdsSnapshot> snapshots;
  if (nodes * releases.size() > kMaxNodes) return snapshots;
  for (auto& [moment, tags] : releases) {
    std::unique_ptr<JsonNode> tree = AsOf(versioned, moment);
    if (tree == nullptr) continue;
    snapshots.push_back({moment.second, moment.first, std::move(tags), std::move(tree)});
  }
  return snapshots;
}

}  // namespace parley
