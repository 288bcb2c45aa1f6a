// One client, one call at a time.
#pragma once

#include "tests/bench/figures.h"
#include "tests/bench/options.h"

namespace parley::bench {

// fsync, empty_single, single, single_overhead.
void BenchSingle(const BenchOptions& options, Figures& figures);

}  // namespace parley::bench
