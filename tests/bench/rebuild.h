// Read models from nothing.
#pragma once

#include <string>

#include "tests/bench/figures.h"
#include "tests/bench/options.h"

namespace parley::bench {

// Entries per second, and how many there were, folding all read models of a server's directory anew, as a server that starts does.
struct RebuildResult {
  double per_second = 0;
  uint64_t entries = 0;
};
RebuildResult Rebuild(const std::string& data_dir);

// rebuild.
void BenchRebuild(const BenchOptions& options, Figures& figures);

}  // namespace parley::bench
