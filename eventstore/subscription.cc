#include "eventstore/subscription.h"

#include <algorithm>

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
  {
    std::lock_guard lock(mu_);
    ends_[static_cast<uint32_t>(shard)] = end;
    if (waiting_.empty()) return;
  }
  changed_.notify_all();
}

void ReadyHub::Wait(const void* waiter, Position at, std::function<void()> ready) {
  {
    std::lock_guard lock(mu_);
    waiting_[waiter] = {at, std::move(ready)};
  }
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
    const auto next = std::find_if(waiting_.begin(), waiting_.end(), [&](const auto& waiter) {
      const Position& at = waiter.second.at;
      return at.offset < ends_[static_cast<uint32_t>(at.shard)];
    });
    if (next == waiting_.end()) {
      changed_.wait(lock);
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
  ShardSubscription(const LogReader& reader, ReadyHub& hub, Position from) : reader_(reader), hub_(hub), next_(from) {}
  ~ShardSubscription() override { hub_.Cancel(this); }

  absl::StatusOr<std::vector<Entry>> Poll(ReadLimit limit) override {
    PARLEY_ASSIGN_OR_RETURN(std::vector<Entry> entries, reader_.ReadShard(next_, limit));
    next_.offset += entries.size();
    return entries;
  }

  void NotifyWhenReady(std::function<void()> ready) override { hub_.Wait(this, next_, std::move(ready)); }

 private:
  const LogReader& reader_;
  ReadyHub& hub_;
  Position next_;
};

}  // namespace

std::unique_ptr<Subscription> NewSubscription(const LogReader& reader, ReadyHub& hub, Position from) {
  return std::make_unique<ShardSubscription>(reader, hub, from);
}

}  // namespace parley
