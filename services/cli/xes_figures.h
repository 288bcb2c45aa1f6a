// What an event log says as a whole: the figures that an import ends with.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "absl/time/time.h"
#include "services/import/xes_mapping.h"
#include "services/import/xes_reader.h"

namespace parley {

// Time passes from an event to the next one of its case, in time order; it is waiting time where the event's status stops
// the clock.
struct XesFigures {
  int64_t cases = 0;
  int64_t activities = 0;
  std::set<std::string, std::less<>> teams;
  absl::Duration total, waiting;
  int64_t mostly_waiting = 0;      // Cases that wait more than half of their time.
  int64_t team_changed_twice = 0;  // Cases that change team at least twice.

  void Add(const XesMapping& mapping, const XesTrace& trace);
};

}  // namespace parley
