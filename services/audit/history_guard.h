// Holds what the log has against every checkpoint that was signed for it: kept here, kept outside the store, or shown by whoever saw it.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "eventstore/base/ids.h"
#include "eventstore/event_log.h"
#include "eventstore/kv_store.h"
#include "eventstore/proof/note.h"
#include "projections/read_view.h"
#include "services/audit/checkpoints.h"
#include "services/audit/ledger_tree.h"
#include "services/audit/log_keys.h"

namespace parley {

// FAILED_PRECONDITION, naming the ledgers, where the log has fewer entries of some than was signed: before a server serves. Quick:
// compares sizes; HistoryGuard::CheckKept compares roots.
absl::Status CheckNoneBehind(const EventLog& log, absl::Span<const SignedSize> sizes);

// Thread-safe. Reads disk. DATA_LOSS everywhere below is HISTORY_BEHIND (the history here is shorter than a checkpoint) or HISTORY_FORKED
// (it is not the one that the checkpoint covers); once it was answered, Trust answers it, too, until the next start, and after that as
// soon as CheckKept has found it again.
class HistoryGuard {
 public:
  // Nothing is owned; all outlive this. `read_store`: of the read models.
  HistoryGuard(const EventLog* log, const ReadSource* read_store, LedgerTree* tree, CheckpointStore* store,
               LogKeys* keys)
      : log_(log), read_store_(read_store), tree_(tree), store_(store), keys_(keys) {}

  // Whether the ledger's history may be vouched for: OK, or the DATA_LOSS that was found.
  absl::Status Trust(const LedgerId& ledger) const;
  // Against the newest notes that were kept, in the store and outside, and one that was seen to contradict the history. Where they all
  // hold, what the note outside has and the store lacks is taken into it.
  absl::Status CheckKept(const LedgerId& ledger);
  // Against a note that somebody has seen. FIELD_INVALID about `seen` where that is no checkpoint of this ledger, signed by the log. One
  // that the history does not reach, or contradicts, is kept outside the store, so that a restart does not make it forgotten.
  absl::Status CheckSeen(const LedgerId& ledger, const std::string& seen);

 private:
  absl::Status Compare(const LedgerId& ledger, const Checkpoint& claimed) const;
  // `found`, remembered where it is one of the two.
  absl::Status Remember(const LedgerId& ledger, absl::Status found);

  const EventLog* const log_;
  const ReadSource* const read_store_;
  LedgerTree* const tree_;
  CheckpointStore* const store_;
  LogKeys* const keys_;
  mutable std::mutex mu_;
  std::map<LedgerId, absl::Status> distrusted_;  // Guarded by mu_.
};

}  // namespace parley
