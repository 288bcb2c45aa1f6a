// The Merkle tree of each ledger: leaf i is the hash of entry i's header, as it is read back from the disk. Never fed from memory:
// a bit that flipped on the way to the disk would be signed otherwise.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventstore/base/ids.h"
#include "eventstore/event_log.h"
#include "eventstore/kv_store.h"
#include "eventstore/proof/merkle.h"
#include "eventstore/proof/tile.h"

namespace parley {

// Thread-safe; one ledger at a time is hashed by one thread. Memory: a tile, and a few words for each ledger that was asked for.
//
// What is kept is disposable, rows of the derived store, full tiles only; whatever lies behind the last full tile is hashed anew when it
// is asked for. Keys, after "tree/" || the log's incarnation || "/" || ledger || "/":
//   level, 1 byte || index, 8 bytes, big-endian
// of a tile of leaves (level 0; 256 hashes), or of one hash of a higher level of tiles (level 1: the roots of the tiles of leaves, …).
//
// Everywhere: OUT_OF_RANGE where the log is not that long, DATA_LOSS (LEDGER_QUARANTINED) where an entry cannot be read.
class LedgerTree {
 public:
  // Nothing is owned; both outlive this.
  LedgerTree(const EventLog* log, KvStore* store) : log_(log), store_(store) {}

  // Hashes and keeps every full tile of the first `size` entries. Others do it when needed.
  absl::Status Extend(const LedgerId& ledger, uint64_t size);
  // Root over the first `size` entries.
  absl::StatusOr<std::string> Root(const LedgerId& ledger, uint64_t size);
  // The tree of the first `size` entries: for proofs. For one thread; must not outlive this.
  absl::StatusOr<NodeReader> Nodes(const LedgerId& ledger, uint64_t size);
  // A tile of hashes, full or partial: its bytes.
  absl::StatusOr<std::string> Tile(const LedgerId& ledger, const TileId& id);

 private:
  struct Progress {
    std::mutex mu;
    bool known = false;  // Whether `full` was read from the store, and its rows compared with the log.
    uint64_t full = 0;   // How many full tiles of leaves are kept.
  };
  std::shared_ptr<Progress> ProgressOf(const LedgerId& ledger);
  // Finds out how far the rows reach. Rows that are not of this log, since it was put back to an earlier state, are thrown away.
  absl::Status Load(const LedgerId& ledger, Progress& progress);
  absl::Status AddTile(const LedgerId& ledger, uint64_t index);
  // Of the entries [from, from + count): one hash after another.
  absl::StatusOr<std::string> HashEntries(const LedgerId& ledger, uint64_t from, uint64_t count) const;
  // The hashes [from, from + count) of a level of tiles above the leaves.
  absl::StatusOr<std::string> Hashes(const LedgerId& ledger, uint32_t level, uint64_t from, uint64_t count) const;
  std::string Prefix(const LedgerId& ledger) const;
  std::string Key(const LedgerId& ledger, uint32_t level, uint64_t index) const;

  const EventLog* const log_;
  KvStore* const store_;
  std::mutex mu_;
  std::map<LedgerId, std::shared_ptr<Progress>> progress_;  // Guarded by mu_.
};

}  // namespace parley
