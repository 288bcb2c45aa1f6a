// What every group of figures is measured with.
#pragma once

#include <string>

#include "absl/time/time.h"

namespace parley::bench {

struct BenchOptions {
  bool quick = false;
  std::string parleyd;  // The server's binary.
  std::string scratch;  // A directory of this run's.

  absl::Duration duration() const { return quick ? absl::Seconds(2) : absl::Seconds(10); }
};

}  // namespace parley::bench
