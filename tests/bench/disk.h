// What a history takes up on the disk.
#pragma once

#include <cstdint>
#include <string>

namespace parley::bench {

struct DiskUse {
  uint64_t entries = 0;
  uint64_t stored = 0;   // Bytes of all entries' headers and parts, salts included.
  uint64_t on_disk = 0;  // Of everything in the directory, compacted.
  double ratio() const { return stored == 0 ? 0 : static_cast<double>(on_disk) / static_cast<double>(stored); }
};

// Compacts a server's directory and measures it. No server is on it.
DiskUse MeasureDisk(const std::string& data_dir);

}  // namespace parley::bench
