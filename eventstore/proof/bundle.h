// A bundle: one relationship's history up to a checkpoint, as one reader may see it, with what proves it. A directory of files whose
// bytes follow from relationship, reader and size (and the cosignatures and timestamps there were):
//
//   manifest               "parley/bundle/v1\n" "origin <origin>\n" "reader parties/<party id>\n" or "reader auditor\n" "size <n>\n",
//                          an empty line, then for each other file, in the order of paths: "<SHA-256, hex> <bytes, decimal> <path>\n"
//   checkpoint             the signed note of size n, with its cosignatures
//   checkpoints/<size>     every earlier note, size with 20 digits
//   timestamps/<size>-<i>  RFC 3161 responses (DER) over the text of the note of that size; size with 20 digits, i = 0, 1, …
//   tile/…                 hashes: C2SP tlog-tiles
//   tile/entries/…         headers, each after its length as u16, big-endian
//   parts/…                beside them, cut alike: per entry its parts, each after its length as u32, big-endian: a serialised
//                          BundleParts
//
// A bundle has no keys. Whoever receives it writes the manifest; it only tells damage. Everything else is held by the tree: headers
// hash to the root, parts to the headers' commitments (sealed ones to the hash in the record).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventstore/proof/tile.h"
#include "parley/v1/bundle.pb.h"
#include "parley/v1/entry.pb.h"

namespace parley {

inline constexpr std::string_view kManifestPath = "manifest";
inline constexpr std::string_view kCheckpointPath = "checkpoint";

std::string CheckpointPath(uint64_t size);
std::string TimestampPath(uint64_t size, size_t index);
// The other way round; nullopt for anything else.
std::optional<uint64_t> SizeOfCheckpointPath(std::string_view path);
struct TimestampId {
  uint64_t size = 0;
  uint64_t index = 0;
};
std::optional<TimestampId> ParseTimestampPath(std::string_view path);

// Whether `path` is of one of the forms above, the manifest excepted. All of them are relative and lead nowhere else, so that what
// comes from others may be written there.
bool IsBundlePath(std::string_view path);

// More than a bundle ever has: 256 entries of 1 MiB, which is what a commit takes at most, and what is around them. What is larger
// is refused before it is read.
inline constexpr uint64_t kMaxBundleFileBytes = uint64_t{257} << 20;
// So many entries a bundle has at most: what comes from others names a size before it has shown anything.
inline constexpr uint64_t kMaxBundleEntries = uint64_t{1} << 26;
inline constexpr uint64_t kMaxManifestBytes = uint64_t{128} << 20;

// The files under tile/ and parts/ that a bundle of `size` entries has, in the order of paths, which is that of their bytes: first
// parts/, then tile/0/, …, tile/entries/.
std::vector<TileId> TilesOfBundle(uint64_t size);
// How many entries the tile of entries `index` has in a tree of `size`.
uint32_t EntryTileWidth(uint64_t size, uint64_t index);

// What the manifest says.
struct BundleManifest {
  struct File {
    std::string sha256;  // 32 bytes.
    uint64_t bytes = 0;
    bool operator==(const File&) const = default;
  };
  std::string origin;
  std::string reader;  // Party id; empty: an auditor.
  uint64_t size = 0;
  std::map<std::string, File, std::less<>> files;  // By path.

  std::string ToText() const;
  // INVALID_ARGUMENT unless `text` is what ToText() makes of something, every path in it IsBundlePath, no file larger than
  // kMaxBundleFileBytes, no size above kMaxBundleEntries.
  static absl::StatusOr<BundleManifest> Parse(std::string_view text);
  bool operator==(const BundleManifest&) const = default;
};

// A part that was erased, or that a reader does not get: neither salt, content nor sealed text.
bool IsMissing(const v1::StoredPart& part);

// An entry as one reader sees it: `withheld` where its parts are another party's.
v1::StoredEntry ForReader(const v1::StoredEntry& entry, bool withheld);

// The two files of up to 256 entries. Headers are shorter than 64 KiB: the log's are, since a commit has at most 1,000 parts.
std::string EncodeHeaders(const std::vector<v1::StoredEntry>& entries);
std::string EncodeParts(const std::vector<v1::StoredEntry>& entries);
// Puts them together again. INVALID_ARGUMENT where a file is malformed, not the very bytes that the functions above make, or the two
// do not hold as many entries, or an entry has more parts than any header commits to.
absl::StatusOr<std::vector<v1::StoredEntry>> DecodeEntries(std::string_view headers, std::string_view parts);

// A bundle in a directory, read. Immutable; reads files when asked.
class BundleDir {
 public:
  // NOT_FOUND, INVALID_ARGUMENT: no bundle, or no manifest that parses.
  static absl::StatusOr<BundleDir> Open(const std::string& path);
  const std::string& path() const { return path_; }
  const BundleManifest& manifest() const { return manifest_; }
  // A file's bytes; INVALID_ARGUMENT where they are not what the manifest says, or it names no such file.
  absl::StatusOr<std::string> Read(std::string_view file) const;
  // Entries [256 * tile, …), as many as the tile holds; INVALID_ARGUMENT as above, or where the bundle has no such tile.
  absl::StatusOr<std::vector<v1::StoredEntry>> ReadEntries(uint64_t tile) const;
  // What is there and not in the manifest, or is no regular file, and what is not there, in the order of paths. Empty: as it should
  // be.
  absl::StatusOr<std::vector<std::string>> StrayFiles() const;

 private:
  std::string path_;
  BundleManifest manifest_;
};

}  // namespace parley
