// A server's directory with a history of a given size in it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/bench/ledgers.h"
#include "tests/bench/options.h"

namespace parley::bench {

// What a history is made of. Each ledger is the same, so the answers about one are of the same size in a store of any size.
struct Filling {
  std::string prefix;  // Of the ledgers' names.
  int ledgers = 1;
  int metrics_each = 1;
  int reports_each = 0;     // Per metric; two entries each.
  uint64_t activities = 0;  // Per ledger; an entry each.
};

inline constexpr uint64_t kEntriesEach = 1000;
// So many entries per ledger, roughly, of one metric with twelve reports and of activities: `entries` in all, and one ledger at least.
Filling ThousandEach(const std::string& prefix, uint64_t entries);

// Opens the ledgers and records everything. The read models may have some of it to fold in yet: see Settle.
Ledgers Fill(int port, const Filling& filling);

// Has a checkpoint made of each ledger, so that trees and notes are on the disk, too.
void MakeCheckpoints(int port, const std::vector<std::string>& relationships);

}  // namespace parley::bench
