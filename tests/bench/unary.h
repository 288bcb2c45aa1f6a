// Calls, one command each, as many as the machine can take.
#pragma once

#include "tests/bench/figures.h"
#include "tests/bench/options.h"

namespace parley::bench {

// empty, unary, unary_ratio, unary_hot_ratio, unary_vs_postgres, lag_p99, and what they rest on.
void BenchUnary(const BenchOptions& options, Figures& figures);

}  // namespace parley::bench
