#include "tests/bench/start_time.h"

#include <algorithm>
#include <limits>

#include "eventstore/base/clock.h"
#include "tests/bench/server_process.h"

namespace parley::bench {

double StartSeconds(const BenchOptions& options, const std::string& data_dir) {
  double best = std::numeric_limits<double>::max();
  for (int i = 0; i < 3; ++i) {
    const absl::Duration start = Monotonic();
    Process server = StartServer(options, data_dir);
    best = std::min(best, absl::ToDoubleSeconds(Monotonic() - start));
    if (server.Stop() != 0) Die("a server did not end in order");
  }
  return best;
}

}  // namespace parley::bench
