// The one path that every command takes: validate, load the ledger's state, settle its due deadlines, decide, append,
// answer once the disk has it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/random.h"
#include "eventstore/event_log.h"
#include "eventstore/kv_store.h"
#include "services/command/command.h"
#include "services/command/ledger_cell.h"
#include "services/command/snapshots.h"

namespace parley {

class PipelineWorker;
class DeadlineScheduler;

struct PipelineOptions {
  EventLog* log = nullptr;
  KvStore* snapshots = nullptr;
  Clock* clock = nullptr;
  RandomSource* random = nullptr;
  // 32 secret bytes: keys the fingerprints of requests. The same for every pipeline on one log, for as long as it lives.
  std::string fingerprint_key;
  // Ledgers are spread over this many threads; commands of one ledger are decided by one thread, in order.
  int workers = 2;
  // Ledger states kept in memory, in bytes, over all workers.
  size_t cache_bytes = 256 << 20;
  // Commands waiting to be decided; more are refused with OVERLOADED.
  size_t max_queued = 10'000;
};

// Thread-safe.
class CommandPipeline {
 public:
  using Done = std::function<void(absl::StatusOr<Answer>)>;

  explicit CommandPipeline(PipelineOptions options);
  // Waits for everything handed in.
  ~CommandPipeline();

  // Calls `done` exactly once, on some thread of the pipeline's or the log's, so it must not block. `cancelled` is asked
  // just before the command is decided: a caller who stopped waiting by then gets CANCELLED and nothing is written.
  void Submit(Identity identity, Command command, std::function<bool()> cancelled, Done done);

  // Records every deadline of every ledger that is due by the clock's now; `done` is called when all are durable. The
  // scheduler does the same by itself, about once a second.
  void SettleAllDeadlines(std::function<void(absl::Status)> done);

  // Refuses new commands with DRAINING and returns when all others are answered.
  void Drain();

  size_t queued() const { return queued_; }

 private:
  friend class PipelineWorker;
  PipelineWorker& WorkerOf(const LedgerId& ledger);
  bool Begin();  // False while draining.
  void Answered();

  const PipelineOptions options_;
  Snapshots snapshots_;
  CellEnvironment env_;
  std::atomic<size_t> queued_ = 0;  // Handed in, not decided yet.
  std::mutex mu_;
  bool draining_ = false;  // Guarded by mu_.
  std::condition_variable answered_;
  size_t unanswered_ = 0;                         // Guarded by mu_.
  std::unique_ptr<DeadlineScheduler> scheduler_;  // Outlives the workers, which tell it of deadlines.
  std::vector<std::unique_ptr<PipelineWorker>> workers_;
};

}  // namespace parley
