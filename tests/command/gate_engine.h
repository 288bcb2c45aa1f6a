// An engine whose disk is as slow as the test wants: appends wait until they are let through.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>

#include "eventstore/engine.h"

namespace parley::test {

class GateEngine : public Engine {
 public:
  explicit GateEngine(Engine* engine) : engine_(*engine) {}

  // From now on appends wait.
  void Close() { Set(false); }
  void Open() { Set(true); }
  // Returns when an append waits.
  void AwaitAppend() {
    std::unique_lock lock(mu_);
    changed_.wait(lock, [this] { return waiting_; });
  }

  AppendOutcome Append(const EngineRecord& record) override {
    {
      std::unique_lock lock(mu_);
      waiting_ = !open_;
      changed_.notify_all();
      changed_.wait(lock, [this] { return open_; });
      waiting_ = false;
    }
    return engine_.Append(record);
  }
  absl::Status Read(Position from, const std::function<bool(EngineRecord)>& visit) const override {
    return engine_.Read(from, visit);
  }
  absl::Status Redact(const EngineRecord& record) override { return engine_.Redact(record); }
  absl::Status Purge() override { return engine_.Purge(); }
  absl::StatusOr<uint64_t> End(ShardId shard) const override { return engine_.End(shard); }
  absl::Status Barrier() override { return engine_.Barrier(); }
  absl::Status Recover() override { return engine_.Recover(); }
  std::string incarnation() const override { return engine_.incarnation(); }

 private:
  void Set(bool open) {
    std::lock_guard lock(mu_);
    open_ = open;
    changed_.notify_all();
  }

  Engine& engine_;
  std::mutex mu_;
  std::condition_variable changed_;
  bool open_ = true;
  bool waiting_ = false;
};

}  // namespace parley::test
