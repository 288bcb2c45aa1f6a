// Folds entries into the rows of generations, and keeps what is to be written until it is written together.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "eventstore/entry.h"
#include "eventstore/kv_store.h"
#include "parley/v1/read_store.pb.h"
#include "projections/generation.h"
#include "projections/rows.h"

namespace parley {

// One batch. Not thread-safe; `store` and the generations outlive it.
class Fold {
 public:
  enum class Mode {
    kFollow,  // Ledgers in quarantine are left alone.
    kRetry,   // They are tried again from where they stopped.
  };
  explicit Fold(const KvReader& store, Mode mode = Mode::kFollow) : store_(store), mode_(mode) {}

  // Folds `entry` in wherever it is the ledger's next. One that cannot be folded in stops its ledger in that generation
  // (in all of them where it cannot be decoded). An error is the store's: the batch is then worthless.
  absl::Status Add(const Entry& entry, const std::vector<Generation*>& generations);
  // Passes over `entry`, of which only the header need be there: the ledger goes on behind it as if it had changed nothing.
  absl::Status Skip(const Entry& entry, const std::vector<Generation*>& generations);

  // How far a ledger is with this batch.
  struct Progress {
    uint64_t next_sequence = 0;
    bool stopped = false;
    std::string error;  // Why, where stopped.
  };
  // By generation number and ledger: every ledger that Add was told of.
  using Progresses = std::map<std::pair<uint64_t, std::string>, Progress>;
  Progresses progress() const;

  // The first ledger that this batch stopped, if any.
  struct Stopped {
    std::string projection;
    std::string ledger;
    v1::ProjectionQuarantine quarantine;
  };
  const std::optional<Stopped>& first_stopped() const { return first_stopped_; }

  void MoveInto(KvBatch& batch);

 private:
  struct Ledger {
    LedgerRows rows;
    Progress progress;
    bool changed = false;
    std::string quarantine;  // To be written.
  };
  absl::StatusOr<Ledger*> Find(uint64_t generation, const std::string& ledger);
  // The ledger of `entry` if the entry is its next; null where it is past it, or stopped. One that is ahead stops it.
  absl::StatusOr<Ledger*> Next(const Generation& generation, const Entry& entry);
  void Stop(const Generation& generation, Ledger& ledger, const Entry& entry, const absl::Status& why);

  const KvReader& store_;
  const Mode mode_;
  std::map<std::pair<uint64_t, std::string>, Ledger> ledgers_;
  std::optional<Stopped> first_stopped_;
};

}  // namespace parley
