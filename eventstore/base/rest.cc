#include "eventstore/base/rest.h"

#include <algorithm>

#include "eventstore/base/clock.h"

namespace parley {

std::chrono::nanoseconds RestSince(absl::Duration begun) {
  return absl::ToChronoNanoseconds(std::min(9 * (Monotonic() - begun), absl::Milliseconds(200)));
}

}  // namespace parley
