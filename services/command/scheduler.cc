#include "services/command/scheduler.h"

#include <chrono>
#include <future>

namespace parley {

DeadlineScheduler::DeadlineScheduler(const Clock* clock, const EventLog* log, Wake wake)
    : clock_(clock), log_(log), wake_(std::move(wake)) {}

DeadlineScheduler::~DeadlineScheduler() { Stop(); }

void DeadlineScheduler::Stop() {
  {
    std::lock_guard lock(mu_);
    stop_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void DeadlineScheduler::Start() {
  thread_ = std::thread([this] { Run(); });
}

void DeadlineScheduler::Expect(const LedgerId& ledger, absl::Time due) {
  std::lock_guard lock(mu_);
  auto [it, added] = next_.try_emplace(ledger, due);
  if (!added) {
    if (it->second == due) return;
    auto [from, to] = by_time_.equal_range(it->second);
    while (from != to && from->second != ledger) ++from;
    if (from != to) by_time_.erase(from);
    it->second = due;
  }
  by_time_.emplace(due, ledger);
}

std::vector<LedgerId> DeadlineScheduler::TakeDue() {
  std::vector<LedgerId> due;
  std::lock_guard lock(mu_);
  for (auto it = by_time_.begin(); it != by_time_.end() && it->first <= clock_->Now(); it = by_time_.erase(it)) {
    due.push_back(it->second);
    next_.erase(it->second);  // The ledger says again when its next one is.
  }
  return due;
}

void DeadlineScheduler::WakeDue(std::function<void(absl::Status)> done) {
  const std::vector<LedgerId> due = TakeDue();
  struct Join {
    std::mutex mu;
    size_t left;
    absl::Status first_error;
    std::function<void(absl::Status)> done;
  };
  auto join = std::make_shared<Join>();
  join->left = due.size() + 1;
  join->done = std::move(done);
  const auto arrive = [join](const absl::Status& status) {
    {
      std::lock_guard lock(join->mu);
      join->first_error.Update(status);
      if (--join->left > 0) return;
    }
    join->done(join->first_error);
  };
  for (const LedgerId& ledger : due) {
    wake_(ledger, [this, ledger, arrive](const absl::Status& status) {
      // A log that recovers loses nothing: the ledger is asked again.
      if (!status.ok()) Expect(ledger, clock_->Now());
      arrive(status);
    });
  }
  arrive(absl::OkStatus());
}

void DeadlineScheduler::Run() {
  // Deadlines that fell due while the server was down.
  LedgerId after;
  while (true) {
    const auto ledgers = log_->Ledgers(after, 100);
    if (!ledgers.ok() || ledgers->empty()) break;
    for (const LedgerId& ledger : *ledgers) {
      {
        std::lock_guard lock(mu_);
        if (stop_) return;
      }
      auto settled = std::make_shared<std::promise<void>>();
      wake_(ledger, [settled](const absl::Status&) { settled->set_value(); });
      settled->get_future().wait();
    }
    after = ledgers->back();
  }
  while (true) {
    {
      std::unique_lock lock(mu_);
      changed_.wait_for(lock, std::chrono::seconds(1), [this] { return stop_; });
      if (stop_) return;
    }
    auto settled = std::make_shared<std::promise<void>>();
    WakeDue([settled](const absl::Status&) { settled->set_value(); });
    settled->get_future().wait();
  }
}

}  // namespace parley
