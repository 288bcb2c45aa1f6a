#include "services/command/scheduler.h"

#include <chrono>
#include <memory>
#include <utility>

#include "eventstore/base/rest.h"
#include "eventstore/base/status.h"

namespace parley {
namespace {

// How many ledgers are woken at a time, to learn their deadlines.
constexpr size_t kLearnAtATime = 20;

}  // namespace

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
  std::vector<Done> asked;
  {
    std::lock_guard lock(mu_);
    asked.swap(asked_);
  }
  for (const Done& done : asked) done(Reject(v1::REASON_DRAINING, "the server is shutting down"));
}

void DeadlineScheduler::Start() {
  thread_ = std::thread([this] { Run(); });
}

void DeadlineScheduler::Expect(const LedgerId& ledger, absl::Time due) {
  std::lock_guard lock(mu_);
  auto [it, added] = next_.try_emplace(ledger, due);
  if (!added) {
    if (it->second <= due) return;
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

void DeadlineScheduler::WakeDue(Done done) {
  {
    std::lock_guard lock(mu_);
    if (!stop_) {
      asked_.push_back(std::move(done));
      changed_.notify_all();
      return;
    }
  }
  done(Reject(v1::REASON_DRAINING, "the server is shutting down"));
}

absl::Status DeadlineScheduler::WakeAll(const std::vector<LedgerId>& ledgers) {
  struct Join {
    std::mutex mu;
    std::condition_variable arrived;
    size_t left;
    absl::Status first_error;
  };
  const auto join = std::make_shared<Join>();
  join->left = ledgers.size();
  for (const LedgerId& ledger : ledgers) {
    wake_(ledger, [this, ledger, join](const absl::Status& status) {
      // A log that recovers loses nothing: the ledger is asked again. One that cannot be read stays so until a restart.
      if (!status.ok() && status.code() != absl::StatusCode::kDataLoss) Expect(ledger, clock_->Now());
      std::lock_guard lock(join->mu);
      join->first_error.Update(status);
      if (--join->left == 0) join->arrived.notify_all();
    });
  }
  std::unique_lock lock(join->mu);
  join->arrived.wait(lock, [&] { return join->left == 0; });
  return join->first_error;
}

// Deadlines may have fallen due while the server was down. False where it is to be gone on with later.
bool DeadlineScheduler::LearnDeadlines() {
  while (true) {
    const absl::Duration begun = Monotonic();
    const auto ledgers = log_->Ledgers(learnt_, kLearnAtATime);
    if (!ledgers.ok()) return false;
    if (ledgers->empty()) return true;
    WakeAll(*ledgers).IgnoreError();  // Whoever failed is expected again.
    learnt_ = ledgers->back();
    const auto rest = RestSince(begun);  // Commands settle what is due of their own ledgers themselves.
    WakeAll(TakeDue()).IgnoreError();    // What falls due meanwhile does not wait for the others.
    std::unique_lock lock(mu_);
    changed_.wait_for(lock, rest, [this] { return stop_ || !asked_.empty(); });
    if (stop_) return false;
  }
}

void DeadlineScheduler::Run() {
  bool learnt = LearnDeadlines();
  while (true) {
    std::vector<Done> asked;
    {
      std::unique_lock lock(mu_);
      changed_.wait_for(lock, std::chrono::seconds(1), [&] { return stop_ || (learnt && !asked_.empty()); });
      if (stop_) return;
      if (learnt) asked.swap(asked_);
    }
    if (!learnt) learnt = LearnDeadlines();
    const absl::Status settled = WakeAll(TakeDue());
    for (const Done& done : asked) done(settled);
  }
}

}  // namespace parley
