// What is wrong with a server's directory while no server is on it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/crash/journal.h"

namespace parley::test {

struct Inspection {
  std::vector<std::string> wrong;  // In words; empty where all is well.
  uint64_t entries = 0;
};

// Opens the store as the server would and checks what the journal claims, the log and its index (fsck), the snapshots,
// and that the read models, brought up to date from where the server left them, are what a rebuild from nothing gives.
Inspection Inspect(const std::string& data_dir, const Journal& journal);

}  // namespace parley::test
