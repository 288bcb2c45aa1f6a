// Tiles as C2SP tlog-tiles has them: a tree cut into pieces of 256 hashes, each of which never changes once it is full.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "eventstore/proof/merkle.h"

namespace parley {

inline constexpr uint64_t kTileWidth = 256;
inline constexpr uint32_t kTileHeight = 8;

// A tile of hashes (`level` 0: of leaves; level L holds the roots of full subtrees of 256^L leaves), or of entries.
struct TileId {
  enum class Kind { kHashes, kEntries, kParts };
  Kind kind = Kind::kHashes;
  uint32_t level = 0;  // 0 but for hashes.
  uint64_t index = 0;
  uint32_t width = kTileWidth;  // 1 to 256; less: a partial tile.

  // "tile/0/x001/234.p/5", "tile/entries/000", and "parts/000" for what stands beside the entries.
  std::string Path() const;
  // nullopt where `path` is not what Path() makes of a tile. Levels go up to 7: a size has 64 bits.
  static std::optional<TileId> Parse(std::string_view path);
  bool operator==(const TileId&) const = default;
};

// Every tile of hashes of a tree of `size` leaves: full ones, and the partial one at the end of each level.
std::vector<TileId> HashTilesOf(uint64_t size);
// The tiles of entries (or parts) of that tree.
std::vector<TileId> EntryTilesOf(uint64_t size, TileId::Kind kind);

// The bytes of a tile: hashes, one after another.
using TileReader = std::function<absl::StatusOr<std::string>(TileId)>;
// The root over a full tile: the hash that stands for it one level of tiles higher.
std::string TileRoot(std::string_view tile);
// Reads nodes out of the tiles of a tree of `size` leaves, computing those that lie between two levels of tiles. OUT_OF_RANGE where
// the tree has no such node, INVALID_ARGUMENT where a tile is not as long as it should be, or what `read` says. Remembers the last tile
// of each level, so neither thread-safe nor good for a tree that changes.
NodeReader NodesFromTiles(uint64_t size, TileReader read);

}  // namespace parley
