// The log's index, kept in a KvStore: rows derived from records, written in batches, the newest part in memory.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventstore/engine.h"
#include "eventstore/index_rows.h"
#include "eventstore/kv_store.h"

namespace parley {

// Thread-safe for readers; Open, Apply, Write and Sync are called by one thread.
class LogIndex {
 public:
  LogIndex(KvStore& kv, uint32_t shards) : kv_(kv), shards_(shards), next_offset_(shards, 0), tails_(shards) {}

  // Finds out how far the index reaches. One of another log, another incarnation or another format is dropped;
  // FAILED_PRECONDITION where it is of this log with another number of shards.
  absl::Status Open(std::string_view incarnation);

  // Makes a durable record visible to readers. DATA_LOSS, and nothing changed, where it does not continue its shard or
  // one of its ledgers.
  absl::Status Apply(const RecordRead& record);

  // Hands what is in memory to the KvStore once it is worth a batch, and makes that durable once in a while. Where it
  // fails nothing is lost: rows stay in memory, and are tried again at the next call.
  absl::Status WriteSome();
  // Hands over everything and makes it durable.
  absl::Status WriteAll();
  // Whether so much could not be handed over that the log had better take no more.
  bool Overflowing() const;

  uint64_t NextOffset(ShardId shard) const;

  // The entries from `from` on, as far as they are among the newest, which stay in memory; empty where they are not, or where one
  // cannot be read.
  std::vector<std::shared_ptr<const Entry>> Newest(Position from, ReadLimit limit) const;
  // Lets go of the newest: they are read from the engine from here on.
  void ForgetNewest();

  // 0 of a ledger that does not exist.
  absl::StatusOr<uint64_t> NextSequence(const LedgerId& ledger) const;
  // The sequence of the ledger's first entry that cannot be read.
  std::optional<uint64_t> FirstDamaged(const LedgerId& ledger) const;

  absl::StatusOr<std::optional<std::string>> Get(const std::string& key) const;
  // The first rows of a range, at most `limit`.
  absl::StatusOr<std::vector<Row>> Scan(const KeyRange& range, size_t limit) const;
  // The last row of a range.
  absl::StatusOr<std::optional<Row>> Last(const KeyRange& range) const;

 private:
  // The last entries of a shard, up to its next offset.
  struct Tail {
    std::deque<std::shared_ptr<const Entry>> entries;
    size_t bytes = 0;
  };
  absl::Status WriteRecent();
  absl::Status LoadDamage();
  absl::Status LoadNextSequences();
  // mu_ is held.
  static void Append(Tail& tail, const RecordRead& record);

  KvStore& kv_;
  const uint32_t shards_;
  std::string meta_;
  size_t unsynced_bytes_ = 0;

  mutable std::shared_mutex mu_;
  // Rows that are not in the KvStore yet. Only the applying thread changes it.
  absl::btree_map<std::string, std::string> recent_;
  size_t recent_bytes_ = 0;
  std::vector<uint64_t> next_offset_;  // By shard.
  std::vector<Tail> tails_;            // By shard.
  // By ledger: the sequence of its first entry that cannot be read. In memory, since almost every ledger has none, and to find none
  // in the KvStore is a search in each of its files.
  absl::flat_hash_map<LedgerId, uint64_t> first_damaged_;

  // Of ledgers lately asked for, and at first of some of all: a start asks for many. Starts over when full, so that memory is bounded.
  // Held over the look-up in the rows, so that an old row cannot replace a newer end.
  mutable std::mutex ends_mu_;
  mutable absl::flat_hash_map<LedgerId, uint64_t> next_sequences_;
};

}  // namespace parley
