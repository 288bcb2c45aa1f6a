// A thread of the pipeline and the ledgers that are its own.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "absl/container/flat_hash_map.h"
#include "services/command/ledger_cell.h"

namespace parley {

class DeadlineScheduler;

// Jobs are run one after another, in the order they were handed in: on the thread that hands one in where the worker has nothing
// else to do and the ledger is in memory, since to wake another thread takes longer than most jobs; else on the worker's own.
class PipelineWorker {
 public:
  PipelineWorker(const CellEnvironment& env, DeadlineScheduler* scheduler, size_t cache_bytes);
  // Runs what was handed in, keeps snapshots, ends.
  ~PipelineWorker();

  // Runs `job` on the ledger's cell, or on the error that kept it from being loaded.
  using Job = std::function<void(absl::StatusOr<LedgerCell*>)>;
  enum class Where {
    kHereIfIdle,
    kWorker,  // From callbacks that must not be held up.
  };
  enum class Urgency {
    kOrdinary,
    kDuringHold,  // Runs although the ledger is held.
  };
  void Enqueue(LedgerId ledger, Job job, Where where, Urgency urgency = Urgency::kOrdinary);

  // From when `held` is called, on the worker's thread, ordinary jobs of the ledger wait for Release, in their order. One hold of a
  // ledger at a time.
  void Hold(LedgerId ledger, std::function<void()> held);
  void Release(LedgerId ledger);

 private:
  struct Slot {
    std::unique_ptr<LedgerCell> cell;
    std::list<LedgerId>::iterator recency;
    size_t bytes = 0;
  };
  struct Item {
    enum class Kind { kJob, kHold, kRelease };
    Kind kind;
    LedgerId ledger;
    Job job;
    Urgency urgency = Urgency::kOrdinary;
    std::function<void()> held;
  };
  void Add(Item item, Where where);
  // Whether the one item there is may be run by whoever brings it. Its caller is the one that runs.
  bool Quick(const Item& item) const;
  void Run();
  void Handle(Item& item);
  void RunJob(const LedgerId& ledger, const Job& job);
  absl::StatusOr<LedgerCell*> CellOf(const LedgerId& ledger);
  void Account(const LedgerId& ledger);
  void Evict();
  void Drop(const LedgerId& ledger);

  const CellEnvironment env_;
  DeadlineScheduler* const scheduler_;
  const size_t cache_bytes_;

  std::mutex mu_;
  std::condition_variable wake_;
  std::deque<Item> items_;  // Guarded by mu_.
  bool stop_ = false;       // Guarded by mu_.
  bool running_ = false;    // Guarded by mu_: somebody runs items.

  // Only whoever runs items touches these.
  absl::flat_hash_map<LedgerId, Slot> slots_;
  std::list<LedgerId> recency_;  // Most recent first.
  size_t bytes_ = 0;
  absl::flat_hash_map<LedgerId, std::deque<Job>> held_;  // And what waits for their release.

  std::thread thread_;  // Last: it uses all of the above.
};

}  // namespace parley
