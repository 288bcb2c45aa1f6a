#include "eventstore/proof/tile.h"

#include <gtest/gtest.h>

#include <map>

namespace parley {
namespace {

using Kind = TileId::Kind;

TEST(Tile, PathsAreThoseOfTheSpecification) {
  const std::pair<TileId, const char*> cases[] = {
      {{Kind::kHashes, 0, 1234067}, "tile/0/x001/x234/067"},
      {{Kind::kHashes, 0, 0}, "tile/0/000"},
      {{Kind::kHashes, 1, 999}, "tile/1/999"},
      {{Kind::kHashes, 1, 1000}, "tile/1/x001/000"},
      {{Kind::kHashes, 0, 273, 112}, "tile/0/273.p/112"},
      {{Kind::kHashes, 2, 0, 1}, "tile/2/000.p/1"},
      {{Kind::kEntries, 0, 1234, 5}, "tile/entries/x001/234.p/5"},
      {{Kind::kParts, 0, 67}, "parts/067"},
      {{Kind::kHashes, 0, UINT64_MAX}, "tile/0/x018/x446/x744/x073/x709/x551/615"},
  };
  for (const auto& [id, path] : cases) {
    EXPECT_EQ(id.Path(), path);
    EXPECT_EQ(TileId::Parse(path), id) << path;
  }
}

TEST(Tile, NothingButSuchPathsParses) {
  for (const char* path : {"",
                           "tile/0/",
                           "tile/0/1",
                           "tile/0/0001",
                           "tile/0/x000/001",
                           "tile/0/x001",
                           "tile/0/001/002",
                           "tile/0/x001/x002",
                           "tile/00/001",
                           "tile/8/001",
                           "tile/-1/001",
                           "tile/0/001.p/",
                           "tile/0/001.p/0",
                           "tile/0/001.p/256",
                           "tile/0/001.p/05",
                           "tile/0/001.p/5/",
                           "tile/entries/1",
                           "tile/parts/001",
                           "parts/001.p",
                           "/tile/0/001",
                           "tile/0/x018/x446/x744/x073/x709/x551/616",
                           "tile/0/001 ",
                           "TILE/0/001",
                           "tile/0/00x1"}) {
    EXPECT_EQ(TileId::Parse(path), std::nullopt) << path;
  }
}

TEST(Tile, ATreeHasTheTilesOfTheSpecification) {
  // 70,000 = 273 * 256 + 112; 273 = 1 * 256 + 17.
  const std::vector<TileId> tiles = HashTilesOf(70'000);
  std::map<uint32_t, std::pair<uint64_t, uint32_t>> by_level;  // Full tiles, width of the partial one.
  for (const TileId& id : tiles) {
    auto& [full, partial] = by_level[id.level];
    EXPECT_EQ(partial, 0u) << "a partial tile is the last of its level";
    EXPECT_EQ(id.index, full);
    id.width == kTileWidth ? void(++full) : void(partial = id.width);
  }
  const std::map<uint32_t, std::pair<uint64_t, uint32_t>> expected = {{0, {273, 112}}, {1, {1, 17}}, {2, {0, 1}}};
  EXPECT_EQ(by_level, expected);
  EXPECT_TRUE(HashTilesOf(0).empty());
  EXPECT_EQ(EntryTilesOf(257, Kind::kParts), (std::vector<TileId>{{Kind::kParts, 0, 0}, {Kind::kParts, 0, 1, 1}}));
}

// Every node of a growing tree, and the tiles that a log of that size would publish.
class Tree {
 public:
  void GrowTo(uint64_t size) {
    while (frontier_.size() < size) {
      frontier_.Append(LeafHash("leaf " + std::to_string(frontier_.size())),
                       [&](NodeId id, const std::string& hash) { nodes_[id] = hash; });
    }
  }
  absl::StatusOr<std::string> Tile(const TileId& id) const {
    std::string bytes;
    for (uint64_t i = 0; i < id.width; ++i) {
      const auto it = nodes_.find({id.level * kTileHeight, id.index * kTileWidth + i});
      if (it == nodes_.end()) return absl::NotFoundError("no such hash");
      bytes += it->second;
    }
    return bytes;
  }
  const std::map<NodeId, std::string>& nodes() const { return nodes_; }
  const MerkleFrontier& frontier() const { return frontier_; }

 private:
  std::map<NodeId, std::string> nodes_;
  MerkleFrontier frontier_;
};

TEST(Tile, EveryNodeComesOutOfTheTiles) {
  Tree tree;
  for (const uint64_t size : {1, 2, 3, 7, 8, 255, 256, 257, 511, 512, 513, 1000, 65'535, 65'536, 65'537, 66'100}) {
    tree.GrowTo(size);
    const std::vector<TileId> published = HashTilesOf(size);
    const NodeReader nodes = NodesFromTiles(size, [&](const TileId& id) {
      EXPECT_NE(std::find(published.begin(), published.end(), id), published.end()) << id.Path();
      return tree.Tile(id);
    });
    size_t looked_at = 0;
    for (const auto& [id, hash] : tree.nodes()) {
      // All of the small trees; of the large ones what lies at the right edge.
      if (size > 1000 && (id.index + 3) << id.level < size) continue;
      const auto read = nodes(id);
      ASSERT_TRUE(read.ok()) << read.status() << " at size " << size;
      ASSERT_EQ(*read, hash) << "size " << size << ", level " << id.level << ", index " << id.index;
      ++looked_at;
    }
    EXPECT_GT(looked_at, 0u);
    EXPECT_EQ(RootAt(size, nodes).value(), tree.frontier().Root()) << size;
    EXPECT_EQ(nodes({0, size}).status().code(), absl::StatusCode::kOutOfRange);
    EXPECT_EQ(nodes({64, 0}).status().code(), absl::StatusCode::kOutOfRange);
  }
}

TEST(Tile, AnOlderTreeIsReadFromItsOwnTiles) {
  Tree tree;
  tree.GrowTo(300);
  const std::string root = tree.frontier().Root();
  tree.GrowTo(1000);
  const NodeReader nodes = NodesFromTiles(300, [&](const TileId& id) { return tree.Tile(id); });
  EXPECT_EQ(RootAt(300, nodes).value(), root);
  EXPECT_EQ(nodes({8, 1}).status().code(), absl::StatusCode::kOutOfRange) << "not complete at that size";
}

TEST(Tile, ATileOfAnotherLengthIsRefused) {
  Tree tree;
  tree.GrowTo(300);
  const NodeReader nodes = NodesFromTiles(
      300, [&](const TileId& id) -> absl::StatusOr<std::string> { return tree.Tile(id).value().substr(1); });
  EXPECT_EQ(RootAt(300, nodes).status().code(), absl::StatusCode::kInvalidArgument);
  const NodeReader missing =
      NodesFromTiles(300, [](const TileId&) -> absl::StatusOr<std::string> { return absl::DataLossError("gone"); });
  EXPECT_EQ(RootAt(300, missing).status().code(), absl::StatusCode::kDataLoss);
}

TEST(Tile, TheRootOfATileIsTheHashAboveIt) {
  Tree tree;
  tree.GrowTo(512);
  EXPECT_EQ(TileRoot(tree.Tile({Kind::kHashes, 0, 1}).value()), tree.nodes().at({kTileHeight, 1}));
}

}  // namespace
}  // namespace parley
