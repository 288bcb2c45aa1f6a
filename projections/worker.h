// One partition's thread: folds the entries of its ledgers into every generation.
//
// What is folded in stays in memory until somebody wants to read it, or it has waited for long enough: a row that a hundred entries
// change is then written once, not a hundred times.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/event_log.h"
#include "eventstore/kv_store.h"
#include "projections/catalog.h"
#include "projections/fold.h"
#include "projections/quiet_merge.h"
#include "projections/unwritten.h"
#include "projections/waiters.h"

namespace parley {

// Which partition a ledger's work falls to.
uint32_t PartitionOf(std::string_view ledger, uint32_t partitions);

struct WorkerOptions {
  EventLog* log = nullptr;
  KvStore* store = nullptr;
  Catalog* catalog = nullptr;
  Waiters* waiters = nullptr;
  // Has what the other workers have folded in written; whether it is.
  std::function<bool()> write_all;
  // Called after a generation has taken another's place.
  std::function<void()> switched;
  uint32_t partition = 0;
  uint32_t partitions = 1;
  // Entries looked at in a round at most.
  ReadLimit batch;
  // What is folded in is written after so many entries, although nobody reads.
  uint64_t write_entries = 200'000;
  absl::Duration quiet_period = absl::Seconds(10);  // See QuietMerge.
  // Rows that are kept in memory from batch to batch, and as much again of what is not written.
  size_t keep_bytes = 0;
};

class Worker {
 public:
  explicit Worker(WorkerOptions options)
      : options_(std::move(options)), merging_(*options_.store, options_.quiet_period) {}
  ~Worker() { Stop(); }

  void Start();
  // Finishes the batch at hand.
  void Stop();
  // There are generations to take up or to let go of.
  void Wake();
  // Returns when what there was before the call is folded in and in the store, of `ledger`, or of all where that is empty; where the
  // worker is far behind, what it has. False where that is not all, or cannot be written just now, or the worker ends. Whoever is told
  // of progress by another worker must not call it: two might wait for each other.
  bool Freshen(const LedgerId& ledger);
  // Whether what there is of the ledger is folded in and in the store. Waits for nothing and reads nothing, and says no where the worker
  // has not looked since something was appended, or keeps up nothing that is read.
  bool IsCurrent(const LedgerId& ledger) const;
  // Somebody waits for the ledger: what is folded in of it is written soon, and they are told.
  void Want(const std::string& ledger);
  // What the worker is failing at just now, trying again and again; OK where nothing.
  absl::Status trouble() const;

 private:
  // Generations that are equally far in one shard and therefore read it together. The rebuilt ones catch up in a cohort
  // of their own and join the live ones' when they meet.
  struct Cohort {
    ShardId shard;
    uint64_t next_offset = 0;     // To be folded in next.
    uint64_t written_offset = 0;  // Everything before it is in the store; of what follows, some ledgers may be.
    std::vector<std::shared_ptr<Generation>> generations;
    std::unique_ptr<Subscription> subscription = nullptr;   // Null: to be opened at next_offset.
    std::unique_ptr<Fold> fold = nullptr;                   // Null: knows nothing yet.
    absl::Duration unwritten_since = absl::ZeroDuration();  // Monotonic().
    uint64_t sweep_offset = 0;                              // Where it was when the sweep began.
    bool caught_up = false;                                 // It has everything that there was when it looked last.
    bool live = false;                                      // Some generation of it is read.

    bool written() const { return written_offset == next_offset; }
  };
  using Ledgers = Unwritten::Ledgers;

  void Run();
  // Reads on, folds, and writes what it is time to write; whether there is more to do at once.
  absl::StatusOr<bool> Round();
  // Tells those who wait for rounds.
  void NoteRound();
  // Waits until there is something to do again, or to be tried again.
  void Rest(const absl::StatusOr<bool>& more);
  // Waits until what the log has by now, of the ledger's shard or of all, is folded in, for two rounds at most, and not for long;
  // whether it is.
  bool AwaitRounds(const LedgerId& ledger);
  // Takes part in what changed in the catalog.
  void TakeUpChanges();
  void AddToCohort(ShardId shard, const std::shared_ptr<Generation>& generation);
  absl::Status Advance(Cohort& cohort);
  std::unique_ptr<Fold> NewFold(Fold::Mode mode, size_t keep_bytes) const;
  void SetNextOffset(Cohort& cohort, uint64_t offset);
  // Whatever was under way is begun again, from what is in the store.
  void Restart(Cohort& cohort);
  bool TimeToWrite() const;
  // Once it is time to write: writes some ledgers, so that readers who come meanwhile need not wait for all of them; in the end the
  // checkpoint, as of the beginning. `passed`: entries that were looked at in this round; the more come, the more is written.
  absl::Status Sweep(uint64_t passed);
  void PutCheckpoint(const Cohort& cohort, uint64_t offset, KvBatch& batch) const;
  // Of those folded in this round, the ledgers that somebody waits for.
  Ledgers Awaited() const;
  // Writes what is folded in of the ledgers and tells who waits for them. Cohorts that cannot be written start again.
  absl::Status Write(const Ledgers& ledgers);
  absl::Status Write(Cohort& cohort, const Ledgers& ledgers);
  void Announce(const Cohort& cohort, const std::set<std::string>& ledgers);
  // Where a generation has come to have everything, it may take another's place. An error where the store fails; where it could not be
  // written, the cohort begins again.
  absl::Status NoteCaughtUp(const Cohort& cohort);
  // Makes cohorts that have met one. An error where they could not be written first; they then begin again.
  absl::Status MergeCohorts();
  // Goes on with a ledger that had stopped, from where it stopped up to where its generation is.
  absl::Status RetryQuarantined(const std::shared_ptr<Generation>& generation);
  absl::Status RetryLedger(Generation& generation, const std::string& ledger);
  bool stopping() const;

  const WorkerOptions options_;
  uint64_t revision_ = 0;  // Of the catalog, as taken up.
  std::vector<std::shared_ptr<Generation>> held_;
  std::vector<std::unique_ptr<Cohort>> cohorts_;
  std::vector<uint64_t> high_;   // By shard: no row in the store goes beyond.
  std::set<std::string> sweep_;  // Ledgers that are still to be written.
  size_t sweep_size_ = 0;        // How many there were when it began.
  uint64_t unflushed_ = 0;       // Entries written since the store was flushed.
  QuietMerge merging_;
  std::set<std::string> touched_;  // Ledgers that something was folded in of this round.
  Unwritten unwritten_;

  mutable std::mutex mu_;
  std::condition_variable cv_;
  std::condition_variable round_cv_;
  bool stop_ = false;
  bool woken_ = false;
  uint64_t rounds_ = 0;              // That have ended.
  std::vector<uint64_t> looked_at_;  // By shard: how far what is read had come then.
  absl::Status trouble_;
  std::atomic<std::thread::id> own_thread_;
  std::thread thread_;
};

}  // namespace parley
