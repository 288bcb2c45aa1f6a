// Who waits until a projection has folded in an entry.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventstore/base/ids.h"

namespace parley {

// Thread-safe. Callbacks are called without locks held, on the thread that told of the progress; they must not block.
class Waiters {
 public:
  using Done = std::function<void(absl::Status)>;
  struct Target {
    std::string projection;
    LedgerId ledger;
    uint64_t sequence = 0;
  };
  // What a target's ledger has come to: OK and reached, OK and not yet (nullopt), or an error that ends the waiting.
  using Check = std::function<std::optional<absl::Status>(const Target&)>;

  // Never 0, and greater than every one before. Whoever adds checks afterwards whether the target is reached already, and calls Recheck if so.
  uint64_t Add(Target target, Done done);
  // False where `done` has been called or is about to be.
  bool Cancel(uint64_t id);

  // The ledger's entries below `next_sequence` are folded in.
  void Reached(const std::string& projection, const std::string& ledger, uint64_t next_sequence);
  // The ledger goes no further: besides, `why` for everyone who waits for more.
  void Stopped(const std::string& projection, const std::string& ledger, uint64_t next_sequence,
               const absl::Status& why);
  // Asks `check` about each target (of one waiter, where `id` is not 0).
  void Recheck(const Check& check, uint64_t id = 0);
  // Whether anybody may be waiting: spares workers the telling.
  bool any() const { return count_ > 0; }
  // Whether anybody waits for the ledger.
  bool IsAwaited(const std::string& ledger);
  // `why` for everyone.
  void EndAll(const absl::Status& why);

 private:
  struct Waiter {
    Target target;
    Done done;
  };
  using Ended = std::vector<std::pair<Done, absl::Status>>;
  static void Call(Ended ended);
  // Ends the waiting for entries below `next_sequence`, and with `why`, where that is given, that for more.
  void End(const std::string& projection, const std::string& ledger, uint64_t next_sequence, const absl::Status* why);
  void Forget(std::map<uint64_t, Waiter>::iterator it);

  std::mutex mu_;
  std::atomic<size_t> count_{0};  // Spares workers the lock.
  uint64_t last_id_ = 0;
  std::map<uint64_t, Waiter> waiters_;
  // (ledger, projection) -> ids.
  std::multimap<std::pair<std::string, std::string>, uint64_t> by_ledger_;
};

}  // namespace parley
