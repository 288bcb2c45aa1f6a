// Erasing: takes sealed parts out of records that are durable, and has the engine forget what they were.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <vector>

#include "absl/status/status.h"
#include "eventstore/engine.h"
#include "eventstore/event_log.h"
#include "eventstore/log_reader.h"

namespace parley {

// Thread-safe. Of the logs on one engine, one at a time erases: the engine puts in place what it is given, and of two who
// read the same record, the second would bring back what the first took out.
class LogEraser {
 public:
  LogEraser(Engine& engine, const LogReader& reader) : engine_(engine), reader_(reader) {}

  // EventLog's. NOT_FOUND where the ledger has no such part; others may be erased then.
  absl::Status EraseParts(const LedgerId& ledger, const std::vector<PartRef>& parts);

 private:
  using PartsAt = std::map<uint64_t, std::set<size_t>>;  // Parts by offset.

  // Of one record: `parts` are of its entries.
  absl::Status Redact(EngineRecord record, const PartsAt& parts);

  Engine& engine_;
  const LogReader& reader_;
  std::mutex mu_;  // Held from reading a record to putting it back.
};

}  // namespace parley
