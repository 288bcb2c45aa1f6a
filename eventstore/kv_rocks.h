// A KvStore on RocksDB, tuned for data that can be rebuilt from the log; and one for a little that cannot.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "eventstore/kv_store.h"

namespace rocksdb {
class Env;
}

namespace parley {

// What a store is kept in order for. May change from one opening to the next.
enum class KvUse {
  // Few files to look into, although each row is written anew again and again as the store grows; small blocks to unpack, and no filters
  // where most rows are (in files that are written from then on).
  kReading,
  kWriting,  // Files of like size are merged: a row is written anew a few times only, however large the store.
  kKeeping,  // As kReading, with a write-ahead log: each write is on the disk when it returns, without a file of its own.
};

// Opens the store in the directory `path`, which is made where it does not exist, and holds its lock.
//
// There is no write-ahead log but in a store for keeping: what was written since the last Flush() may be lost in a crash, but
// what is there afterwards is always a prefix of the writes, each of them whole. Errors: DATA_LOSS for a damaged store (delete
// the directory and rebuild, where it can be rebuilt), UNAVAILABLE for I/O (no space, locked by another process). Closing
// flushes, if it can.
//
// `env`: the file system to live on, for fault injection; nullptr is the machine's. Snapshots must not outlive the
// store.
absl::StatusOr<std::unique_ptr<KvStore>> OpenRocksKvStore(const std::string& path, rocksdb::Env* env = nullptr,
                                                          KvUse use = KvUse::kReading);

}  // namespace parley
