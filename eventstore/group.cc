#include "eventstore/group.h"

#include <cstdint>
#include <optional>

#include "eventstore/base/status.h"

namespace parley {
namespace {

// Both messages have one field, number 1, length-delimited.
constexpr char kTag = 0x0a;

void AppendVarint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7f) | 0x80);
  out += static_cast<char>(value);
}

std::optional<uint64_t> TakeVarint(std::string_view& in) {
  uint64_t value = 0;
  for (int shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

// The occurrences of field 1; nullopt where there is anything else.
std::optional<std::vector<std::string_view>> SplitRepeated(std::string_view in) {
  std::vector<std::string_view> parts;
  while (!in.empty()) {
    if (in.front() != kTag) return std::nullopt;
    in.remove_prefix(1);
    const auto size = TakeVarint(in);
    if (!size || *size > in.size()) return std::nullopt;
    parts.push_back(in.substr(0, *size));
    in.remove_prefix(*size);
  }
  return parts;
}

// The opposite.
std::string JoinRepeated(const std::vector<std::string_view>& parts) {
  std::string out;
  size_t size = 0;
  for (std::string_view part : parts) size += part.size() + 11;
  out.reserve(size);
  for (std::string_view part : parts) {
    out += kTag;
    AppendVarint(out, part.size());
    out += part;
  }
  return out;
}

}  // namespace

std::string EncodeGroup(const std::vector<std::string_view>& commits) { return JoinRepeated(commits); }

void AppendToCommit(const v1::StoredEntry& entry, std::string& commit) {
  const size_t size = entry.ByteSizeLong();
  commit += kTag;
  AppendVarint(commit, size);
  const size_t at = commit.size();
  commit.resize(at + size);
  entry.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t*>(commit.data() + at));
}

std::string EncodeCommit(const std::vector<std::string_view>& entries) { return JoinRepeated(entries); }

absl::StatusOr<std::vector<CommitView>> SplitGroup(std::string_view bytes) {
  std::vector<CommitView> group;
  const auto commits = SplitRepeated(bytes);
  if (commits) {
    for (std::string_view commit : *commits) {
      auto entries = SplitRepeated(commit);
      if (!entries || entries->empty()) break;
      group.push_back(*std::move(entries));
    }
    if (!group.empty() && group.size() == commits->size()) return group;
  }
  return Reject(v1::REASON_LEDGER_QUARANTINED, "record is not a group of commits");
}

}  // namespace parley
