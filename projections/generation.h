// A set of rows that one version of a projection is folded into, and how far it got.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/ids.h"
#include "projections/projection.h"

namespace parley {

// Thread-safe: the progress of a slot is written by the worker of its partition, read by anyone.
struct Generation {
  // The progress in one shard of one partition.
  struct Slot {
    std::atomic<uint64_t> next_offset{0};
    // Monotonic() when it last had everything, in nanoseconds; -1: never yet.
    std::atomic<int64_t> caught_up_nanos{-1};
    // Has everything, and waits for more.
    std::atomic<bool> idle{false};

    void NoteCaughtUp() {
      caught_up_nanos = absl::ToInt64Nanoseconds(Monotonic());
      idle = true;
    }
    // There is something to do: had there been anything before, the waiting would have ended then.
    void NoteWork() {
      if (idle.exchange(false)) caught_up_nanos = absl::ToInt64Nanoseconds(Monotonic());
    }
    // It begins again from an earlier entry.
    void NoteRestart() {
      idle = false;
      caught_up_nanos = -1;
    }
  };

  Generation(const Projection& projection, uint64_t number, uint32_t shards, uint32_t partitions)
      : projection(&projection), number(number), partitions(partitions), slots(size_t{shards} * partitions) {}

  Slot& slot(ShardId shard, uint32_t partition) { return slots[static_cast<uint32_t>(shard) * partitions + partition]; }

  const Projection* const projection;
  const uint64_t number;
  const uint32_t partitions;
  std::vector<Slot> slots;
  // Some ledger has stopped in it: at the start, or since. Set before that can be read in the store; stays set when it goes on.
  std::atomic<bool> any_stopped{false};
  // Another generation took its place: workers let go of it.
  std::atomic<bool> retired{false};
};

}  // namespace parley
