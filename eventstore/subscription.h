// Turning live: who waits for what, and the thread that tells them.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "eventstore/base/ids.h"
#include "eventstore/event_log.h"
#include "eventstore/log_reader.h"

namespace parley {

// Calls whoever waits for a position once a shard has grown beyond it, on a thread of its own: neither the writer nor
// whoever starts to wait ever runs somebody's callback. Thread-safe.
class ReadyHub {
 public:
  explicit ReadyHub(uint32_t shards);
  ~ReadyHub();
  ReadyHub(const ReadyHub&) = delete;
  ReadyHub& operator=(const ReadyHub&) = delete;

  // A shard now ends at `end`.
  void Publish(ShardId shard, uint64_t end);
  // Calls `ready` once, `within` that time after there is an entry at `at`. `waiter` names who waits: one wait each, a new one
  // replaces it.
  void Wait(const void* waiter, Position at, absl::Duration within, std::function<void()> ready);
  // After this, the waiter's callback neither runs nor will. Waits for one that runs, unless called from it.
  void Cancel(const void* waiter);

 private:
  struct Waiting {
    Position at;
    absl::Duration within;
    std::function<void()> ready;
    absl::Duration due = absl::InfiniteDuration();  // Monotonic(); once the entry is there.
  };
  void Run();
  // Finds out who may be called, and when. mu_ is held.
  void Look();

  std::mutex mu_;
  std::condition_variable changed_;
  std::condition_variable finished_;
  std::vector<uint64_t> ends_;
  std::map<const void*, Waiting> waiting_;
  absl::Duration awake_at_ = absl::InfiniteDuration();  // When the thread looks again by itself.
  const void* running_ = nullptr;
  bool stop_ = false;
  std::thread thread_;  // Last: it uses the rest.
};

std::unique_ptr<Subscription> NewSubscription(const LogReader& reader, ReadyHub& hub, Position from,
                                              EventLog::Wanted wanted);

}  // namespace parley
