#include "eventstore/subscription.h"

#include <algorithm>

#include "eventstore/base/clock.h"
#include "eventstore/base/status.h"

namespace parley {

ReadyHub::ReadyHub(uint32_t shards) : ends_(shards, 0), thread_([this] { Run(); }) {}

ReadyHub::~ReadyHub() {
  {
    std::lock_guard lock(mu_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ReadyHub::Publish(ShardId shard, uint64_t end) {
  std::lock_guard lock(mu_);
  ends_[static_cast<uint32_t>(shard)] = end;
  if (waiting_.empty()) return;
  Look();
}

void ReadyHub::Wait(const void* waiter, Position at, absl::Duration within, std::function<void()> ready) {
  std::lock_guard lock(mu_);
  waiting_[waiter] = {at, within, std::move(ready)};
  Look();
}

void ReadyHub::Look() {
  absl::Duration now = absl::InfiniteDuration();
  absl::Duration first = awake_at_;
  for (auto& [waiter, waiting] : waiting_) {
    if (waiting.due != absl::InfiniteDuration() ||
        waiting.at.offset >= ends_[static_cast<uint32_t>(waiting.at.shard)]) {
      continue;
    }
    if (now == absl::InfiniteDuration()) now = Monotonic();
    waiting.due = now + waiting.within;
    first = std::min(first, waiting.due);
  }
  // Only who has to get up earlier is woken.
  if (first >= awake_at_) return;
  awake_at_ = first;
  changed_.notify_all();
}

void ReadyHub::Cancel(const void* waiter) {
  std::unique_lock lock(mu_);
  waiting_.erase(waiter);
  if (std::this_thread::get_id() == thread_.get_id()) return;
  finished_.wait(lock, [&] { return running_ != waiter; });
}

void ReadyHub::Run() {
  std::unique_lock lock(mu_);
  while (!stop_) {
    const auto next = std::min_element(waiting_.begin(), waiting_.end(),
                                       [](const auto& a, const auto& b) { return a.second.due < b.second.due; });
    awake_at_ = next == waiting_.end() ? absl::InfiniteDuration() : next->second.due;
    if (awake_at_ == absl::InfiniteDuration()) {
      changed_.wait(lock);
      continue;
    }
    if (const absl::Duration left = awake_at_ - Monotonic(); left > absl::ZeroDuration()) {
      changed_.wait_for(lock, absl::ToChronoNanoseconds(left));
      continue;
    }
    running_ = next->first;
    const std::function<void()> ready = std::move(next->second.ready);
    waiting_.erase(next);
    lock.unlock();
    ready();
    lock.lock();
    running_ = nullptr;
    finished_.notify_all();
  }
}

namespace {

class ShardSubscription : public Subscription {
 public:
  ShardSubscription(const LogReader& reader, ReadyHub& hub, Position from, EventLog::Wanted wanted)
      : reader_(reader), hub_(hub), wanted_(std::move(wanted)), next_(from) {}
  ~ShardSubscription() override { hub_.Cancel(this); }

  absl::StatusOr<std::vector<std::shared_ptr<const Entry>>> Poll(ReadLimit limit) override {
    return reader_.Follow(next_, limit, wanted_);
  }
  Position next() const override { return next_; }

  void NotifyWhenReady(std::function<void()> ready, absl::Duration within) override {
    hub_.Wait(this, next_, within, std::move(ready));
  }

 private:
  const LogReader& reader_;
  ReadyHub& hub_;
  const EventLog::Wanted wanted_;
  Position next_;
};

}  // namespace

std::unique_ptr<Subscription> NewSubscription(const LogReader& reader, ReadyHub& hub, Position from,
                                              EventLog::Wanted wanted) {
  return std::make_unique<ShardSubscription>(reader, hub, from, std::move(wanted));
}

}  // namespace parley
