#include "eventstore/proof/tile.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <map>
#include <utility>

#include "eventstore/base/status.h"

namespace parley {
namespace {

constexpr size_t kHashBytes = 32;
constexpr uint32_t kLevels = 64 / kTileHeight;

// 1234067 as x001/x234/067.
std::string IndexPath(uint64_t index) {
  const auto digits = [](uint64_t n) {
    const std::string text = std::to_string(n);
    return std::string(3 - text.size(), '0') + text;
  };
  std::string path = digits(index % 1000);
  for (index /= 1000; index > 0; index /= 1000) path = "x" + digits(index % 1000) + "/" + path;
  return path;
}

// How many hashes of that level of tiles a tree of `size` leaves has.
uint64_t HashesAt(uint64_t size, uint32_t level) { return level >= kLevels ? 0 : size >> (kTileHeight * level); }

void AddTiles(TileId::Kind kind, uint32_t level, uint64_t count, std::vector<TileId>& tiles) {
  for (uint64_t i = 0; i < count / kTileWidth; ++i) tiles.push_back({kind, level, i, kTileWidth});
  if (count % kTileWidth != 0) {
    tiles.push_back({kind, level, count / kTileWidth, static_cast<uint32_t>(count % kTileWidth)});
  }
}

// The root over `hashes`, a power of two of them.
std::string RootOver(std::string_view hashes) {
  std::vector<std::string> nodes;
  for (size_t at = 0; at < hashes.size(); at += kHashBytes) nodes.emplace_back(hashes.substr(at, kHashBytes));
  while (nodes.size() > 1) {
    for (size_t i = 0; i < nodes.size() / 2; ++i) nodes[i] = NodeHash(nodes[2 * i], nodes[2 * i + 1]);
    nodes.resize(nodes.size() / 2);
  }
  return nodes[0];
}

// A decimal number without anything around it; leading zeros pass, for the caller compares what Path() makes of it.
bool ParseNumber(std::string_view text, uint64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

std::string TileId::Path() const {
  std::string path;
  switch (kind) {
    case Kind::kHashes:
      path = "tile/" + std::to_string(level) + "/";
      break;
    case Kind::kEntries:
      path = "tile/entries/";
      break;
    case Kind::kParts:
      path = "parts/";
      break;
  }
  path += IndexPath(index);
  if (width < kTileWidth) path += ".p/" + std::to_string(width);
  return path;
}

std::optional<TileId> TileId::Parse(std::string_view path) {
  TileId id;
  std::string_view rest = path;
  if (TakePrefix(rest, "tile/entries/")) {
    id.kind = Kind::kEntries;
  } else if (TakePrefix(rest, "parts/")) {
    id.kind = Kind::kParts;
  } else if (TakePrefix(rest, "tile/")) {
    const size_t slash = rest.find('/');
    uint64_t level = 0;
    if (slash == std::string_view::npos || !ParseNumber(rest.substr(0, slash), level) || level >= kLevels) {
      return std::nullopt;
    }
    id.level = static_cast<uint32_t>(level);
    rest.remove_prefix(slash + 1);
  } else {
    return std::nullopt;
  }
  if (const size_t partial = rest.find(".p/"); partial != std::string_view::npos) {
    uint64_t width = 0;
    if (!ParseNumber(rest.substr(partial + 3), width) || width == 0 || width >= kTileWidth) return std::nullopt;
    id.width = static_cast<uint32_t>(width);
    rest = rest.substr(0, partial);
  }
  std::string digits;
  std::copy_if(rest.begin(), rest.end(), std::back_inserter(digits), [](char c) { return c != 'x' && c != '/'; });
  if (!ParseNumber(digits, id.index)) return std::nullopt;
  // What was read leniently must be what is written strictly.
  return id.Path() == path ? std::optional(id) : std::nullopt;
}

std::vector<TileId> HashTilesOf(uint64_t size) {
  std::vector<TileId> tiles;
  for (uint32_t level = 0; HashesAt(size, level) > 0; ++level) {
    AddTiles(TileId::Kind::kHashes, level, HashesAt(size, level), tiles);
  }
  return tiles;
}

std::vector<TileId> EntryTilesOf(uint64_t size, TileId::Kind kind) {
  std::vector<TileId> tiles;
  AddTiles(kind, 0, size, tiles);
  return tiles;
}

std::string TileRoot(std::string_view tile) { return RootOver(tile); }

NodeReader NodesFromTiles(uint64_t size, TileReader read) {
  // The tile that was read last, by level: neighbouring nodes are asked for one after the other.
  using Last = std::map<uint32_t, std::pair<TileId, std::string>>;
  return [size, read = std::move(read), last = Last()](NodeId node) mutable -> absl::StatusOr<std::string> {
    const uint32_t level = node.level / kTileHeight;
    const uint32_t above = node.level % kTileHeight;  // Levels between the tile's hashes and the node.
    const uint64_t count = HashesAt(size, level);
    if (level >= kLevels || node.index >= count >> above) return absl::OutOfRangeError("the tree has no such node");
    const uint64_t first = node.index << above;
    TileId id{.level = level, .index = first / kTileWidth};
    id.width = static_cast<uint32_t>(std::min(kTileWidth, count - id.index * kTileWidth));
    auto& [last_id, bytes] = last[level];
    if (bytes.empty() || last_id != id) {
      PARLEY_ASSIGN_OR_RETURN(bytes, read(id));
      last_id = id;
    }
    if (bytes.size() != id.width * kHashBytes) {
      bytes.clear();
      return absl::InvalidArgumentError(id.Path() + " does not hold as many hashes as it should");
    }
    return RootOver(std::string_view(bytes).substr(first % kTileWidth * kHashBytes, kHashBytes << above));
  };
}

}  // namespace parley
