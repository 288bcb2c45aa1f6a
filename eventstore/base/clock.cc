#include "eventstore/base/clock.h"

#include <chrono>

#include "absl/time/clock.h"

namespace parley {

absl::Time SystemClock::Now() const { return absl::FromUnixMicros(absl::ToUnixMicros(absl::Now())); }

absl::Time ManualClock::Now() const {
  std::lock_guard lock(mu_);
  return now_;
}

bool ManualClock::AdvanceTo(absl::Time time) {
  std::lock_guard lock(mu_);
  if (time < now_) return false;
  now_ = time;
  return true;
}

absl::Duration Monotonic() { return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch()); }

}  // namespace parley
