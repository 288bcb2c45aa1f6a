// From decided events to the entries of a commit.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "eventstore/base/random.h"
#include "eventstore/event_log.h"
#include "eventstore/person_keys.h"
#include "services/aggregate/context.h"
#include "services/aggregate/ledger_state.h"

namespace parley {

// A commit, and its events as folding needs them.
struct BuiltCommit {
  Commit commit;
  std::vector<RecordedEvent> events;
};

// Takes the texts about people out of the events and seals each under its person's key. What is to be folded in lacks them, so that
// no state, snapshot or read model ever holds one. COMMIT_TOO_LARGE where the events exceed what one commit may hold;
// PERSON_ERASED where one speaks of a person who was erased, or whose key is gone all the same.
absl::StatusOr<BuiltCommit> BuildCommit(const LedgerState& state, const Events& events, const Context& context,
                                        const std::string& request_id, const std::string& fingerprint, PersonKeys& keys,
                                        RandomSource& random);

// For commits that are never appended: seals under a key that is nobody's, and makes none. Thread-safe.
PersonKeys& ThrowawayKeys();

}  // namespace parley
