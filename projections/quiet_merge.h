// When the read store is asked to merge what it has: readers then find what is in no cache in one place.
#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "eventstore/base/clock.h"
#include "eventstore/kv_store.h"

namespace parley {

// Asks once a period has passed in which few entries came, until the store says that there is nothing left to merge, and again
// once something was written. For one thread.
class QuietMerge {
 public:
  // `store` is not owned and outlives this.
  QuietMerge(KvStore& store, absl::Duration period) : store_(store), period_(period) {}

  void NoteWritten() { unmerged_ = true; }
  // `entries` more were looked at; asks where it is time to.
  void Pass(uint64_t entries);
  // When to call Pass again although no entries come, as Monotonic() has it; infinite where there is no need to.
  absl::Duration due() const { return unmerged_ ? period_began_ + period_ : absl::InfiniteDuration(); }

 private:
  KvStore& store_;
  const absl::Duration period_;
  bool unmerged_ = true;
  absl::Duration period_began_ = Monotonic();
  uint64_t period_entries_ = 0;
};

}  // namespace parley
