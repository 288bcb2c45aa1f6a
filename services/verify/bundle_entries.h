// The entries of a bundle, one after another, without judging them.
#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventstore/entry.h"
#include "eventstore/proof/bundle.h"

namespace parley {

// Of an entry that says: from here on there is no text about this person.
inline constexpr std::string_view kErasedEvent = "person.erased";

// A bundle's entries, tile by tile: the next one is read and taken apart while the caller looks at the one before.
class EntryTiles {
 public:
  struct Tile {
    std::vector<v1::StoredEntry> entries;
    std::vector<std::string> leaf_hashes;  // Of their headers, where asked for.
  };
  enum class Leaves { kNotHashed, kHashed };

  // Begins with the tile of that number. The bundle outlives this.
  explicit EntryTiles(const BundleDir& bundle, Leaves leaves = Leaves::kNotHashed, uint64_t tile = 0)
      : bundle_(bundle), leaves_(leaves), tile_(tile) {
    ReadAhead();
  }

  // Whether there is another one.
  bool HasNext() const { return next_.valid(); }
  // INVALID_ARGUMENT where it is damaged.
  absl::StatusOr<Tile> Next();

 private:
  void ReadAhead();

  const BundleDir& bundle_;
  const Leaves leaves_;
  uint64_t tile_;  // To be read next.
  std::future<absl::StatusOr<Tile>> next_;
};

// Calls `visit` for each entry from `from` on as it stands, until it says an error. INVALID_ARGUMENT where a tile is damaged.
absl::Status ForEachStored(const BundleDir& bundle, uint64_t from,
                           const std::function<absl::Status(uint64_t sequence, const v1::StoredEntry&)>& visit);

// The same for those whose record is there, taken apart: withheld ones are passed over. INVALID_ARGUMENT, too, where one does not
// parse.
absl::Status ForEachReadable(const BundleDir& bundle, uint64_t from,
                             const std::function<absl::Status(const Entry&)>& visit);

}  // namespace parley
