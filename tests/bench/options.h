// What every group of figures is measured with.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace parley::bench {

struct BenchOptions {
  bool quick = false;
  int watch_minutes = 1;  // How long memory is watched; --quick: for a second.
  uint64_t entries = 0;   // In the large store; 0: as many as the mode has.
  std::string parleyd;    // The server's binary.
  std::string scratch;    // A directory of this run's.

  absl::Duration duration() const { return quick ? absl::Milliseconds(500) : absl::Seconds(10); }
  absl::Duration watch() const { return quick ? absl::Seconds(1) : absl::Minutes(watch_minutes); }
  uint64_t large() const { return entries > 0 ? entries : quick ? 20'000 : 10'000'000; }
};

}  // namespace parley::bench
