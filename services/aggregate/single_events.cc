#include "services/aggregate/single_events.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/ordered.h"

namespace parley {
namespace {

constexpr size_t kRecordBytes = 16 + sizeof(int64_t);  // A digest and a time.
// A digest and a time, with what a hash map takes for itself.
constexpr size_t kRecentBytes = 2 * kRecordBytes;
// So many at least, and one in so many of all, are gathered before they are packed: each is then moved about eight times in its life.
constexpr size_t kLeastToPack = 64;
constexpr size_t kPackedForEach = 8;

}  // namespace

SingleEvents::Digest SingleEvents::DigestOf(std::string_view stream) { return DigestAt(Sha256(stream), 0); }

SingleEvents::Digest SingleEvents::DigestAt(std::string_view packed, size_t index) {
  Digest digest;
  std::memcpy(digest.data(), packed.data() + index * kRecordBytes, digest.size());
  return digest;
}

bool SingleEvents::Add(std::string_view stream, absl::Time effective_at) {
  const Digest digest = DigestOf(stream);
  if (Find(digest)) return false;
  recent_.emplace(digest, absl::ToUnixNanos(effective_at));
  if (recent_.size() >= std::max(kLeastToPack, packed_.size() / kRecordBytes / kPackedForEach)) {
    packed_ = Pack();
    recent_ = {};
  }
  return true;
}

std::optional<absl::Time> SingleEvents::Find(std::string_view stream) const {
  const auto found = Find(DigestOf(stream));
  return found ? std::optional(absl::FromUnixNanos(*found)) : std::nullopt;
}

std::optional<int64_t> SingleEvents::Find(const Digest& digest) const {
  if (const auto it = recent_.find(digest); it != recent_.end()) return it->second;
  size_t from = 0, to = packed_.size() / kRecordBytes;
  while (from < to) {
    const size_t middle = from + (to - from) / 2;
    DigestAt(packed_, middle) < digest ? from = middle + 1 : to = middle;
  }
  if (from * kRecordBytes == packed_.size() || DigestAt(packed_, from) != digest) return std::nullopt;
  const std::string_view time = std::string_view(packed_).substr(from * kRecordBytes + sizeof(Digest), sizeof(int64_t));
  return static_cast<int64_t>(ParseOrdered(time));
}

size_t SingleEvents::bytes() const { return packed_.size() + recent_.size() * kRecentBytes; }

std::string SingleEvents::Pack() const {
  std::vector<std::pair<Digest, int64_t>> recent(recent_.begin(), recent_.end());
  std::sort(recent.begin(), recent.end());
  std::string out;
  out.reserve(packed_.size() + recent.size() * kRecordBytes);
  size_t next = 0;  // Of packed_'s records.
  for (const auto& [digest, effective_at] : recent) {
    const size_t from = next;
    while (next * kRecordBytes < packed_.size() && DigestAt(packed_, next) < digest) ++next;
    out.append(packed_, from * kRecordBytes, (next - from) * kRecordBytes);
    out.append(reinterpret_cast<const char*>(digest.data()), digest.size());
    AppendOrdered(out, static_cast<uint64_t>(effective_at));
  }
  return out.append(packed_, next * kRecordBytes);
}

absl::StatusOr<SingleEvents> SingleEvents::Unpack(std::string packed) {
  if (packed.size() % kRecordBytes != 0) return absl::DataLossError("single events are cut short");
  for (size_t i = 1; i < packed.size() / kRecordBytes; ++i) {
    if (!(DigestAt(packed, i - 1) < DigestAt(packed, i))) return absl::DataLossError("single events are not in order");
  }
  SingleEvents out;
  out.packed_ = std::move(packed);
  return out;
}

}  // namespace parley
