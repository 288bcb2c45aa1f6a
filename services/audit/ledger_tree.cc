#include "services/audit/ledger_tree.h"

#include <optional>
#include <utility>

#include "eventstore/base/ordered.h"
#include "eventstore/base/status.h"

namespace parley {
namespace {

constexpr size_t kHashBytes = 32;

absl::Status Damaged(const LedgerId& ledger) {
  return absl::DataLossError("the rows of the tree of " + ledger.str() + " are not whole: delete derived/");
}

}  // namespace

std::string LedgerTree::Prefix(const LedgerId& ledger) const {
  return "tree/" + log_->incarnation() + "/" + ledger.str() + "/";
}

std::string LedgerTree::Key(const LedgerId& ledger, uint32_t level, uint64_t index) const {
  std::string key = Prefix(ledger) + static_cast<char>(level);
  AppendOrdered(key, index);
  return key;
}

std::shared_ptr<LedgerTree::Progress> LedgerTree::ProgressOf(const LedgerId& ledger) {
  std::lock_guard lock(mu_);
  std::shared_ptr<Progress>& progress = progress_[ledger];
  if (progress == nullptr) progress = std::make_shared<Progress>();
  return progress;
}

absl::StatusOr<std::string> LedgerTree::HashEntries(const LedgerId& ledger, uint64_t from, uint64_t count) const {
  std::string hashes;
  while (hashes.size() < count * kHashBytes) {
    const uint64_t done = hashes.size() / kHashBytes;
    PARLEY_ASSIGN_OR_RETURN(const auto entries, log_->Read(ledger, from + done, {.entries = count - done}));
    if (entries.empty()) return absl::OutOfRangeError(ledger.str() + " has fewer entries than that");
    for (const Entry& entry : entries) hashes += LeafHash(entry.stored.header());
  }
  return hashes;
}

absl::StatusOr<std::string> LedgerTree::Hashes(const LedgerId& ledger, uint32_t level, uint64_t from,
                                               uint64_t count) const {
  std::string hashes;
  PARLEY_RETURN_IF_ERROR(store_->Scan(Key(ledger, level, from), Key(ledger, level, from + count),
                                      [&](std::string_view, std::string_view hash) {
                                        hashes.append(hash);
                                        return true;
                                      }));
  if (hashes.size() != count * kHashBytes) return Damaged(ledger);
  return hashes;
}

absl::Status LedgerTree::Load(const LedgerId& ledger, Progress& progress) {
  if (progress.known) return absl::OkStatus();
  // A tile and the hashes above it are written together, so the last hash above says how far the tiles go.
  const std::string first = Key(ledger, 1, 0);
  uint64_t full = 0;
  PARLEY_RETURN_IF_ERROR(store_->ScanReverse(first, Key(ledger, 2, 0), [&](std::string_view key, std::string_view) {
    full = ParseOrdered(key.substr(first.size() - sizeof(uint64_t))) + 1;
    return false;
  }));
  if (full > 0) {
    PARLEY_ASSIGN_OR_RETURN(const uint64_t end, log_->NextSequence(ledger));
    bool same = full * kTileWidth <= end;
    if (same) {
      PARLEY_ASSIGN_OR_RETURN(const auto kept, store_->Get(Key(ledger, 0, full - 1)));
      PARLEY_ASSIGN_OR_RETURN(const std::string now, HashEntries(ledger, (full - 1) * kTileWidth, kTileWidth));
      same = kept == now;
    }
    if (!same) {
      PARLEY_RETURN_IF_ERROR(store_->DeleteRange(Prefix(ledger), PrefixEnd(Prefix(ledger))));
      full = 0;
    }
  }
  progress.full = full;
  progress.known = true;
  return absl::OkStatus();
}

absl::Status LedgerTree::AddTile(const LedgerId& ledger, uint64_t index) {
  PARLEY_ASSIGN_OR_RETURN(std::string tile, HashEntries(ledger, index * kTileWidth, kTileWidth));
  KvBatch batch;
  std::string hash = TileRoot(tile);
  batch.Put(Key(ledger, 0, index), std::move(tile));
  batch.Put(Key(ledger, 1, index), hash);
  // Each tile of hashes that this hash completes gives one hash more, a level of tiles higher.
  for (uint32_t level = 1; index % kTileWidth == kTileWidth - 1; ++level) {
    PARLEY_ASSIGN_OR_RETURN(const std::string before, Hashes(ledger, level, index - (kTileWidth - 1), kTileWidth - 1));
    hash = TileRoot(before + hash);
    index /= kTileWidth;
    batch.Put(Key(ledger, level + 1, index), hash);
  }
  return store_->Write(batch);
}

absl::Status LedgerTree::Extend(const LedgerId& ledger, uint64_t size) {
  PARLEY_ASSIGN_OR_RETURN(const uint64_t end, log_->NextSequence(ledger));
  if (size > end) return absl::OutOfRangeError(ledger.str() + " has fewer entries than that");
  const auto progress = ProgressOf(ledger);
  std::lock_guard lock(progress->mu);
  PARLEY_RETURN_IF_ERROR(Load(ledger, *progress));
  for (; (progress->full + 1) * kTileWidth <= size; ++progress->full) {
    PARLEY_RETURN_IF_ERROR(AddTile(ledger, progress->full));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> LedgerTree::Tile(const LedgerId& ledger, const TileId& id) {
  // More than any log holds, and more than can be multiplied out below.
  const auto out_of_range = absl::OutOfRangeError(ledger.str() + " has no tile " + id.Path());
  if (id.kind != TileId::Kind::kHashes || id.width == 0 || id.width > kTileWidth) return out_of_range;
  const uint64_t end = id.index * kTileWidth + id.width;
  if (id.level > 6 || id.index > UINT32_MAX || end > UINT64_MAX >> (kTileHeight * id.level)) return out_of_range;
  PARLEY_RETURN_IF_ERROR(Extend(ledger, end << (kTileHeight * id.level)));
  if (id.level > 0) return Hashes(ledger, id.level, id.index * kTileWidth, id.width);
  PARLEY_ASSIGN_OR_RETURN(auto kept, store_->Get(Key(ledger, 0, id.index)));
  if (!kept) return HashEntries(ledger, id.index * kTileWidth, id.width);
  if (kept->size() != kTileWidth * kHashBytes) return Damaged(ledger);
  kept->resize(id.width * kHashBytes);
  return *std::move(kept);
}

absl::StatusOr<NodeReader> LedgerTree::Nodes(const LedgerId& ledger, uint64_t size) {
  PARLEY_RETURN_IF_ERROR(Extend(ledger, size));
  return NodesFromTiles(size, [this, ledger](const TileId& id) { return Tile(ledger, id); });
}

absl::StatusOr<std::string> LedgerTree::Root(const LedgerId& ledger, uint64_t size) {
  PARLEY_ASSIGN_OR_RETURN(const NodeReader nodes, Nodes(ledger, size));
  return RootAt(size, nodes);
}

}  // namespace parley
