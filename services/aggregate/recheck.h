// Decides history again. An entry is only as good as the rule that let it in: given the state before it, the recheck asks the same
// Decide that the server asked, and wants the same events, byte for byte, under the same role; given a time, it wants every deadline
// that was due by then. So nothing stands in a verified history that the charter then in force did not allow.
//
// An area <a> has, in services/<a>/<a>_redecide.cc, one function more:
//   absl::StatusOr<Events> Redecide(const R& state, const RecordedCommand& recorded, const Context& context);
// which makes the request again that the recorded events answered to and calls Decide with it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "eventstore/entry.h"
#include "services/aggregate/aggregate.h"
#include "services/aggregate/context.h"
#include "services/aggregate/ledger_state.h"

namespace parley {

// The entries of one command: next to each other, same actor, request id and recorded_at.
struct RecordedCommand {
  std::vector<RecordedEvent> events;

  // The first event, as its kind: null where it is of another aggregate's.
  template <class E>
  const E* First() const {
    return events.front().As<E>();
  }
};

// Follows one ledger from its first entry. Not thread-safe.
class Rechecker {
 public:
  explicit Rechecker(LedgerId ledger) : state_(std::move(ledger)) {}

  // The ledger's next entry. PERMISSION_DENIED where what came before is complete and was not allowed: the message names the first
  // entry of the offending command, `offence()` its sequence. An entry of a command is judged when the next command begins, or at
  // Finish().
  absl::Status Add(const Entry& entry);
  // An entry of which this reader has the header only: another party's own. Joint rules do not depend on it.
  absl::Status Withheld(const v1::EntryHeader& header);
  // Nothing more comes.
  absl::Status Finish();

  std::optional<uint64_t> offence() const { return offence_; }
  const LedgerState& state() const { return state_; }

 private:
  absl::Status Judge();

  LedgerState state_;
  std::vector<Entry> pending_;
  std::optional<uint64_t> offence_;
};

}  // namespace parley
