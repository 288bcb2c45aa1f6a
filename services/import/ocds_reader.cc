#include "services/import/ocds_reader.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "eventstore/base/status.h"
#include "services/import/import_error.h"
#include "services/import/ocds_fold.h"
#include "services/import/ocds_sections.h"
#include "services/import/ocds_versions.h"
#include "services/import/xes_reader.h"

namespace parley {
namespace {

struct File {
  std::string name;
  std::unique_ptr<JsonNode> root;
};

std::string_view NextSegment(std::string_view& path) {
  const size_t slash = path.find('/');
  const std::string_view segment = path.substr(0, slash);
  path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  return segment;
}

bool IsPersonalPath(std::string_view path) {
  while (!path.empty()) {
    if (IsOcdsPersonal(NextSegment(path))) return true;
  }
  return false;
}

// The release at `node`, with what it must have.
absl::StatusOr<OcdsStatement> StatementOf(JsonNode& node, const std::string& path, OcdsStatement::Rank rank) {
  OcdsStatement statement;
  statement.node = &node;
  statement.path = path;
  statement.rank = rank;
  statement.ocid = node.UseString("ocid");
  statement.release.id = node.UseString("id");
  if (statement.ocid.empty() || statement.release.id.empty()) {
    return ImportError(ImportProblem::kMissingIdentifier, 0, absl::StrCat("OCDS: no ocid or no id at ", path));
  }
  const std::optional<absl::Time> date = ParseImportedTime(node.UseString("date"));
  if (!date) {
    return ImportError(ImportProblem::kMissingTimestamp, 0, absl::StrCat("OCDS: no date with a time zone at ", path));
  }
  statement.release.date = *date;
  if (JsonNode* tags = node.Find("tag"); tags != nullptr && tags->is_array()) {
    for (auto& [unused, tag] : tags->children) {
      if (tag->is_string()) statement.release.tags.push_back(tag->Use());
    }
  }
  return statement;
}

OcdsPackage PackageOf(const JsonNode& root, std::string_view file) {
  OcdsPackage package;
  package.file = std::string(file);
  package.uri = root.UseString("uri");
  package.version = root.UseString("version");
  package.published = root.UseString("publishedDate");
  package.license = root.UseString("license");
  package.policy = root.UseString("publicationPolicy");
  if (const JsonNode* publisher = root.Find("publisher"); publisher != nullptr) {
    package.publisher = publisher->UseString("name");
    package.publisher_scheme = publisher->UseString("scheme");
    package.publisher_uid = publisher->UseString("uid");
    package.publisher_uri = publisher->UseString("uri");
  }
  return package;
}

// Sorts what nobody used into withheld and unplaced.
void ListLeftOvers(const File& file, OcdsHistory& history) {
  ForEachLeaf(*file.root, "", [&](const std::string& path, JsonNode& leaf) {
    if (leaf.used) return;
    if (IsPersonalPath(path)) {
      history.withheld.push_back({file.name, path, "personal data"});
      return;
    }
    std::string reason = "no place for it";
    if (leaf.kind == JsonNode::Kind::kNull) reason = "null";
    if (leaf.is_object() || leaf.is_array()) reason = "empty";
    if (absl::StartsWith(path, "/records/") && absl::StrContains(path, "/releases/")) {
      reason = "of a linked release, which is not fetched";
    }
    history.unplaced.push_back({file.name, path, reason});
  });
}

}  // namespace

class OcdsReader::Impl {
 public:
  absl::Status Add(std::string_view name, std::string_view json, const JsonLimits& limits) {
    File file{std::string(name), nullptr};
    PARLEY_ASSIGN_OR_RETURN(file.root, ParseJson(json, limits));
    JsonNode& root = *file.root;
    if (!root.is_object()) return ImportError(ImportProblem::kMalformed, 0, "OCDS: the file is not an object");
    if (const JsonNode* version = root.Find("version"); version != nullptr && version->text != "1.1") {
      return ImportError(ImportProblem::kUnsupported, 0, "OCDS: only version 1.1 is understood");
    }
    std::vector<OcdsStatement> found;
    std::vector<std::unique_ptr<JsonNode>> made;
    PARLEY_RETURN_IF_ERROR(FindReleases(root.Find("releases"), "/releases", found));
    PARLEY_RETURN_IF_ERROR(FindRecords(root.Find("records"), found, made));
    if (root.Find("releases") == nullptr && root.Find("records") == nullptr) {
      return ImportError(ImportProblem::kMalformed, 0, "OCDS: neither a release package nor a record package");
    }
    for (OcdsStatement& statement : found) statement.file = file.name;
    statements_.insert(statements_.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
    made_.insert(made_.end(), std::make_move_iterator(made.begin()), std::make_move_iterator(made.end()));
    packages_.push_back(PackageOf(root, name));
    files_.push_back(std::move(file));
    return absl::OkStatus();
  }

  OcdsHistory Finish() {
    std::stable_sort(statements_.begin(), statements_.end(), [](const OcdsStatement& a, const OcdsStatement& b) {
      return std::tie(a.ocid, a.release.date, a.rank, a.release.id) <
             std::tie(b.ocid, b.release.date, b.rank, b.release.id);
    });
    OcdsHistory history;
    history.packages = std::move(packages_);
    for (size_t i = 0; i < statements_.size();) {
      OcdsFold fold(statements_[i].ocid, history.unplaced, history.repeated);
      const std::string ocid = statements_[i].ocid;
      for (; i < statements_.size() && statements_[i].ocid == ocid; ++i) fold.Apply(statements_[i]);
      history.contractings.push_back(fold.Finish());
    }
    for (const File& file : files_) ListLeftOvers(file, history);
    return history;
  }

 private:
  static absl::Status FindReleases(JsonNode* list, const std::string& path, std::vector<OcdsStatement>& found) {
    if (list == nullptr) return absl::OkStatus();
    if (!list->is_array()) {
      return ImportError(ImportProblem::kMalformed, 0, absl::StrCat("OCDS: no list at ", path));
    }
    for (size_t i = 0; i < list->children.size(); ++i) {
      JsonNode& release = *list->children[i].second;
      if (release.Find("url") != nullptr) continue;  // A link.
      PARLEY_ASSIGN_OR_RETURN(OcdsStatement statement,
                              StatementOf(release, JsonPath(path, *list, i), OcdsStatement::Rank::kRelease));
      found.push_back(std::move(statement));
    }
    return absl::OkStatus();
  }

  static absl::Status FindRecords(JsonNode* list, std::vector<OcdsStatement>& found,
                                  std::vector<std::unique_ptr<JsonNode>>& made) {
    if (list == nullptr) return absl::OkStatus();
    if (!list->is_array()) return ImportError(ImportProblem::kMalformed, 0, "OCDS: no list at /records");
    for (size_t i = 0; i < list->children.size(); ++i) {
      JsonNode& record = *list->children[i].second;
      const std::string path = JsonPath("/records", *list, i);
      const std::string ocid = record.UseString("ocid");
      if (ocid.empty()) {
        return ImportError(ImportProblem::kMissingIdentifier, 0, absl::StrCat("OCDS: no ocid at ", path));
      }
      PARLEY_RETURN_IF_ERROR(FindReleases(record.Find("releases"), path + "/releases", found));
      if (JsonNode* versioned = record.Find("versionedRelease"); versioned != nullptr) {
        versioned->UseString("ocid");
        for (OcdsSnapshot& snapshot : SnapshotsOf(*versioned)) {
          OcdsStatement statement;
          statement.node = snapshot.tree.get();
          statement.path = path + "/versionedRelease";
          statement.rank = OcdsStatement::Rank::kSnapshot;
          statement.ocid = ocid;
          statement.release = {snapshot.release_id, snapshot.date, std::move(snapshot.tags), "", ""};
          found.push_back(std::move(statement));
          made.push_back(std::move(snapshot.tree));
        }
      }
      if (JsonNode* compiled = record.Find("compiledRelease"); compiled != nullptr) {
        PARLEY_ASSIGN_OR_RETURN(OcdsStatement statement,
                                StatementOf(*compiled, path + "/compiledRelease", OcdsStatement::Rank::kCompiled));
        found.push_back(std::move(statement));
      }
    }
    return absl::OkStatus();
  }

  std::vector<File> files_;
  std::vector<OcdsPackage> packages_;
  std::vector<std::unique_ptr<JsonNode>> made_;  // Trees of snapshots; they point into `files_`.
  std::vector<OcdsStatement> statements_;        // They point into both.
};

OcdsReader::OcdsReader() : impl_(std::make_unique<Impl>()) {}
OcdsReader::~OcdsReader() = default;

absl::Status OcdsReader::Add(std::string_view file, std::string_view json, const JsonLimits& limits) {
  return impl_->Add(file, json, limits);
}

absl::Status OcdsReader::AddFile(const std::string& path, const JsonLimits& limits) {
  PARLEY_ASSIGN_OR_RETURN(std::string text, ReadWholeFile(path, limits.max_bytes));
  return impl_->Add(path, text, limits);
}

OcdsHistory OcdsReader::Finish() {
  OcdsHistory history = impl_->Finish();
  impl_ = std::make_unique<Impl>();
  return history;
}

}  // namespace parley
