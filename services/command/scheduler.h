// Wakes ledgers whose deadlines are due. It only triggers: a deadline is recorded by the ledger's own cell, which would do
// so before its next command anyway, so a wake-up too many changes nothing in the history, and none is ever missing.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "eventstore/base/clock.h"
#include "eventstore/event_log.h"

namespace parley {

// Thread-safe.
class DeadlineScheduler {
 public:
  // `wake` asks a ledger to settle its due deadlines and calls back when that is durable.
  using Wake = std::function<void(const LedgerId&, std::function<void(absl::Status)>)>;
  using Done = std::function<void(absl::Status)>;

  DeadlineScheduler(const Clock* clock, const EventLog* log, Wake wake);
  ~DeadlineScheduler();

  // Starts waking; first it wakes every ledger of the log once, to learn its deadlines.
  void Start();
  // Returns when the last wake-up has settled.
  void Stop();
  // The ledger may have a deadline then. It is woken at the earliest time named since it was woken last: a later one may
  // rest on an entry that is then lost.
  void Expect(const LedgerId& ledger, absl::Time due);
  // Wakes all that are due by now, once every ledger's deadlines are known; `done` is called when all have settled, with
  // the first error, or with DRAINING.
  void WakeDue(Done done);

 private:
  void Run();
  bool LearnDeadlines();
  std::vector<LedgerId> TakeDue();
  // Wakes them and waits until all have settled. Those that could not are expected again.
  absl::Status WakeAll(const std::vector<LedgerId>& ledgers);

  const Clock* const clock_;
  const EventLog* const log_;
  const Wake wake_;
  std::mutex mu_;
  std::condition_variable changed_;
  bool stop_ = false;
  std::vector<Done> asked_;  // To be told when what is due has settled.
  LedgerId learnt_;          // Of thread_ only: the deadlines of the ledgers up to it are known.
  absl::flat_hash_map<LedgerId, absl::Time> next_;
  std::multimap<absl::Time, LedgerId> by_time_;
  std::thread thread_;
};

}  // namespace parley
