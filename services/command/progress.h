// How far a ledger's appends have become durable, and who waits for that.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "absl/status/status.h"

namespace parley {

// One per load of a ledger's state. Every answer, refusals included, goes through WhenDurable: nobody is told anything
// that rests on an entry which may yet be lost. Thread-safe; callbacks run on the thread that settles them, in the order
// in which they were handed in.
class Progress {
 public:
  explicit Progress(uint64_t durable) : durable_(durable) {}

  // Calls `done` once entries below `until` are durable, with OK, or with the error of the append that failed.
  void WhenDurable(uint64_t until, std::function<void(absl::Status)> done) {
    absl::Status status;
    {
      std::lock_guard lock(mu_);
      if (failure_.ok() && until > durable_) {
        waiters_.push_back({until, std::move(done)});
        return;
      }
      status = failure_;
    }
    done(status);
  }

  // Entries below `until` became durable, or the append that would have made them so failed, which is final: the state
  // that it was decided on is to be loaded again.
  void Settle(uint64_t until, const absl::Status& status) {
    std::vector<std::function<void(absl::Status)>> ready;
    {
      std::lock_guard lock(mu_);
      if (!failure_.ok()) return;
      if (status.ok()) {
        durable_ = until;
      } else {
        failure_ = status;
      }
      while (!waiters_.empty() && (!failure_.ok() || waiters_.front().until <= durable_)) {
        ready.push_back(std::move(waiters_.front().done));
        waiters_.pop_front();
      }
    }
    for (auto& done : ready) done(status);
  }

  uint64_t durable() const {
    std::lock_guard lock(mu_);
    return durable_;
  }
  bool failed() const {
    std::lock_guard lock(mu_);
    return !failure_.ok();
  }

 private:
  struct Waiter {
    uint64_t until;  // Ascending: a ledger's state only grows.
    std::function<void(absl::Status)> done;
  };
  mutable std::mutex mu_;
  uint64_t durable_;
  absl::Status failure_;
  std::deque<Waiter> waiters_;
};

}  // namespace parley
