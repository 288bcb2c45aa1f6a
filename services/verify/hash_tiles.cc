#include "services/verify/hash_tiles.h"

#include "eventstore/proof/tile.h"

namespace parley {
namespace {

constexpr size_t kHashBytes = 32;

}  // namespace

void HashTileCheck::Completed(NodeId node, const std::string& hash) {
  if (node.level % kTileHeight != 0) return;
  const uint32_t level = node.level / kTileHeight;
  std::string& tile = tiles_[level];
  tile += hash;
  if (tile.size() < kTileWidth * kHashBytes) return;
  Compare(level, node.index / kTileWidth, tile);
  tile.clear();
}

void HashTileCheck::Finish(uint64_t size) {
  for (const auto& [level, tile] : tiles_) {
    if (!tile.empty()) Compare(level, (size >> (kTileHeight * level)) / kTileWidth, tile);
  }
}

void HashTileCheck::Compare(uint32_t level, uint64_t index, const std::string& expected) {
  const TileId id{TileId::Kind::kHashes, level, index, static_cast<uint32_t>(expected.size() / kHashBytes)};
  const auto bytes = bundle_.Read(id.Path());
  if (!bytes.ok()) return findings_.Add(Verdict::kDamaged, std::nullopt, std::string(bytes.status().message()));
  if (bytes->size() != expected.size()) {
    return findings_.Add(Verdict::kDamaged, std::nullopt, id.Path() + " does not hold as many hashes as it says");
  }
  for (size_t at = 0; at < expected.size(); at += kHashBytes) {
    if (bytes->compare(at, kHashBytes, expected, at, kHashBytes) == 0) continue;
    const uint64_t node = index * kTileWidth + at / kHashBytes;
    findings_.Add(Verdict::kAltered, node << (kTileHeight * level),
                  id.Path() + ": hash " + std::to_string(at / kHashBytes) + " is not what the headers give");
    return;
  }
}

}  // namespace parley
