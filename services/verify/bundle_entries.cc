#include "services/verify/bundle_entries.h"

#include "eventstore/base/status.h"
#include "eventstore/proof/merkle.h"

namespace parley {

void EntryTiles::ReadAhead() {
  if (tile_ * kTileWidth >= bundle_.manifest().size) return;
  next_ =
      std::async(std::launch::async, [&bundle = bundle_, leaves = leaves_, number = tile_++]() -> absl::StatusOr<Tile> {
        Tile tile;
        PARLEY_ASSIGN_OR_RETURN(tile.entries, bundle.ReadEntries(number));
        if (leaves == Leaves::kNotHashed) return tile;
        tile.leaf_hashes.reserve(tile.entries.size());
        for (const v1::StoredEntry& entry : tile.entries) tile.leaf_hashes.push_back(LeafHash(entry.header()));
        return tile;
      });
}

absl::StatusOr<EntryTiles::Tile> EntryTiles::Next() {
  auto tile = next_.get();
  ReadAhead();
  return tile;
}

absl::Status ForEachStored(const BundleDir& bundle, uint64_t from,
                           const std::function<absl::Status(uint64_t sequence, const v1::StoredEntry&)>& visit) {
  const uint64_t first = from / kTileWidth;
  uint64_t sequence = first * kTileWidth;
  for (EntryTiles tiles(bundle, EntryTiles::Leaves::kNotHashed, first); tiles.HasNext();) {
    PARLEY_ASSIGN_OR_RETURN(const EntryTiles::Tile tile, tiles.Next());
    for (const v1::StoredEntry& entry : tile.entries) {
      if (sequence >= from) PARLEY_RETURN_IF_ERROR(visit(sequence, entry));
      ++sequence;
    }
  }
  return absl::OkStatus();
}

absl::Status ForEachReadable(const BundleDir& bundle, uint64_t from,
                             const std::function<absl::Status(const Entry&)>& visit) {
  return ForEachStored(bundle, from, [&](uint64_t sequence, const v1::StoredEntry& stored) -> absl::Status {
    if (stored.parts().empty()) return absl::OkStatus();
    auto entry = DecodeEntry(stored, Position());
    if (!entry.ok()) {
      return absl::InvalidArgumentError("entry " + std::to_string(sequence) + ": " +
                                        std::string(entry.status().message()));
    }
    return visit(*entry);
  });
}

}  // namespace parley
