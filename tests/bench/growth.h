// What a long history costs.
#pragma once

#include "tests/bench/figures.h"
#include "tests/bench/options.h"

namespace parley::bench {

// query_p99_growth, query_p99_growth_one_ledger, append_growth, open_growth, memory, disk, and what they rest on. At options.large()
// entries and a hundredth of that.
void BenchGrowth(const BenchOptions& options, Figures& figures);

}  // namespace parley::bench
