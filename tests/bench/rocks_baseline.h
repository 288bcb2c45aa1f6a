// What RocksDB itself does on this disk: a fixed schema, whatever Parley's own becomes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace parley::bench {

// Entries per second: one key and 300 bytes per entry, in synced batches of 256, from 4 threads.
double RawWritesPerSecond(const std::string& directory, absl::Duration duration);
// Entries per second of a scan over `entries` of them.
double RawScanPerSecond(const std::string& directory, uint64_t entries);

// Values under ascending keys; each Append is one synced batch.
class RawLog {
 public:
  explicit RawLog(const std::string& directory);
  ~RawLog();
  void Append(const std::vector<std::string>& values);

 private:
  struct Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace parley::bench
