// Time as an input. Nothing but clock.cc reads the machine's clock (tests/lint holds that).
#pragma once

#include <mutex>

#include "absl/time/time.h"

namespace parley {

// Thread-safe. Wall time; may be set back, so whoever needs order must see to it (the pipeline does, per ledger).
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
};

// The machine's clock, to the microsecond.
class SystemClock : public Clock {
 public:
  absl::Time Now() const override;
};

// Stands still until it is told otherwise. For tests, and for loopback development servers.
class ManualClock : public Clock {
 public:
  explicit ManualClock(absl::Time start) : now_(start) {}
  absl::Time Now() const override;
  // Moves forward to `time`; returns false and leaves it where it is if that lies in the past.
  bool AdvanceTo(absl::Time time);

 private:
  mutable std::mutex mu_;
  absl::Time now_;
};

// Time that only measures: never goes back, unrelated to any date. For latencies, timeouts and back-off.
absl::Duration Monotonic();

}  // namespace parley
