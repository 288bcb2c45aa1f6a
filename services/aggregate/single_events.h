// The streams of a ledger that have one event each, such as its activities: of each only that there is one, and since when.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace parley {

// A ledger may have millions, and thousands of ledgers are kept in memory: most stand packed, as they do in a snapshot, so that they take
// half the memory and a load unpacks nothing. Not thread-safe.
class SingleEvents {
 public:
  // False where the stream is there already.
  bool Add(std::string_view stream, absl::Time effective_at);
  // effective_at of its event; nullopt where there is none.
  std::optional<absl::Time> Find(std::string_view stream) const;

  // Rough size in memory.
  size_t bytes() const;

  // 24 bytes for each, in order: the first 16 of its name's SHA-256, compared as signed bytes, and effective_at in nanoseconds since
  // 1970, big-endian.
  std::string Pack() const;
  // DATA_LOSS where Pack() does not write such bytes.
  static absl::StatusOr<SingleEvents> Unpack(std::string packed);

 private:
  using Digest = std::array<int8_t, 16>;
  static Digest DigestOf(std::string_view stream);
  // Of a record of packed_.
  static Digest DigestAt(std::string_view packed, size_t index);
  std::optional<int64_t> Find(const Digest& digest) const;

  std::string packed_;
  absl::flat_hash_map<Digest, int64_t> recent_;  // Not in packed_.
};

}  // namespace parley
