// Memory of a server under load.
#pragma once

#include <vector>

#include "absl/time/time.h"
#include "tests/bench/figures.h"
#include "tests/bench/ledgers.h"
#include "tests/bench/process.h"

namespace parley::bench {

struct MemoryUse {
  double highest = 0;  // MiB resident.
  // Mean of the last quarter of the time less that of the second, in MiB: what a leak would show in. The first quarter fills caches.
  double drift = 0;
  uint64_t calls = 0;
};

// Records activities one by one, 256 calls in flight, over all `ledgers` in turn, and looks at the server's memory meanwhile.
MemoryUse MeasureMemory(const Process& server, const Ledgers& ledgers, absl::Duration duration, Figures& figures);

}  // namespace parley::bench
