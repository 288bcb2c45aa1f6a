// One partition's thread: folds the entries of its ledgers into every generation.
//
// What is folded in stays in memory until somebody wants to read, or nothing more comes, or it has waited for long enough: under load a
// row that a hundred entries change is then written once, not a hundred times.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
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
#include "projections/waiters.h"

namespace parley {

// Which partition a ledger's work falls to.
uint32_t PartitionOf(std::string_view ledger, uint32_t partitions);

struct WorkerOptions {
  EventLog* log = nullptr;
  KvStore* store = nullptr;
  Catalog* catalog = nullptr;
  Waiters* waiters = nullptr;
  // Called after a generation has taken another's place.
  std::function<void()> switched;
  uint32_t partition = 0;
  uint32_t partitions = 1;
  ReadLimit batch;
  // How long entries may lie before they are folded in where nobody waits for them: many at a time are cheaper.
  absl::Duration rest = absl::Milliseconds(5);
  // How long, and how many of them, before what is folded in is written although nobody reads.
  absl::Duration write_after = absl::Seconds(1);
  uint64_t write_entries = 50'000;
  // Rows that are kept in memory from batch to batch.
  size_t keep_bytes = 128 << 20;
  // Entries folded in between flushes of the store: what a crash costs to fold again.
  uint64_t flush_every = 100'000;
};

class Worker {
 public:
  explicit Worker(WorkerOptions options) : options_(std::move(options)) {}
  ~Worker() { Stop(); }

  void Start();
  // Finishes the batch at hand.
  void Stop();
  // There are generations to take up or to let go of, or somebody waits.
  void Wake();
  // Returns when what was folded in before the call is in the store, or when it cannot be written just now.
  void Freshen();
  // What the worker is failing at just now, trying again and again; OK where nothing.
  absl::Status trouble() const;

 private:
  // Generations that are equally far in one shard and therefore read it together. The rebuilt ones catch up in a cohort
  // of their own and join the live ones' when they meet.
  struct Cohort {
    ShardId shard;
    uint64_t next_offset = 0;     // To be folded in next.
    uint64_t written_offset = 0;  // The same, of what is in the store.
    std::vector<std::shared_ptr<Generation>> generations;
    std::unique_ptr<Subscription> subscription = nullptr;   // Null: to be opened at next_offset.
    std::unique_ptr<Fold> fold = nullptr;                   // Null: knows nothing yet.
    absl::Duration unwritten_since = absl::ZeroDuration();  // Monotonic().
    bool caught_up = false;                                 // It has everything that there was when it looked last.

    bool written() const { return written_offset == next_offset; }
    // Whatever was under way is begun again, from the last batch that was written.
    void Restart() {
      subscription.reset();
      fold.reset();
      next_offset = written_offset;
    }
  };

  void Run();
  // Reads on, folds, and writes where it is time to; whether there is more to do at once.
  absl::StatusOr<bool> Round();
  // Takes part in what changed in the catalog.
  void TakeUpChanges();
  void AddToCohort(ShardId shard, const std::shared_ptr<Generation>& generation);
  // Whether there was anything to fold in.
  absl::StatusOr<bool> Advance(Cohort& cohort);
  bool TimeToWrite(const Cohort& cohort) const;
  absl::Status WriteOut(Cohort& cohort);
  // All of them; those that cannot be written start again.
  absl::Status WriteOutAll();
  void Announce(const Cohort& cohort);
  void NoteCaughtUp(Cohort& cohort);
  void MergeCohorts();
  // Goes on with a ledger that had stopped, from where it stopped up to where its generation is.
  absl::Status RetryQuarantined(const std::shared_ptr<Generation>& generation);
  absl::Status RetryLedger(Generation& generation, const std::string& ledger);
  bool stopping() const;

  const WorkerOptions options_;
  uint64_t revision_ = 0;  // Of the catalog, as taken up.
  std::vector<std::shared_ptr<Generation>> held_;
  std::vector<std::unique_ptr<Cohort>> cohorts_;
  uint64_t unflushed_ = 0;

  mutable std::mutex mu_;
  std::condition_variable cv_;
  std::condition_variable written_;
  bool stop_ = false;
  bool woken_ = false;
  bool wanted_ = false;     // Somebody is in Freshen.
  bool unwritten_ = false;  // Something folded in is not in the store.
  uint64_t rounds_ = 0;     // How often it was written, or could not be.
  absl::Status trouble_;
  std::thread thread_;
};

}  // namespace parley
