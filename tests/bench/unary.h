// Calls, one command each.
#pragma once

#include <string>

#include "tests/bench/figures.h"

namespace parley::bench {

struct BenchOptions {
  bool quick = false;
  std::string parleyd;  // The server's binary.
  std::string scratch;  // A directory of this run's.
};

// empty_rps, unary_ratio, unary_hot_ratio, single_overhead.
void BenchUnary(const BenchOptions& options, Figures& figures);

}  // namespace parley::bench
