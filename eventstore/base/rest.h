// How much of the time work takes that nobody waits for.
#pragma once

#include <chrono>

#include "absl/time/time.h"

namespace parley {

// How long such work rests, after a piece of it that began then (Monotonic()): nine times as long as the piece took, so that the rest of
// the time is others', and 200 ms at most, since a piece may take its time because it waits itself.
std::chrono::nanoseconds RestSince(absl::Duration begun);

}  // namespace parley
