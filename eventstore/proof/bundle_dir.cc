// Reading a bundle's directory.
#include <algorithm>
#include <filesystem>
#include <system_error>

#include "eventstore/base/file.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/status.h"
#include "eventstore/proof/bundle.h"

namespace parley {
namespace {

namespace fs = std::filesystem;

}  // namespace

absl::StatusOr<BundleDir> BundleDir::Open(const std::string& path) {
  auto text = ReadFile(path + "/" + std::string(kManifestPath), kMaxManifestBytes);
  if (absl::IsNotFound(text.status())) return absl::NotFoundError("there is no bundle in " + path);
  PARLEY_RETURN_IF_ERROR(text.status());
  BundleDir dir;
  dir.path_ = path;
  PARLEY_ASSIGN_OR_RETURN(dir.manifest_, BundleManifest::Parse(*text));
  return dir;
}

absl::StatusOr<std::string> BundleDir::Read(std::string_view file) const {
  const auto found = manifest_.files.find(file);
  if (found == manifest_.files.end()) {
    return absl::InvalidArgumentError("the manifest has no file " + std::string(file));
  }
  const auto& [name, expected] = *found;
  auto bytes = ReadFile(path_ + "/" + name, expected.bytes);
  if (!bytes.ok()) return absl::InvalidArgumentError(std::string(bytes.status().message()));
  if (bytes->size() != expected.bytes || Sha256(*bytes) != expected.sha256) {
    return absl::InvalidArgumentError(name + " is not what the manifest says");
  }
  return bytes;
}

absl::StatusOr<std::vector<v1::StoredEntry>> BundleDir::ReadEntries(uint64_t tile) const {
  const uint32_t width = EntryTileWidth(manifest_.size, tile);
  if (width == 0) return absl::InvalidArgumentError("the bundle has no tile " + std::to_string(tile));
  const std::string headers_path = TileId{TileId::Kind::kEntries, 0, tile, width}.Path();
  PARLEY_ASSIGN_OR_RETURN(const std::string headers, Read(headers_path));
  PARLEY_ASSIGN_OR_RETURN(const std::string parts, Read(TileId{TileId::Kind::kParts, 0, tile, width}.Path()));
  auto entries = DecodeEntries(headers, parts);
  if (!entries.ok()) return absl::InvalidArgumentError(headers_path + ": " + std::string(entries.status().message()));
  if (entries->size() != width) return absl::InvalidArgumentError(headers_path + " does not hold as many entries");
  return entries;
}

absl::StatusOr<std::vector<std::string>> BundleDir::StrayFiles() const {
  std::vector<std::string> there, stray;
  std::error_code error;
  fs::recursive_directory_iterator it(path_, error);
  for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    std::error_code ignored;  // What cannot be looked at is no directory, and listed.
    const fs::file_type type = it->symlink_status(ignored).type();
    if (type == fs::file_type::directory) continue;
    // A link, say, would lead to what is not in the bundle, and may be something else tomorrow.
    const std::string file = it->path().lexically_relative(path_).string();
    (type == fs::file_type::regular ? there : stray).push_back(file);
  }
  if (error) return absl::UnavailableError("cannot list " + path_ + ": " + error.message());
  std::sort(there.begin(), there.end());
  for (const std::string& file : there) {
    if (file != kManifestPath && !manifest_.files.contains(file)) stray.push_back(file);
  }
  for (const auto& [file, unused] : manifest_.files) {
    if (!std::binary_search(there.begin(), there.end(), file)) stray.push_back(file);
  }
  std::sort(stray.begin(), stray.end());
  stray.erase(std::unique(stray.begin(), stray.end()), stray.end());
  return stray;
}

}  // namespace parley
