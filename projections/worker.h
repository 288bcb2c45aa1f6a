// One partition's thread: folds the entries of its ledgers into every generation.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
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
  // There are generations to take up or to let go of.
  void Wake();
  // What the worker is failing at just now, trying again and again; OK where nothing.
  absl::Status trouble() const;

 private:
  // Generations that are equally far in one shard and therefore read it together. The rebuilt ones catch up in a cohort
  // of their own and join the live ones' when they meet.
  struct Cohort {
    ShardId shard;
    uint64_t next_offset = 0;
    std::vector<std::shared_ptr<Generation>> generations;
    std::unique_ptr<Subscription> subscription;  // Null: to be opened at next_offset.
  };
  enum class Step { kProgress, kIdle };

  void Run();
  // Takes part in what changed in the catalog.
  void TakeUpChanges();
  void AddToCohort(ShardId shard, const std::shared_ptr<Generation>& generation);
  absl::StatusOr<Step> Advance(Cohort& cohort);
  absl::Status FoldBatch(Cohort& cohort, const std::vector<Entry>& entries);
  void Announce(const Cohort& cohort, const Fold::Progresses& progresses);
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
  bool stop_ = false;
  bool woken_ = false;
  absl::Status trouble_;
  std::thread thread_;
};

}  // namespace parley
