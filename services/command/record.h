// From decided events to the entries of a commit.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "eventstore/base/random.h"
#include "eventstore/event_log.h"
#include "services/aggregate/context.h"
#include "services/aggregate/ledger_state.h"

namespace parley {

// A commit, and its events as folding needs them.
struct BuiltCommit {
  Commit commit;
  std::vector<RecordedEvent> events;
};

// COMMIT_TOO_LARGE where the events exceed what one commit may hold.
absl::StatusOr<BuiltCommit> BuildCommit(const LedgerState& state, const Events& events, const Context& context,
                                        const std::string& request_id, const std::string& fingerprint,
                                        RandomSource& random);

// The request id under which a deadline is recorded: derived from (stream, kind, occurrence), so that it is recorded once.
std::string DeadlineRequestId(const Deadline& deadline);

}  // namespace parley
