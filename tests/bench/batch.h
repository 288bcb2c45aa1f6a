// Entries by the batch.
#pragma once

#include "tests/bench/figures.h"
#include "tests/bench/options.h"

namespace parley::bench {

// raw_rocksdb, raw_scan, batch, batch_ratio.
void BenchBatch(const BenchOptions& options, Figures& figures);

}  // namespace parley::bench
