// The proof's parts of a server, put together.
#pragma once

#include <future>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "eventstore/base/clock.h"
#include "eventstore/base/random.h"
#include "projections/runner.h"
#include "services/audit/audit.h"
#include "services/audit/bundles.h"
#include "services/audit/checkpointer.h"
#include "services/audit/checkpoints.h"
#include "services/audit/history_guard.h"
#include "services/audit/ledger_tree.h"
#include "services/audit/log_keys.h"
#include "services/command/pipeline.h"
#include "services/server/options.h"
#include "services/server/store.h"
#include "services/server/timestamp_authority.h"

namespace parley {

// What the notes beside the store say. FAILED_PRECONDITION where one is no checkpoint, UNAVAILABLE where they cannot be read.
using NotesRead = std::future<absl::StatusOr<std::vector<SignedSize>>>;
// Reads them on threads of its own, so that the store can be opened meanwhile; their directory is made where there is none. Whoever lets
// go of the future waits for it.
NotesRead ReadNotes(const ServerOptions& options);
// What was signed before. FAILED_PRECONDITION where the log of `store` is behind it, or it was signed for another log domain: then
// nothing may be appended; what `notes` say where they are no good. `store` outlives it.
absl::StatusOr<std::unique_ptr<CheckpointStore>> OpenCheckpoints(const ServerOptions& options, const Store& store,
                                                                 NotesRead notes);

// In the order in which they are built; taken down in the reverse.
struct Proof {
  std::unique_ptr<LedgerTree> tree;
  std::unique_ptr<LogKeys> keys;
  std::unique_ptr<HistoryGuard> guard;
  std::unique_ptr<TimestampAuthority> timestamp_authority;  // Null: none was named.
  std::unique_ptr<Checkpointer> checkpointer;
  std::unique_ptr<Audit> audit;
  std::unique_ptr<Bundles> bundles;
};

// What the parts stand on. Nothing is owned; everything outlives them.
struct ProofEnvironment {
  const Store* store = nullptr;
  CheckpointStore* checkpoints = nullptr;
  Runner* runner = nullptr;
  CommandPipeline* pipeline = nullptr;
  const Clock* clock = nullptr;
  RandomSource* random = nullptr;
};

// FAILED_PRECONDITION where the log's signing keys are missing.
absl::StatusOr<Proof> StartProof(const ServerOptions& options, const ProofEnvironment& environment);

}  // namespace parley
