// How long a server takes until it serves.
#pragma once

#include <string>

#include "tests/bench/options.h"

namespace parley::bench {

// Seconds from its start to its port, on a directory that was left in order and that the machine has read before; the best of three.
double StartSeconds(const BenchOptions& options, const std::string& data_dir);

}  // namespace parley::bench
