// The event log over any engine: one writer thread, indexes derived from the records, readers beside it.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/engine.h"
#include "eventstore/event_log.h"
#include "eventstore/kv_store.h"

namespace parley {

struct LogStoreOptions {
  Engine* engine = nullptr;  // Not owned; outlives the log.
  // Holds what is derived from the log, under keys that begin with 'L'. Not owned; outlives the log. May be lost: what
  // is missing is derived again when the log is opened. Not shared with another LogStore.
  KvStore* index = nullptr;
  uint32_t shards = 1;  // Fixed for the log's life: another number is refused.
  // Others write to the same engine too: their records are looked for at this interval. Zero: this is the only writer.
  absl::Duration poll_interval = absl::ZeroDuration();
};

// Opens the log and brings the index up to the engine's end. DATA_LOSS where the engine lacks something that the index
// has already seen, or where a record that is not in the index yet cannot be read. Closing the log answers everything
// pending first.
absl::StatusOr<std::unique_ptr<EventLog>> OpenLogStore(const LogStoreOptions& options);

}  // namespace parley
