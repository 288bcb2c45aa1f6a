// Makes erasures true. That a person is erased is an event like any other; this follows the log and, for each such entry that is
// durable, destroys the person's key and every sealed part under it, in whatever stream of the ledger. What was recorded and not yet
// done when the server ended is done when it starts.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/event_log.h"
#include "eventstore/kv_store.h"
#include "eventstore/person_keys.h"

namespace parley {

// None of them owned; all outlive the eraser.
struct EraserOptions {
  EventLog* log = nullptr;
  PersonKeys* keys = nullptr;
  // Remembers how far the log was followed: "eraser/" || incarnation || "/" || shard, 8 bytes || -> the next offset, 8 bytes.
  // Without it the log is read from the start; erasing again changes nothing.
  KvStore* progress = nullptr;
};

// Thread-safe. An erasure that fails is tried again every second, and holds up no other ledger's.
class Eraser {
 public:
  using Done = std::function<void(absl::Status)>;

  // Makes up for what is in the log before it returns, as far as that succeeds.
  explicit Eraser(EraserOptions options);
  ~Eraser() { Stop(); }

  // Calls `done` once: OK when every erasure in the ledger up to and including `sequence`, which is durable, is done;
  // DEADLINE_EXCEEDED after about `timeout`, and the erasure goes on; DRAINING. On the eraser's thread: `done` must not block.
  void WhenErased(const LedgerId& ledger, uint64_t sequence, absl::Duration timeout, Done done);
  // Does what is in the log, as far as it succeeds at once, then ends.
  void Stop();

  // Erasures that are recorded and not done.
  size_t pending() const;
  // Whether the latest attempt failed.
  bool failing() const;

 private:
  struct Shard {
    std::unique_ptr<Subscription> subscription;
    uint64_t next = 0;  // The first offset not read.
    uint64_t saved = 0;
  };
  struct Erasure {
    LedgerId ledger;
    uint64_t sequence = 0;
    Position position;
    std::string person;
  };
  struct Waiter {
    LedgerId ledger;
    uint64_t sequence = 0;
    absl::Duration expires;  // Monotonic().
    Done done;
  };

  void Run();
  // Reads on a little and erases what is pending; `more`: there may be more to read.
  absl::Status Round(bool& more);
  absl::Status ReadOn(bool& more);
  absl::Status EraseAll();
  absl::StatusOr<std::vector<PartRef>> PartsAbout(const LedgerId& ledger, const std::set<std::string>& persons,
                                                  uint64_t until) const;
  absl::Status Save(bool now);
  // Everything before this offset is done.
  uint64_t DoneUpTo(ShardId shard) const;
  void AnswerWaiters();
  // Until there is something to do, or a second is over where something waits.
  void Wait(bool failed);

  const EraserOptions options_;
  // Only one thread at a time touches these: the one that constructs, then thread_.
  std::vector<Shard> shards_;
  std::vector<Erasure> erasures_;

  mutable std::mutex mu_;
  std::condition_variable changed_;
  std::vector<Waiter> waiters_;
  size_t pending_ = 0;
  bool failing_ = false;
  bool woken_ = false;
  bool stop_ = false;
  std::thread thread_;  // Last: it uses the rest.
};

}  // namespace parley
