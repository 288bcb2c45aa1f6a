// Makes checkpoints: what the read models say goes into the record, then the tree over what the disk has is signed.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/base/clock.h"
#include "eventstore/event_log.h"
#include "eventstore/kv_store.h"
#include "parley/v1/audit.pb.h"
#include "projections/read_view.h"
#include "projections/runner.h"
#include "services/audit/checkpoints.h"
#include "services/audit/history_guard.h"
#include "services/audit/ledger_tree.h"
#include "services/audit/log_keys.h"
#include "services/command/pipeline.h"

namespace parley {

struct CheckpointerOptions {
  // None of them owned; all outlive the checkpointer.
  const EventLog* log = nullptr;
  const ReadSource* read_store = nullptr;
  Runner* runner = nullptr;
  CommandPipeline* pipeline = nullptr;
  const Clock* clock = nullptr;
  LedgerTree* tree = nullptr;
  CheckpointStore* store = nullptr;
  HistoryGuard* guard = nullptr;
  LogKeys* keys = nullptr;
  // Gives an RFC 3161 response (DER) over a text; null: nothing is time-stamped.
  std::function<absl::StatusOr<std::string>(const std::string& text)> stamp;
  // No entry stays without a checkpoint for longer than this; zero: checkpoints are made on demand only.
  absl::Duration every;
  // How often it is looked at which relationships are due: to look at thousands takes a while. Less than `every`, of which it is taken
  // off.
  absl::Duration poll = absl::Minutes(15);
  // Told of what went wrong when nobody had asked, or was only put off: a time-stamp, for example. `ledger` is empty where it was about
  // none. Must not block.
  std::function<void(const LedgerId& ledger, const absl::Status& what)> trouble;
};

// One checkpoint is made at a time, on a thread of its own, since that waits: for read models, for the disk, for the authority.
// Thread-safe.
//
// Promises: nothing is signed that is not durable; a size is signed once; nothing is signed for a history that is behind a note that was
// kept or shown, or does not extend it (DATA_LOSS: HISTORY_BEHIND, HISTORY_FORKED).
class Checkpointer {
 public:
  explicit Checkpointer(CheckpointerOptions options);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;

  using Done = std::function<void(absl::StatusOr<v1::CheckpointRecord>)>;
  // A checkpoint of at least everything that is durable by now; the newest again where that says it all. `done` is called once, on the
  // checkpointer's thread: it must not block. NOT_FOUND for an empty ledger; DATA_LOSS as above, and where an entry or a read model is
  // damaged; READ_MODEL_BEHIND where the read models do not come along; OVERLOADED.
  void Create(const LedgerId& ledger, Done done);

  // Finishes what is signed already; whoever still waits, and whoever comes, gets DRAINING, soon but not before this returns.
  void Stop();
  // After Stop: returns when everybody was answered. Nothing of what stands behind the callbacks may go before.
  void Join();

 private:
  enum class Rest { kNone, kLong };
  // What nobody asked for, of one ledger of the log after the other. Of thread_ only.
  struct Round {
    std::function<Rest(const LedgerId&)> look;
    absl::Duration every = absl::InfiniteDuration();  // From the beginning of one to that of the next.
    absl::Duration next = absl::ZeroDuration();       // Monotonic(): from when on it goes on.
    absl::Duration begun = absl::ZeroDuration();      // Monotonic().
    LedgerId after = LedgerId();                      // The last that was looked at; empty: none in this round.
  };

  void Run();
  // Whoever waits for a checkpoint of that relationship. mu_ is held.
  std::vector<Done> TakeJobsFor(const LedgerId& ledger);
  // Looks at the next ledger of the round, and rests for a while, unless somebody asks for a checkpoint or the server ends.
  void LookAtNext(Round& round);
  // The notes that were kept: a log that was put back to an earlier state and has grown since is found out, although nobody happens to
  // ask.
  Rest CheckKept(const LedgerId& ledger);
  Rest MakeIfDue(const LedgerId& ledger);
  // Has the newest time-stamped, too, where that is still to be done.
  absl::StatusOr<bool> IsDue(const LedgerId& ledger);
  absl::StatusOr<v1::CheckpointRecord> Make(const LedgerId& ledger);
  // How many entries there are when all of them, but for those about the proof itself, are spoken of by a digest: records one where none
  // speaks of them yet.
  absl::StatusOr<uint64_t> AttestedSize(const LedgerId& ledger);
  // Whether anything was recorded that no digest speaks of.
  absl::StatusOr<bool> NeedsDigest(const LedgerId& ledger, uint64_t end) const;
  // The size of the tree that ends in the new digest.
  absl::StatusOr<uint64_t> RecordDigest(const LedgerId& ledger);
  absl::StatusOr<v1::CheckpointRecord> Sign(const LedgerId& ledger, uint64_t size);
  absl::StatusOr<v1::CheckpointRecord> Stamp(const LedgerId& ledger, uint64_t size, v1::CheckpointRecord record);
  // Until the joint read models have everything below `size`.
  absl::Status AwaitReadModels(const LedgerId& ledger, uint64_t size);
  bool stopping() const;
  void Report(const LedgerId& ledger, const absl::Status& what) const;

  const CheckpointerOptions options_;
  mutable std::mutex mu_;
  std::condition_variable wake_;
  // Guarded by mu_.
  std::deque<std::pair<LedgerId, Done>> jobs_;
  bool stop_ = false;
  absl::Duration stamp_again_ = -absl::InfiniteDuration();  // Of thread_ only: no time-stamp is asked for before.
  Round kept_;                                              // Once, since the start.
  Round due_;                                               // Comes before the other.
  std::thread thread_;                                      // Last: it uses all of the above.
};

}  // namespace parley
