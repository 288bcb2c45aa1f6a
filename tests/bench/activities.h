// Activities, by the batch as an importer sends them, or one by one as a desk does.
#pragma once

#include <cstdint>

#include "tests/bench/ledgers.h"
#include "tests/bench/load.h"

namespace parley::bench {

// Which activities: no two with different numbers are the same.
struct Batches {
  uint64_t first = 0;  // Number of the first batch.
  uint64_t count = 0;
  int size = 256;  // Activities in each.
};

// Batches of `size`, for the ledgers in turn, for as long as the options say.
LoadResult RecordActivities(int port, const Ledgers& ledgers, int size, const LoadOptions& options);
// These batches, as fast as it goes; ends the run where one is refused.
void RecordBatches(int port, const Ledgers& ledgers, const Batches& batches);

}  // namespace parley::bench
