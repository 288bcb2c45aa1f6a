#include "tests/support/test_bundle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "eventstore/base/hash.h"
#include "eventstore/entry.h"
#include "eventstore/proof/merkle.h"
#include "eventstore/proof/tile.h"

namespace parley::test {
namespace {

namespace fs = std::filesystem;

void WriteFile(const std::string& path, const std::string& bytes) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace

void TestBundle::RemakeManifest() {
  manifest.files.clear();
  for (const auto& [path, bytes] : files) manifest.files[path] = {Sha256(bytes), bytes.size()};
}

void TestBundle::Write(const std::string& directory) const {
  fs::remove_all(directory);
  WriteFile(directory + "/" + std::string(kManifestPath), manifest.ToText());
  for (const auto& [path, bytes] : files) WriteFile(directory + "/" + path, bytes);
}

void TestBundle::PutEntries(const std::vector<v1::StoredEntry>& entries) {
  std::vector<v1::StoredEntry> seen;
  for (const v1::StoredEntry& entry : entries) {
    const auto header = DecodeHeader(entry, {});
    const bool withheld = header.ok() && !header->owner().empty() && header->owner() != manifest.reader;
    seen.push_back(ForReader(entry, withheld));
  }
  const uint64_t last = (manifest.size - 1) / kTileWidth;
  for (const TileId& tile : EntryTilesOf(manifest.size, TileId::Kind::kEntries)) {
    // Where there are more than there should be, the last tile holds them.
    const size_t from = std::min<size_t>(tile.index * kTileWidth, seen.size());
    const size_t to = tile.index == last ? seen.size() : std::min<size_t>(from + kTileWidth, seen.size());
    const std::vector<v1::StoredEntry> slice(seen.begin() + from, seen.begin() + to);
    files[tile.Path()] = EncodeHeaders(slice);
    files[TileId{TileId::Kind::kParts, 0, tile.index, tile.width}.Path()] = EncodeParts(slice);
  }
  RemakeManifest();
}

TestBundle MakeBundle(const std::vector<v1::StoredEntry>& entries, const std::vector<SignedNote>& notes,
                      const std::string& reader) {
  TestBundle bundle;
  const auto head = Checkpoint::Parse(notes.back().text());
  bundle.manifest = {.origin = head->origin, .reader = reader, .size = head->size};
  EXPECT_EQ(head->size, entries.size());
  for (const SignedNote& note : notes) {
    const uint64_t size = Checkpoint::Parse(note.text())->size;
    bundle.files[size == head->size ? std::string(kCheckpointPath) : CheckpointPath(size)] = note.ToString();
  }
  std::map<std::pair<uint32_t, uint64_t>, std::string> tiles;
  MerkleFrontier tree;
  for (const v1::StoredEntry& entry : entries) {
    tree.Append(LeafHash(entry.header()), [&](NodeId node, const std::string& hash) {
      if (node.level % kTileHeight == 0) tiles[{node.level / kTileHeight, node.index / kTileWidth}] += hash;
    });
  }
  for (const TileId& tile : HashTilesOf(head->size)) bundle.files[tile.Path()] = tiles[{tile.level, tile.index}];
  bundle.PutEntries(entries);
  return bundle;
}

TestBundle ReadTestBundle(const std::string& directory) {
  TestBundle bundle;
  for (const auto& file : fs::recursive_directory_iterator(directory)) {
    if (!file.is_regular_file()) continue;
    std::ifstream in(file.path(), std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), {}};
    const std::string path = file.path().lexically_relative(directory).string();
    if (path != kManifestPath) {
      bundle.files[path] = std::move(bytes);
    } else if (auto manifest = BundleManifest::Parse(bytes); manifest.ok()) {
      bundle.manifest = *std::move(manifest);
    } else {
      ADD_FAILURE() << manifest.status();
    }
  }
  return bundle;
}

std::string RootOf(const std::vector<v1::StoredEntry>& entries, size_t size) {
  MerkleFrontier tree;
  for (size_t i = 0; i < size; ++i) tree.Append(LeafHash(entries[i].header()));
  return tree.Root();
}

}  // namespace parley::test
