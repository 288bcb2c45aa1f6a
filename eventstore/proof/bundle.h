// A bundle: one relationship's history up to a checkpoint, as one reader may see it, with what proves it. A directory of files whose
// bytes follow from relationship, reader and size (and the cosignatures and timestamps there were):
//
//   manifest               "parley/bundle/v1\n" "origin <origin>\n" "reader <party id, or auditor>\n" "size <n>\n", an empty line,
//                          then for each other file, in the order of paths: "<SHA-256, hex> <bytes, decimal> <path>\n"
//   checkpoint             the signed note of size n, with its cosignatures
//   checkpoints/<size>     every earlier note, size with 20 digits
//   timestamps/<size>-<i>  RFC 3161 responses (DER) over the text of the note of that size
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
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "parley/v1/bundle.pb.h"
#include "parley/v1/entry.pb.h"

namespace parley {

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
  std::map<std::string, File> files;  // By path.

  std::string ToText() const;
  // INVALID_ARGUMENT unless `text` is what ToText() makes of something.
  static absl::StatusOr<BundleManifest> Parse(std::string_view text);
  bool operator==(const BundleManifest&) const = default;
};

std::string CheckpointPath(uint64_t size);
std::string TimestampPath(uint64_t size, size_t index);

// An entry as one reader sees it: `withheld` where its parts are another party's.
v1::StoredEntry ForReader(const v1::StoredEntry& entry, bool withheld);

// The two files of up to 256 entries.
std::string EncodeHeaders(const std::vector<v1::StoredEntry>& entries);
std::string EncodeParts(const std::vector<v1::StoredEntry>& entries);
// Puts them together again. INVALID_ARGUMENT where a file is malformed, not canonical, or the two do not hold as many entries.
absl::StatusOr<std::vector<v1::StoredEntry>> DecodeEntries(std::string_view headers, std::string_view parts);

// A bundle in a directory, read. Immutable; reads files when asked.
class BundleDir {
 public:
  // NOT_FOUND, INVALID_ARGUMENT: no bundle, or no manifest that parses.
  static absl::StatusOr<BundleDir> Open(const std::string& path);
  const std::string& path() const { return path_; }
  const BundleManifest& manifest() const { return manifest_; }
  // A file's bytes; INVALID_ARGUMENT where they are not what the manifest says, or it names no such file.
  absl::StatusOr<std::string> Read(const std::string& file) const;
  // Entries [256 * tile, …), as many as the tile holds.
  absl::StatusOr<std::vector<v1::StoredEntry>> ReadEntries(uint64_t tile) const;
  // Files that are there and not in the manifest, or the other way round, in the order of paths. Empty: as it should be.
  absl::StatusOr<std::vector<std::string>> StrayFiles() const;

 private:
  std::string path_;
  BundleManifest manifest_;
};

}  // namespace parley
