// Keeps every read model up with the log.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/event_log.h"
#include "eventstore/kv_store.h"
#include "parley/v1/read_store.pb.h"
#include "projections/catalog.h"
#include "projections/projection.h"
#include "projections/read_view.h"
#include "projections/waiters.h"
#include "projections/worker.h"

namespace parley {

struct RunnerOptions {
  EventLog* log = nullptr;  // Not owned; outlives the runner.
  // The read store, of the runner alone. Not owned; outlives the runner. May be lost or emptied while no runner is on
  // it.
  KvStore* store = nullptr;
  // All versions that are in the code; a name may occur with several. Outlive the runner.
  std::vector<const Projection*> projections;
  // Threads, between which ledgers are divided. May change from start to start.
  uint32_t partitions = 1;
  ReadLimit batch{.entries = 4000};
  // Entries that a worker folds in before it writes although nobody reads.
  uint64_t write_entries = WorkerOptions().write_entries;
  // After which the store is asked to merge what it has, if few entries came.
  absl::Duration quiet_period = WorkerOptions().quiet_period;
};

// How one projection is doing.
struct ProjectionStatus {
  std::string name;
  v1::ProjectionCatalog catalog;  // Generations, the live one, the latest switch.
  // How far the live generation is behind the log: entries in front of the slowest partition of each shard, and the
  // time since it last had everything (zero where it has).
  uint64_t entries_behind = 0;
  absl::Duration time_behind;
  bool rebuilding = false;
  // Ledgers that it stopped following.
  std::vector<std::pair<LedgerId, v1::ProjectionQuarantine>> quarantined;
};

// Promises:
//   - A ledger's entries are folded in as a prefix, in order; rows and progress are written in one batch, so that a
//   read
//     of one moment shows whole prefixes.
//   - A poison entry stops its own ledger in that projection only. Ledgers that have stopped are tried again at each
//     start, from where they stopped.
//   - The rows of a ledger depend on its entries only, not on batches, partitions, restarts or rebuilds.
// Thread-safe.
class Runner {
 public:
  static absl::StatusOr<std::unique_ptr<Runner>> Start(RunnerOptions options);
  // Ends all waiting with DRAINING, finishes the batches at hand, flushes the store.
  ~Runner();

  // Calls `done` once, maybe before this returns, maybe on a worker's thread (it must not block):
  //   OK                             the live rows of `projection` have entry `sequence` of `ledger` folded in;
  //   DATA_LOSS, PROJECTION_STOPPED  they will not;
  //   UNAVAILABLE, DRAINING          the runner ends.
  // Returns an id for Cancel.
  uint64_t NotifyWhenApplied(const std::string& projection, const LedgerId& ledger, uint64_t sequence,
                             Waiters::Done done);
  // The read store for those who read: what was folded in and not written yet is written first. Not for whoever must not block.
  const ReadSource& reading() const { return *reading_; }
  // The same as it stands, without waiting for any worker. Has what somebody was told of as applied.
  ReadMoment written() const { return catalog_->Snapshot(); }

  // Whether the live rows of the projection are kept up: not while only rows of a version that the code no longer has can be read.
  bool KeepsUp(const std::string& projection) const { return catalog_->Live(projection) != nullptr; }

  // Whether every live projection that is kept up is known to have all of the ledger, written, or to have stopped following it. Reads
  // nothing, and is usually true where nothing is being appended.
  bool IsCurrent(const LedgerId& ledger) const { return WorkerOf(ledger).IsCurrent(ledger); }

  // True: `done` will not be called.
  bool Cancel(uint64_t waiter) { return waiters_.Cancel(waiter); }

  // Folds a projection anew, beside the rows that are read, then compares and switches, as for a new version: see Catalog.
  absl::Status Rebuild(const std::string& projection);

  std::vector<ProjectionStatus> Status() const;
  // What a worker keeps failing at; OK where none does.
  absl::Status Trouble() const;
  // Whether every live projection has had everything in the log at least once since the start.
  bool CaughtUpOnce() const;

 private:
  explicit Runner(RunnerOptions options);
  std::optional<absl::Status> Check(const Waiters::Target& target) const;
  Worker& WorkerOf(const LedgerId& ledger) const;
  // Has the ledger's rows written, or everybody's where it is empty; whether they are.
  bool Freshen(const LedgerId& ledger) const;
  void Switched();
  ProjectionStatus StatusOf(const std::string& name, ReadView& view) const;

  const RunnerOptions options_;
  const int64_t started_nanos_;  // Monotonic().
  Waiters waiters_;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<ReadSource> reading_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

// Every registered projection, as RunnerOptions wants them.
std::vector<const Projection*> AllProjections();

}  // namespace parley
