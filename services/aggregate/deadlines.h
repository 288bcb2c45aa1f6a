// What the ledger itself records when time passes.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/aggregate/aggregate.h"
#include "services/aggregate/context.h"
#include "services/aggregate/events.h"

namespace parley {

// Every deadline is recorded under a request id that begins so.
inline constexpr std::string_view kDeadlineRequestPrefix = "deadline-";

// The request id under which a deadline is recorded: derived from (stream, kind, occurrence), so that it is recorded once.
std::string DeadlineRequestId(const Deadline& deadline);

// A deadline about to be recorded.
struct Expiry {
  Context context;
  Events events;
};

// What `deadline`, one of the ledger's, leads to when it is recorded at `now`: events of the system, effective as of when it was
// due, or as of the stream's latest event where that is later. The ledger must outlive what is returned.
absl::StatusOr<Expiry> ExpireDeadline(const LedgerState& ledger, const Deadline& deadline, absl::Time now);

}  // namespace parley
