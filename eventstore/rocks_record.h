// The keys and values of the RocksDB engine, byte for byte as FORMAT.md has them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventstore/engine.h"

namespace parley {

// On disk: do not change. All of these stand after every record's key: no shard has the number 0xffffffff.
inline constexpr std::string_view kFormatKey =
    "\xff\xff\xff\xff"
    "format";
inline constexpr std::string_view kIncarnationKey =
    "\xff\xff\xff\xff"
    "incarnation";
// Followed by the key of a record that was redacted and not purged yet; the value is empty.
inline constexpr std::string_view kRedactedKeys =
    "\xff\xff\xff\xff"
    "redacted";
inline constexpr std::string_view kFormat = "parley/log/v1";

// A record's key is shard and offset, big-endian, so that the byte order is the log's.
std::string RecordKey(Position position);
bool IsRecordKeyOf(std::string_view key, ShardId shard);

std::string EncodeRecord(std::string_view key, uint32_t entries, std::string_view bytes);
// DATA_LOSS (LEDGER_QUARANTINED) where it is cut short or its checksum does not match.
absl::StatusOr<EngineRecord> DecodeRecord(std::string_view key, std::string_view value);

// DATA_LOSS (LEDGER_QUARANTINED) about the record with this key.
absl::Status DamagedRecord(std::string_view what, std::string_view key);

}  // namespace parley
