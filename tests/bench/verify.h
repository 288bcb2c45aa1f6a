// A bundle, verified.
#pragma once

#include "tests/bench/figures.h"
#include "tests/bench/options.h"

namespace parley::bench {

// hash_decode, verify, verify_ratio, verify_replay, verify_replay_ratio.
void BenchVerify(const BenchOptions& options, Figures& figures);

}  // namespace parley::bench
