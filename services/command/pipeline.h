// The one path that every command takes: validate, load the ledger's state, settle its due deadlines, decide, append,
// answer once the disk has it.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/random.h"
#include "eventstore/event_log.h"
#include "eventstore/kv_store.h"
#include "eventstore/person_keys.h"
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
  // Seals texts about people.
  PersonKeys* person_keys = nullptr;
  // 32 secret bytes: keys the fingerprints of requests. The same for every pipeline on one log, for as long as it lives.
  std::string fingerprint_key;
  // Ledgers are spread over this many threads; commands of one ledger are decided by one thread, in order.
  int workers = 2;
  // Ledger states kept in memory, in bytes, over all workers.
  size_t cache_bytes = 192 << 20;
  // Commands waiting for their answer, and the memory of their requests; more are refused with OVERLOADED.
  size_t max_queued = 10'000;
  size_t max_queued_bytes = 256 << 20;
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
  // Refuses the principal "system": nobody from outside is.
  void Submit(Identity identity, Command command, std::function<bool()> cancelled, Done done);

  // The same for what the server itself says in a ledger that exists: the actor is "system", of no party and without a role.
  // `command` is about `ledger`.
  void SubmitSystem(const LedgerId& ledger, Command command, Done done);

  // While what this returns is kept, no command of the ledger but SubmitSystem's is decided: they wait, and count as queued. Returns
  // when that is so; blocks until then, so not on a thread of the pipeline's. For moments, and one hold of a ledger at a time.
  std::shared_ptr<void> Hold(const LedgerId& ledger);

  // Records every deadline of every ledger that is due by the clock's now; `done` is called when all are durable, or with
  // DRAINING. The scheduler does the same by itself, about once a second.
  void SettleAllDeadlines(std::function<void(absl::Status)> done);

  // Refuses new commands with DRAINING and returns when all others are answered.
  void Drain();

  // Commands waiting for their answer.
  size_t queued() const;

 private:
  PipelineWorker& WorkerOf(const LedgerId& ledger);
  // What Submit and SubmitSystem have in common. Refuses a command about another ledger than `only`, where that is given.
  void Enqueue(Identity identity, const LedgerId* only, Command command, std::function<bool()> cancelled, Done done);
  // Counts a command in: how many wait for their answer with it, or DRAINING, OVERLOADED.
  absl::StatusOr<size_t> Begin(size_t bytes);
  // Hands out an answer. Its room is free before the caller hears of it, who may send the next at once.
  void Finish(size_t bytes, const Done& done, absl::StatusOr<Answer> answer);

  const PipelineOptions options_;
  Snapshots snapshots_;
  CellEnvironment env_;
  mutable std::mutex mu_;
  std::condition_variable answered_;
  // Guarded by mu_.
  bool draining_ = false;
  size_t queued_ = 0;
  size_t queued_bytes_ = 0;
  size_t unanswered_ = 0;                         // Those whose `done` has not returned.
  std::unique_ptr<DeadlineScheduler> scheduler_;  // Outlives the workers, which tell it of deadlines.
  std::vector<std::unique_ptr<PipelineWorker>> workers_;
};

}  // namespace parley
