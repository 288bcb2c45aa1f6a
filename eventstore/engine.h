// What a storage engine must offer for a log to stand on it: small on purpose, so that engines are easy to add and to
// test. Indexes, subscriptions and idempotency are LogStore's, the same over every engine.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventstore/base/ids.h"

namespace parley {

// How an append ended.
enum class AppendOutcome {
  kWon,      // The record is at that position, durably.
  kTaken,    // Another record is at that position. This one is nowhere.
  kUnknown,  // It may or may not be there, now or later. Settled by appending the same bytes at the same position
             // again.
};

// A record: the entries [position.offset, position.offset + entries) of its shard, as opaque bytes.
struct EngineRecord {
  Position position;
  uint32_t entries = 0;
  std::string bytes;
};

// Thread-safe. One writer thread per LogStore; several LogStores may share one engine, as several machines would.
class Engine {
 public:
  virtual ~Engine() = default;

  // Appends if nobody took record.position and it is the shard's next offset; kTaken if a different record is there or
  // the next offset is further on. An identical record already there is kWon. Durable when answered kWon. An offset
  // beyond the end is kUnknown: the engine has lost what the caller has seen.
  virtual AppendOutcome Append(const EngineRecord& record) = 0;

  // The records from the one that contains `from` on, in order, until `visit` returns false or the end. Sees at least
  // what was answered kWon before the call. DATA_LOSS (LEDGER_QUARANTINED) at a record whose stored checksum does not
  // match; what follows it can be read from its end on. `visit` must not call the engine.
  virtual absl::Status Read(Position from, const std::function<bool(EngineRecord)>& visit) const = 0;

  // Puts `record` in the place of the one at its position, which has as many entries; durable when this returns. For what must be
  // erased, and for nothing else: to whoever reads, a redacted record is the same record.
  virtual absl::Status Redact(const EngineRecord& record) = 0;
  // When this returns, no file of the engine holds anything of records that were redacted before the call.
  virtual absl::Status Purge() = 0;

  // The offset after the last record of the shard.
  virtual absl::StatusOr<uint64_t> End(ShardId shard) const = 0;

  // Returns OK when everything read before the call, and every kTaken answered before it, is durable everywhere. What
  // rests on a read or on a kTaken counts only after that. A no-op on one machine.
  virtual absl::Status Barrier() = 0;

  // After kUnknown: makes the engine usable again, if that can be done now. Reads keep working meanwhile, and while it
  // keeps failing. UNAVAILABLE: not yet (no room, for example); try again later.
  virtual absl::Status Recover() = 0;

  // Copies what was answered kWon before the call into `directory`, which must not exist: what the same kind of engine opens, with
  // nothing in it of records that were purged. UNIMPLEMENTED where an engine keeps nothing on a disk of its own.
  virtual absl::Status CopyTo(const std::string& directory) {
    return absl::UnimplementedError("this engine makes no copies: " + directory);
  }

  // Identifies this log. A log restored from a backup is another incarnation.
  virtual std::string incarnation() const = 0;
};

}  // namespace parley
