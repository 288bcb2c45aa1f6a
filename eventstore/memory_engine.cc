#include "eventstore/memory_engine.h"

#include <algorithm>

#include "eventstore/base/status.h"
#include "eventstore/crc32c.h"

namespace parley {

size_t MemoryEngine::Find(const Records& records, uint64_t offset) {
  const auto after = std::upper_bound(records.begin(), records.end(), offset, [](uint64_t o, const Stored& stored) {
    return o < stored.record.position.offset + stored.record.entries;
  });
  return static_cast<size_t>(after - records.begin());
}

uint64_t MemoryEngine::EndOf(const Records& records) {
  return records.empty() ? 0 : records.back().record.position.offset + records.back().record.entries;
}

AppendOutcome MemoryEngine::Append(const EngineRecord& record) {
  std::lock_guard lock(mu_);
  if (!available_) return AppendOutcome::kUnknown;
  Records& records = shards_[record.position.shard];
  if (record.position.offset < EndOf(records)) {
    const EngineRecord& there = records[Find(records, record.position.offset)].record;
    const bool same = there.position == record.position && there.bytes == record.bytes;
    return same ? AppendOutcome::kWon : AppendOutcome::kTaken;
  }
  if (record.position.offset > EndOf(records)) return AppendOutcome::kUnknown;
  if (!faults_.empty()) {
    const Fault fault = faults_.front();
    faults_.pop_front();
    if (fault == Fault::kLanded) records.push_back({record, Crc32c(record.bytes)});
    return AppendOutcome::kUnknown;
  }
  records.push_back({record, Crc32c(record.bytes)});
  return AppendOutcome::kWon;
}

absl::Status MemoryEngine::Read(Position from, const std::function<bool(EngineRecord)>& visit) const {
  while (true) {
    EngineRecord record;
    {
      std::lock_guard lock(mu_);
      const auto shard = shards_.find(from.shard);
      if (shard == shards_.end() || from.offset >= EndOf(shard->second)) return absl::OkStatus();
      const Stored& stored = shard->second[Find(shard->second, from.offset)];
      if (Crc32c(stored.record.bytes) != stored.checksum) {
        return Reject(v1::REASON_LEDGER_QUARANTINED, "record's checksum does not match");
      }
      record = stored.record;
    }
    from.offset = record.position.offset + record.entries;
    if (!visit(std::move(record))) return absl::OkStatus();
  }
}

absl::Status MemoryEngine::Redact(const EngineRecord& record) {
  PARLEY_RETURN_IF_ERROR(Barrier());
  std::lock_guard lock(mu_);
  Records& records = shards_[record.position.shard];
  const size_t index = Find(records, record.position.offset);
  if (index == records.size() || records[index].record.position != record.position ||
      records[index].record.entries != record.entries) {
    return absl::InternalError("log: there is no such record to redact");
  }
  records[index] = {record, Crc32c(record.bytes)};
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> MemoryEngine::End(ShardId shard) const {
  std::lock_guard lock(mu_);
  const auto records = shards_.find(shard);
  return records == shards_.end() ? 0 : EndOf(records->second);
}

absl::Status MemoryEngine::Barrier() {
  std::lock_guard lock(mu_);
  if (!available_) return Reject(v1::REASON_LOG_UNAVAILABLE, "engine is not available");
  return absl::OkStatus();
}

absl::Status MemoryEngine::Recover() { return Barrier(); }

void MemoryEngine::FailAppend(Fault fault) {
  std::lock_guard lock(mu_);
  faults_.push_back(fault);
}

void MemoryEngine::SetAvailable(bool available) {
  std::lock_guard lock(mu_);
  available_ = available;
}

void MemoryEngine::FlipBit(Position position, size_t byte) {
  std::lock_guard lock(mu_);
  Records& records = shards_[position.shard];
  records.at(Find(records, position.offset)).record.bytes.at(byte) ^= 1;
}

void MemoryEngine::Replace(Position position, std::string bytes) {
  std::lock_guard lock(mu_);
  Records& records = shards_[position.shard];
  Stored& stored = records.at(Find(records, position.offset));
  stored.checksum = Crc32c(bytes);
  stored.record.bytes = std::move(bytes);
}

std::unique_ptr<MemoryEngine> NewMemoryEngine(std::string_view incarnation) {
  return std::make_unique<MemoryEngine>(incarnation);
}

}  // namespace parley
