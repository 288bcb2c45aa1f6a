// The command layer's own memory of ledgers, so that loading one does not fold its whole history. Disposable.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventstore/event_log.h"
#include "eventstore/kv_store.h"
#include "services/aggregate/ledger_state.h"

namespace parley {

struct LoadedState {
  LedgerState state;
  uint64_t from_snapshot = 0;  // How many of its entries the snapshot had; the rest was read.
};

class Snapshots {
 public:
  explicit Snapshots(KvStore* store) : store_(store) {}

  // The state of a ledger up to its durable end: the snapshot, where there is a usable one, plus the log's tail. DATA_LOSS
  // (LEDGER_QUARANTINED) where an entry cannot be read.
  absl::StatusOr<LoadedState> Load(const EventLog& log, const LedgerId& ledger) const;
  // Keeps a state of a ledger of `log`. Everything in it must be durable.
  absl::Status Save(const EventLog& log, const LedgerState& state);

  // Compares every snapshot with a re-fold of the log; returns a finding for each that differs.
  absl::StatusOr<std::vector<std::string>> Check(const EventLog& log) const;

 private:
  KvStore* const store_;
};

// Folds a ledger from `state.next_sequence()` to `until`, or to its durable end.
absl::Status FoldTail(const EventLog& log, LedgerState& state, uint64_t until = UINT64_MAX);

}  // namespace parley
