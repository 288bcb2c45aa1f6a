// The event log: append-only ledgers, each a gap-free sequence of entries, spread over shards.
//
// Promises, whatever the engine:
//   - A commit is all there or not there, in every reader's eyes and after any crash.
//   - An append answered OK is durable, and stays at that ledger sequence and position for ever.
//   - Sequences in a ledger and positions in a shard are dense; a reader that goes on where it stopped misses nothing
//     and sees nothing twice.
//   - A commit wins only if its ledger still ends where the commit begins, so two writers never interleave a decision.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/base/ids.h"
#include "eventstore/entry.h"

namespace parley {

inline constexpr size_t kMaxCommitEntries = 1000;
inline constexpr size_t kMaxCommitBytes = 1 << 20;

// Entries of one ledger to be appended together. The expected revision is always explicit: the sequence in the first
// entry's header is the one the ledger must be at (0: the ledger must not exist yet).
struct Commit {
  LedgerId ledger;
  std::vector<v1::StoredEntry> entries;
  // EventLog::generation() as it was when the state that this was decided on was known to be whole.
  uint64_t generation = 0;
};

// Where a commit went.
struct Appended {
  uint64_t first_sequence = 0;
  Position first_position;
};

// The commit that a request id led to.
struct RequestRecord {
  uint64_t first_sequence = 0;
  uint32_t entries = 0;
  std::string fingerprint;
};

// One sealed part of an entry.
struct PartRef {
  uint64_t sequence = 0;
  size_t part = 0;  // From 1.
};

// How much to read at most; at least one entry is returned where there is one.
struct ReadLimit {
  size_t entries = 1000;
  size_t bytes = 4 << 20;
};

// Reads one shard from a position, first what is there, then what comes: pulled by the reader, so a slow reader holds
// nothing up and nothing piles up for it. Not thread-safe. Must not outlive its log.
class Subscription {
 public:
  virtual ~Subscription() = default;
  // The next entries that are wanted, as ReadShard gives them, among the next `limit`. The log's newest are handed out as they are in
  // memory, the same to all readers.
  virtual absl::StatusOr<std::vector<std::shared_ptr<const Entry>>> Poll(ReadLimit limit) = 0;
  // Where the next Poll goes on: the reader has everything where that is the shard's end.
  virtual Position next() const = 0;
  // Calls `ready` once, when there is something to look at behind next() (`within` that time, so that a busy log wakes nobody for each
  // entry), on a thread of the log's; the callback must not block. A new call replaces the one before. Cancelled by the
  // subscription's end, after which it is not called: the destructor waits for one that is running, so hold no lock there
  // that the callback takes.
  virtual void NotifyWhenReady(std::function<void()> ready, absl::Duration within = absl::ZeroDuration()) = 0;
};

// Thread-safe.
class EventLog {
 public:
  using Done = std::function<void(absl::StatusOr<Appended>)>;
  virtual ~EventLog() = default;

  // Calls `done` exactly once, on the log's writer thread (so it must not block), commits of one ledger in order:
  //   OK                               durable;
  //   ABORTED, CONFLICT                another writer was first: nothing was written, read on and decide again;
  //   UNAVAILABLE, OUTCOME_UNKNOWN     the write failed half-way: it may be there or not. The log recovers by itself;
  //   UNAVAILABLE, LOG_UNAVAILABLE     not tried, since the log is recovering: nothing was written;
  //   INVALID_ARGUMENT, COMMIT_TOO_LARGE;
  //   DATA_LOSS, LEDGER_QUARANTINED    an entry of the ledger is damaged: it takes no more.
  // After any answer but OK, every later commit of that ledger handed in before `done` returned is refused too (see
  // generation()), since it may have been decided on what was not written.
  // Everything pending goes into one synced write, in the order handed in. Pending bytes are bounded by the callers.
  virtual void Append(Commit commit, Done done) = 0;

  // Destroys these sealed parts of a ledger's durable entries: when this returns, no file of the log holds them. Everything else
  // of the entries stays as it is, byte for byte. Parts that are gone already are passed over. May take long.
  virtual absl::Status EraseParts(const LedgerId& ledger, const std::vector<PartRef>& parts) = 0;

  // Entries of a ledger, in sequence. Unknown ledgers are empty. Only durable entries are ever returned. Where the next
  // entry is damaged: DATA_LOSS, LEDGER_QUARANTINED; what stands before it is returned first.
  virtual absl::StatusOr<std::vector<Entry>> Read(const LedgerId& ledger, uint64_t from_sequence,
                                                  ReadLimit limit) const = 0;
  // Entries of one stream from a ledger sequence on.
  virtual absl::StatusOr<std::vector<Entry>> ReadStream(const LedgerId& ledger, const std::string& stream,
                                                        uint64_t from_sequence, ReadLimit limit) const = 0;
  // Entries of a shard, in position order. A damaged entry comes as one with `damage` set, so that the reader can stop
  // that ledger and go on with the others.
  virtual absl::StatusOr<std::vector<Entry>> ReadShard(Position from, ReadLimit limit) const = 0;
  // `wanted` says whose entries to give; all of them where there is none. It is asked by the polling thread, and asked often.
  using Wanted = std::function<bool(std::string_view ledger)>;
  virtual std::unique_ptr<Subscription> Subscribe(Position from, Wanted wanted = nullptr) = 0;

  // The next sequence of a ledger, 0 for an unknown one. Nearly always from memory; an error where the index must be
  // asked and cannot be read.
  virtual absl::StatusOr<uint64_t> NextSequence(const LedgerId& ledger) const = 0;
  // The next offset of a shard.
  virtual uint64_t NextOffset(ShardId shard) const = 0;
  // Where an entry stands; nullopt where the ledger is not that long.
  virtual absl::StatusOr<std::optional<Position>> PositionOf(const LedgerId& ledger, uint64_t sequence) const = 0;
  // The commit made under a request id by `actor`, however long ago; durable ones only.
  virtual absl::StatusOr<std::optional<RequestRecord>> FindRequest(const LedgerId& ledger, const std::string& actor,
                                                                   const std::string& request_id) const = 0;
  // Every ledger after `after`, in name order, at most `limit`.
  virtual absl::StatusOr<std::vector<LedgerId>> Ledgers(const LedgerId& after, size_t limit) const = 0;

  virtual uint32_t shards() const = 0;
  virtual ShardId ShardOf(const LedgerId& ledger) const = 0;
  virtual std::string incarnation() const = 0;
  // Counts up by one each time an append was answered with an error, after its `done` returned. A commit made under a
  // generation older than the last such answer to its ledger is answered CONFLICT even where its sequence fits: what it
  // was decided on may be gone, and another writer's entries in its place. So: read generation(); only if none of one's
  // own appends to the ledger failed until then, hand in commits under it.
  virtual uint64_t generation() const = 0;
};

}  // namespace parley
