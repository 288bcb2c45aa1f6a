// An engine in memory: for tests and throw-away servers, and where several logs race on one engine.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/engine.h"

namespace parley {

class MemoryEngine : public Engine {
 public:
  explicit MemoryEngine(std::string_view incarnation) : incarnation_(incarnation) {}

  AppendOutcome Append(const EngineRecord& record) override;
  absl::Status Read(Position from, const std::function<bool(EngineRecord)>& visit) const override;
  absl::Status Redact(const EngineRecord& record) override;
  absl::Status Purge() override { return Barrier(); }  // What was redacted is nowhere else.
  absl::StatusOr<uint64_t> End(ShardId shard) const override;
  absl::Status Barrier() override;
  absl::Status Recover() override;
  std::string incarnation() const override { return incarnation_; }

  // Faults, for tests.
  enum class Fault {
    kLanded,  // The next append is there but answers kUnknown.
    kLost,    // It is not there and answers kUnknown.
  };
  void FailAppend(Fault fault);
  // While not available, Recover and Barrier answer UNAVAILABLE, and Append kUnknown without appending.
  void SetAvailable(bool available);
  // Flips a bit of the record that holds `position`, behind the checksum's back.
  void FlipBit(Position position, size_t byte);
  // Puts other bytes where the record that holds `position` was, with a checksum that matches.
  void Replace(Position position, std::string bytes);

 private:
  struct Stored {
    EngineRecord record;
    uint32_t checksum;
  };
  using Records = std::vector<Stored>;

  // The index of the record that holds `offset`, or of the end.
  static size_t Find(const Records& records, uint64_t offset);
  static uint64_t EndOf(const Records& records);

  const std::string incarnation_;
  mutable std::mutex mu_;
  std::map<ShardId, Records> shards_;
  std::deque<Fault> faults_;
  bool available_ = true;
};

std::unique_ptr<MemoryEngine> NewMemoryEngine(std::string_view incarnation = "memory");

}  // namespace parley
