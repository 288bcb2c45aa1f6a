#include "eventstore/proof/bundle.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <utility>

#include "absl/strings/escaping.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/base/resource_name.h"
#include "eventstore/base/status.h"

namespace parley {
namespace {

constexpr std::string_view kManifestHead = "parley/bundle/v1\n";
constexpr std::string_view kCheckpoints = "checkpoints/";
constexpr std::string_view kTimestamps = "timestamps/";
constexpr size_t kSizeDigits = 20;
constexpr size_t kHeaderLength = 2;  // Bytes of the length before a header, and before parts.
constexpr size_t kPartsLength = 4;
constexpr size_t kMaxItemBytes = 1 << 20;  // The log's kMaxCommitBytes.
constexpr int kMaxParts = 65535 / 34;      // A commitment takes 34 bytes of a header.

absl::Status Malformed(const std::string& why) { return absl::InvalidArgumentError(why); }

// Decimal, and nothing that says the same in another way.
std::optional<uint64_t> Decimal(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || std::to_string(value) != text) return std::nullopt;
  return value;
}

std::string Padded(uint64_t size) {
  const std::string digits = std::to_string(size);
  return std::string(kSizeDigits - digits.size(), '0') + digits;
}

std::optional<uint64_t> ParsePadded(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || Padded(value) != text) return std::nullopt;
  return value;
}

void AppendLength(std::string& out, size_t length, size_t bytes) {
  for (size_t i = bytes; i-- > 0;) out.push_back(static_cast<char>(length >> (8 * i) & 0xFF));
}

// Takes one length-prefixed item off the front of `rest`.
absl::StatusOr<std::string_view> TakeItem(std::string_view& rest, size_t length_bytes) {
  if (rest.size() < length_bytes) return Malformed("a length is cut off");
  size_t length = 0;
  for (size_t i = 0; i < length_bytes; ++i) length = length << 8 | static_cast<unsigned char>(rest[i]);
  rest.remove_prefix(length_bytes);
  if (rest.size() < length) return Malformed("an item is shorter than its length says");
  const std::string_view item = rest.substr(0, length);
  rest.remove_prefix(length);
  return item;
}

// As views into `headers`.
absl::StatusOr<std::vector<std::string_view>> DecodeHeaders(std::string_view headers) {
  std::vector<std::string_view> out;
  while (!headers.empty()) {
    PARLEY_ASSIGN_OR_RETURN(out.emplace_back(), TakeItem(headers, kHeaderLength));
  }
  return out;
}

// A line without its newline.
absl::StatusOr<std::string_view> TakeLine(std::string_view& rest) {
  const size_t end = rest.find('\n');
  if (end == std::string_view::npos) return Malformed("a line of the manifest does not end");
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

absl::StatusOr<std::string_view> TakeField(std::string_view& rest, std::string_view name) {
  PARLEY_ASSIGN_OR_RETURN(std::string_view line, TakeLine(rest));
  if (!line.starts_with(name) || line.substr(name.size(), 1) != " ") {
    return Malformed("the manifest says no " + std::string(name));
  }
  return line.substr(name.size() + 1);
}

absl::Status TakeFile(std::string_view& rest, BundleManifest& manifest) {
  PARLEY_ASSIGN_OR_RETURN(const std::string_view line, TakeLine(rest));
  const size_t first = line.find(' ');
  const size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos) return Malformed("a line of the manifest has not three words");
  const std::string path(line.substr(second + 1));
  const auto bytes = Decimal(line.substr(first + 1, second - first - 1));
  const std::string digest = absl::HexStringToBytes(std::string(line.substr(0, first)));
  if (!bytes || first != 64 || absl::BytesToHexString(digest) != line.substr(0, first)) {
    return Malformed("the manifest's digest or length of " + path + " is malformed");
  }
  if (!IsBundlePath(path)) return Malformed("no bundle has a file " + path);
  if (*bytes > kMaxBundleFileBytes) return Malformed(path + " is too large");
  if (!manifest.files.empty() && manifest.files.rbegin()->first >= path) {
    return Malformed("the manifest's paths are out of order at " + path);
  }
  manifest.files[path] = {digest, *bytes};
  return absl::OkStatus();
}

}  // namespace

std::string CheckpointPath(uint64_t size) { return std::string(kCheckpoints) + Padded(size); }

std::string TimestampPath(uint64_t size, size_t index) {
  return std::string(kTimestamps) + Padded(size) + "-" + std::to_string(index);
}

std::optional<uint64_t> SizeOfCheckpointPath(std::string_view path) {
  if (!path.starts_with(kCheckpoints)) return std::nullopt;
  return ParsePadded(path.substr(kCheckpoints.size()));
}

std::optional<TimestampId> ParseTimestampPath(std::string_view path) {
  if (!path.starts_with(kTimestamps)) return std::nullopt;
  path.remove_prefix(kTimestamps.size());
  const auto size = ParsePadded(path.substr(0, kSizeDigits));
  if (!size || path.substr(kSizeDigits, 1) != "-") return std::nullopt;
  const auto index = Decimal(path.substr(kSizeDigits + 1));
  if (!index) return std::nullopt;
  return TimestampId{*size, *index};
}

bool IsBundlePath(std::string_view path) {
  return path == kCheckpointPath || SizeOfCheckpointPath(path) || ParseTimestampPath(path) || TileId::Parse(path);
}

std::vector<TileId> TilesOfBundle(uint64_t size) {
  std::vector<std::pair<std::string, TileId>> by_path;
  for (const auto& tiles :
       {EntryTilesOf(size, TileId::Kind::kParts), HashTilesOf(size), EntryTilesOf(size, TileId::Kind::kEntries)}) {
    for (const TileId& tile : tiles) by_path.emplace_back(tile.Path(), tile);
  }
  std::sort(by_path.begin(), by_path.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<TileId> out;
  out.reserve(by_path.size());
  for (const auto& [path, tile] : by_path) out.push_back(tile);
  return out;
}

uint32_t EntryTileWidth(uint64_t size, uint64_t index) {
  const uint64_t first = index * kTileWidth;
  return first >= size ? 0 : static_cast<uint32_t>(std::min(kTileWidth, size - first));
}

std::string BundleManifest::ToText() const {
  std::string text(kManifestHead);
  text += "origin " + origin + "\n";
  text += "reader " + (reader.empty() ? "auditor" : "parties/" + reader) + "\n";
  text += "size " + std::to_string(size) + "\n\n";
  for (const auto& [path, file] : files) {
    text += absl::BytesToHexString(file.sha256) + " " + std::to_string(file.bytes) + " " + path + "\n";
  }
  return text;
}

absl::StatusOr<BundleManifest> BundleManifest::Parse(std::string_view text) {
  std::string_view rest = text;
  if (!rest.starts_with(kManifestHead)) return Malformed("not the manifest of a bundle");
  rest.remove_prefix(kManifestHead.size());
  BundleManifest manifest;
  PARLEY_ASSIGN_OR_RETURN(manifest.origin, TakeField(rest, "origin"));
  PARLEY_ASSIGN_OR_RETURN(std::string_view reader, TakeField(rest, "reader"));
  PARLEY_ASSIGN_OR_RETURN(const std::string_view size, TakeField(rest, "size"));
  if (manifest.origin.empty()) return Malformed("the manifest's origin is empty");
  constexpr std::string_view kParties = "parties/";
  if (reader.starts_with(kParties)) {
    manifest.reader = reader.substr(kParties.size());
    if (!IsResourceId(manifest.reader)) return Malformed("the manifest's reader is no party");
  } else if (reader != "auditor") {
    return Malformed("the manifest's reader is neither a party nor an auditor");
  }
  const auto entries = Decimal(size);
  if (!entries) return Malformed("the manifest's size is not a number");
  if (*entries > kMaxBundleEntries) return Malformed("the manifest's size is more than a bundle holds");
  manifest.size = *entries;
  PARLEY_ASSIGN_OR_RETURN(const std::string_view gap, TakeLine(rest));
  if (!gap.empty()) return Malformed("the manifest has no empty line before its files");
  while (!rest.empty()) PARLEY_RETURN_IF_ERROR(TakeFile(rest, manifest));
  if (manifest.ToText() != text) return Malformed("the manifest is not in its one form");
  return manifest;
}

bool IsMissing(const v1::StoredPart& part) {
  return part.salt().empty() && part.content().empty() && part.sealed().empty();
}

v1::StoredEntry ForReader(const v1::StoredEntry& entry, bool withheld) {
  v1::StoredEntry out;
  out.set_header(entry.header());
  if (!withheld) *out.mutable_parts() = entry.parts();
  return out;
}

std::string EncodeHeaders(const std::vector<v1::StoredEntry>& entries) {
  std::string out;
  for (const v1::StoredEntry& entry : entries) {
    if (entry.header().size() > std::numeric_limits<uint16_t>::max()) std::abort();  // What was written would lie.
    AppendLength(out, entry.header().size(), kHeaderLength);
    out += entry.header();
  }
  return out;
}

std::string EncodeParts(const std::vector<v1::StoredEntry>& entries) {
  std::string out;
  for (const v1::StoredEntry& entry : entries) {
    v1::BundleParts parts;
    *parts.mutable_parts() = entry.parts();
    const std::string bytes = Canonical(parts);
    AppendLength(out, bytes.size(), kPartsLength);
    out += bytes;
  }
  return out;
}

absl::StatusOr<std::vector<v1::StoredEntry>> DecodeEntries(std::string_view headers, std::string_view parts) {
  PARLEY_ASSIGN_OR_RETURN(const std::vector<std::string_view> all, DecodeHeaders(headers));
  std::vector<v1::StoredEntry> entries;
  for (const std::string_view header : all) {
    if (parts.empty()) return Malformed("there are fewer parts than headers");
    PARLEY_ASSIGN_OR_RETURN(const std::string_view item, TakeItem(parts, kPartsLength));
    // A message takes far more memory than its bytes.
    if (item.size() > kMaxItemBytes) return Malformed("an entry's parts are larger than a commit can be");
    v1::BundleParts decoded;
    if (!decoded.ParseFromArray(item.data(), static_cast<int>(item.size()))) return Malformed("parts do not parse");
    if (HasUnknownFields(decoded) || Canonical(decoded) != item) return Malformed("parts are not in their one form");
    if (decoded.parts_size() > kMaxParts) return Malformed("an entry has more parts than a header commits to");
    v1::StoredEntry entry;
    entry.set_header(std::string(header));
    *entry.mutable_parts() = std::move(*decoded.mutable_parts());
    entries.push_back(std::move(entry));
  }
  if (!parts.empty()) return Malformed("there are more parts than headers");
  return entries;
}

}  // namespace parley
