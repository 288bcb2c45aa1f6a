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

// Jobs are run one after another, in the order they were handed in.
class PipelineWorker {
 public:
  PipelineWorker(const CellEnvironment& env, DeadlineScheduler* scheduler, size_t cache_bytes);
  // Runs what was handed in, keeps snapshots, ends.
  ~PipelineWorker();

  // Runs `job` on the ledger's cell, or on the error that kept it from being loaded.
  using Job = std::function<void(absl::StatusOr<LedgerCell*>)>;
  void Enqueue(LedgerId ledger, Job job);

 private:
  struct Slot {
    std::unique_ptr<LedgerCell> cell;
    std::list<LedgerId>::iterator recency;
    size_t bytes = 0;
  };
  void Run();
  absl::StatusOr<LedgerCell*> CellOf(const LedgerId& ledger);
  void Account(const LedgerId& ledger);
  void Evict();
  void Drop(const LedgerId& ledger);

  const CellEnvironment env_;
  DeadlineScheduler* const scheduler_;
  const size_t cache_bytes_;

  std::mutex mu_;
  std::condition_variable wake_;
  std::deque<std::pair<LedgerId, Job>> jobs_;  // Guarded by mu_.
  bool stop_ = false;                          // Guarded by mu_.

  // Only the worker's thread touches these.
  absl::flat_hash_map<LedgerId, Slot> slots_;
  std::list<LedgerId> recency_;  // Most recent first.
  size_t bytes_ = 0;

  std::thread thread_;  // Last: it uses all of the above.
};

}  // namespace parley
