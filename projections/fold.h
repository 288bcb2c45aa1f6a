// Folds entries into the rows of generations, and keeps what is to be written until it is written together.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
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

// Add and Skip, then MoveInto, of everything or of one ledger, then the batch is written. Were it lost, or were anybody else to write
// these rows, the fold would be worthless: what it knows of them stays in memory. Not thread-safe; `store` and the generations outlive it.
class Fold {
 public:
  enum class Mode {
    kFollow,  // Ledgers in quarantine are left alone.
    kRetry,   // They are tried again from where they stopped.
  };
  // Gives entries of a ledger once more, from `first` on; at least one.
  using ReadAgain = std::function<absl::StatusOr<std::vector<Entry>>(const LedgerId& ledger, uint64_t first)>;
  // Keeps rows in memory between batches, `keep_bytes` of them; those of the ledgers that were lately folded. Without `read_again`
  // nothing that was folded is worth anything once first_stopped() is set.
  Fold(const KvReader& store, ReadAgain read_again, Mode mode = Mode::kFollow, size_t keep_bytes = 0)
      : store_(store), read_again_(std::move(read_again)), mode_(mode), keep_bytes_(keep_bytes) {}

  // Folds `entry` in wherever it is the ledger's next. One that cannot be folded in stops its ledger in that generation
  // (in all of them where it cannot be decoded). An error is the store's: the batch is then worthless.
  absl::Status Add(const Entry& entry, const std::vector<Generation*>& generations);
  // Passes over `entry`, of which only the header need be there: the ledger goes on behind it as if it had changed nothing.
  absl::Status Skip(const Entry& entry, const std::vector<Generation*>& generations);

  // The first ledger that was stopped, if any.
  struct Stopped {
    std::string projection;
    std::string ledger;
    v1::ProjectionQuarantine quarantine;
  };
  const std::optional<Stopped>& first_stopped() const { return first_stopped_; }

  // Roughly the memory of all that it holds: of rows that stay from batch to batch, and of what is to be moved.
  size_t bytes() const { return bytes_ + taken_up_ + added_; }
  // That is twice what it may keep, and something is to be moved: it is time to.
  bool full() const { return !changed_.empty() && bytes() >= 2 * keep_bytes_; }
  // Moves what changed into the batch: of all ledgers, or of one.
  absl::Status MoveInto(KvBatch& batch);
  absl::Status MoveInto(KvBatch& batch, const std::string& ledger);

  // How far a ledger is in a generation.
  struct Progress {
    uint64_t next_sequence = 0;
    bool stopped = false;
    std::string error;  // Why, where it stopped in this fold.
  };
  // Of a ledger in every generation that the fold knows it in, until the next entry is added.
  void ForEachProgress(const std::string& ledger,
                       const std::function<void(uint64_t generation, const Progress&)>& visit) const;

 private:
  struct Follower;
  struct Ledger {
    std::string name;
    SharedResources shared;
    std::vector<std::unique_ptr<Follower>> followers;
    size_t bytes = 0;  // As of when it was last moved into a batch.
    size_t added = 0;  // Since then.
    std::list<Ledger*>::iterator recency;
  };
  // One ledger in one generation.
  struct Follower {
    Follower(const KvReader& store, uint64_t generation, Ledger& ledger)
        : generation(generation), rows(store, generation, ledger.name, ledger.shared) {}
    const uint64_t generation;
    LedgerRows rows;
    Progress progress;
    uint64_t unchanged_at = 0;  // The next sequence when its changes began.
    bool changed = false;
    std::string quarantine;  // To be written.
  };
  Ledger& Find(const std::string& name);
  absl::StatusOr<Follower*> FollowerOf(Ledger& ledger, uint64_t generation);
  // The follower if `entry` is its next; null where it is past it, or stopped. One that is ahead stops it.
  absl::StatusOr<Follower*> Next(Generation& generation, Ledger& ledger, const Entry& entry);
  // Folds in an event that is the follower's next. An error is the store's; `poison` is set where the event cannot be folded in.
  static absl::Status Apply(const Projection& projection, Follower& follower, const RecordedEvent& event,
                            absl::Status& poison);
  // Undoes what an event that is poison has left behind, by folding those before it in anew: as many as can be read.
  absl::Status Undo(const Projection& projection, Follower& follower, const Ledger& ledger, uint64_t until) const;
  void Stop(Generation& generation, Follower& follower, const Entry& entry, const absl::Status& why);
  void Count(Ledger& ledger, size_t bytes);
  absl::Status Move(Ledger& ledger, KvBatch& batch);
  // Forgets the ledgers that were folded longest ago, down to what may be kept.
  void Trim();

  const KvReader& store_;
  const ReadAgain read_again_;
  const Mode mode_;
  const size_t keep_bytes_;
  std::map<std::string, std::unique_ptr<Ledger>> ledgers_;
  std::list<Ledger*> recency_;  // Of those that did not change, the one that changed last first.
  size_t bytes_ = 0;            // Theirs.
  std::map<std::string, Ledger*> changed_;
  size_t taken_up_ = 0;  // What these had when they changed first,
  size_t added_ = 0;     // and what came to it since.
  std::optional<Stopped> first_stopped_;
};

}  // namespace parley
