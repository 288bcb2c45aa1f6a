// Calls, one command each.
#pragma once

#include "tests/bench/figures.h"
#include "tests/bench/options.h"

namespace parley::bench {

// empty, unary, unary_ratio, unary_hot_ratio, single_overhead, and what they rest on.
void BenchUnary(const BenchOptions& options, Figures& figures);

}  // namespace parley::bench
