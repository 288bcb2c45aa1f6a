#include "eventstore/rocks_record.h"

#include "eventstore/base/status.h"
#include "eventstore/crc32c.h"

namespace parley {
namespace {

constexpr size_t kKeyBytes = 12;
constexpr size_t kValueHeaderBytes = 8;

void PutFixed(std::string& out, uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

uint64_t GetFixed(std::string_view in) {
  uint64_t value = 0;
  for (char c : in) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

}  // namespace

std::string RecordKey(Position position) {
  std::string key;
  PutFixed(key, static_cast<uint32_t>(position.shard), 4);
  PutFixed(key, position.offset, 8);
  return key;
}

bool IsRecordKeyOf(std::string_view key, ShardId shard) {
  return key.size() == kKeyBytes && GetFixed(key.substr(0, 4)) == static_cast<uint32_t>(shard);
}

std::string EncodeRecord(std::string_view key, uint32_t entries, std::string_view bytes) {
  std::string count;
  PutFixed(count, entries, 4);
  std::string value;
  value.reserve(kValueHeaderBytes + bytes.size());
  PutFixed(value, Crc32c(bytes, Crc32c(count, Crc32c(key))), 4);
  return value.append(count).append(bytes);
}

absl::Status DamagedRecord(std::string_view what, std::string_view key) {
  return Reject(v1::REASON_LEDGER_QUARANTINED, std::string("log: ") + std::string(what))
      .With("shard", std::to_string(GetFixed(key.substr(0, 4))))
      .With("offset", std::to_string(GetFixed(key.substr(4, 8))));
}

absl::StatusOr<EngineRecord> DecodeRecord(std::string_view key, std::string_view value) {
  if (key.size() != kKeyBytes || value.size() < kValueHeaderBytes) return DamagedRecord("record is cut short", key);
  if (GetFixed(value.substr(0, 4)) != Crc32c(value.substr(4), Crc32c(key))) {
    return DamagedRecord("record's checksum does not match", key);
  }
  EngineRecord record;
  record.position = {static_cast<ShardId>(GetFixed(key.substr(0, 4))), GetFixed(key.substr(4))};
  record.entries = static_cast<uint32_t>(GetFixed(value.substr(4, 4)));
  record.bytes = value.substr(kValueHeaderBytes);
  return record;
}

}  // namespace parley
