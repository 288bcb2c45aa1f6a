// The default engine: a RocksDB directory that holds nothing but the log's records. FORMAT.md has its keys and values.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "eventstore/base/random.h"
#include "eventstore/engine.h"

namespace rocksdb {
class Env;
}

namespace parley {

struct RocksEngineOptions {
  std::string path;             // The directory; made if it is not there. One process at a time.
  RandomSource* random;         // Draws the incarnation id of a new log.
  rocksdb::Env* env = nullptr;  // The file system to use instead of the machine's. Not owned.
  // Records are kept in memory (and in the write-ahead log) up to this size before they are written as a sorted file.
  size_t write_buffer_bytes = 64 << 20;
  // The log was restored from a copy: it is another one from now on, since what came after the copy is gone.
  bool new_incarnation = false;
  // False gives up every promise of durability. It exists so that the power-cut tests can show that they would notice.
  bool sync = true;
};

// Opens or creates. UNAVAILABLE (LOG_UNAVAILABLE) where the file system refuses, DATA_LOSS where what is there is
// damaged, FAILED_PRECONDITION where it is not a log of this version.
absl::StatusOr<std::unique_ptr<Engine>> OpenRocksEngine(const RocksEngineOptions& options);

}  // namespace parley
