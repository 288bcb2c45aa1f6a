// Decides history again. An entry is only as good as the rule that let it in: given the state before it, the recheck asks the same
// Decide that the server asked, and wants the same events, byte for byte, under the same role; given a time, it wants every
// deadline that was due by then. So nothing stands in a verified history that the charter then in force did not allow.
//
// An area <a> has, in services/<a>/<a>_redecide.cc, one function more:
//   absl::StatusOr<Events> Redecide(const R& state, const RecordedCommand& recorded, const Context& context);
// which makes the request again that the recorded events answered to and returns DecideAgain(state, request, context). What
// Decide computes (numbers, due times, who dissented) does not go into the request: it is computed again, and compared.
//
// The texts of personal parts are not looked at: whoever holds the keys may read them, nobody decides by them.
#pragma once

#include <google/protobuf/message.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventstore/base/status.h"
#include "eventstore/entry.h"
#include "services/aggregate/admission.h"
#include "services/aggregate/aggregate.h"
#include "services/aggregate/context.h"
#include "services/aggregate/deadlines.h"
#include "services/aggregate/ledger_state.h"

namespace parley {

// What one command recorded, and maybe more behind it: two commands of the same actor at the same moment, without request ids,
// cannot be told apart before the first is decided again.
struct RecordedCommand {
  std::span<const RecordedEvent> events;  // At least one.

  // The first event, as its kind: null where it is of another aggregate's.
  template <class E>
  const E* First() const {
    return events.front().As<E>();
  }
};

// What the pipeline does with a request: checks its fields and its target, and decides.
template <class R, class Request>
absl::StatusOr<Events> DecideAgain(const R& state, const Request& request, const Context& context) {
  PARLEY_RETURN_IF_ERROR(CheckFields(request));
  PARLEY_RETURN_IF_ERROR(CheckTarget(CreatesTarget(*Request::descriptor()), context));
  return Decide(state, request, context);
}

// Redecide's answer to an event that only ever follows from another, or from a deadline.
absl::Status NoCommandBeginsWith(const RecordedCommand& recorded);

// A command, or a deadline, that should not stand in history as it does.
struct Breach {
  uint64_t sequence = 0;  // The first entry that is not as it should be.
  // Why a rule refused it; REASON_UNSPECIFIED where the rules would have recorded something else.
  v1::Reason reason = v1::REASON_UNSPECIFIED;
  std::string message;  // For people: which entry, what, why.
};

// Follows one ledger from its first entry. Not thread-safe. Keeps the ledger's state and at most some 2,000 entries in memory.
//
// A command is judged when the next one begins, or at Finish(). One that is refused is left out of the state, as the server would
// have done, and the judging goes on: what rests on it is refused in turn. A deadline that should have been recorded and was
// not is taken as recorded.
class Rechecker {
 public:
  explicit Rechecker(LedgerId ledger) : state_(std::move(ledger)) {}

  // The ledger's next entry, taken in whatever is answered:
  //   PERMISSION_DENIED  something before it, or a deadline due by then, was a breach: breaches() tells, and has grown;
  //   DATA_LOSS          the entry cannot be read or is not the next. Nothing further can be judged.
  absl::Status Add(const Entry& entry);
  // An entry of which this reader has the header only: another party's own. Joint rules do not depend on it.
  absl::Status Withheld(const v1::EntryHeader& header);
  // Nothing more comes.
  absl::Status Finish();

  // In order. Empty: everything judged so far was allowed.
  const std::vector<Breach>& breaches() const { return breaches_; }
  // Sequence of the first breach.
  std::optional<uint64_t> offence() const;
  // The fold of all that was judged and allowed.
  const LedgerState& state() const { return state_; }

 private:
  // What all entries of one command have in common, beside what stands in their events.
  struct Origin {
    std::string request_id;
    std::string on_behalf_of;
    bool operator==(const Origin&) const = default;
  };
  using Pending = std::span<const RecordedEvent>;

  absl::Status CheckNext(const v1::EntryHeader& header) const;
  // Judges what is pending until at most `keep` events are left. PERMISSION_DENIED: there was a breach.
  absl::Status Judge(size_t keep);
  // How many of the events, all of one origin, the first command or deadline among them accounts for.
  absl::StatusOr<size_t> JudgeFirst(Pending events);
  absl::StatusOr<size_t> JudgeCommand(Pending events);
  absl::StatusOr<size_t> JudgeExpiry(Pending events, const Deadline& deadline);
  // Time does not go back.
  absl::Status JudgeTime(uint64_t sequence, absl::Time recorded_at);
  // Whatever is due by then should have been recorded before.
  void NoteMissedDeadlines(uint64_t sequence, absl::Time recorded_at);
  // Takes a deadline as recorded, so that the judging can go on. False: it still stands.
  bool Assume(const Deadline& deadline, absl::Time recorded_at);
  // Who acted, as the pipeline would have settled it.
  absl::StatusOr<Actor> ActorOf(const RecordedEvent& first) const;
  // How many events were decided, all of which are recorded as they should be.
  absl::StatusOr<size_t> Compare(Pending events, const Events& decided, const Context& context);
  // What is wrong with an event; empty: nothing.
  std::string Difference(const RecordedEvent& recorded, const NewEvent& decided, const std::string& role,
                         const Context& context) const;
  // PERMISSION_DENIED where there are more than `before` breaches, with the first one more.
  absl::Status BreachesSince(size_t before) const;
  // Notes a breach. PERMISSION_DENIED.
  absl::Status Refuse(uint64_t sequence, v1::Reason reason, std::string message);
  absl::Status Refuse(const RecordedEvent& event, std::string_view why);
  absl::Status Refuse(const RecordedEvent& event, const absl::Status& refusal);

  LedgerState state_;
  // Entries of one origin that are still to be judged.
  Origin origin_;
  std::vector<RecordedEvent> pending_;
  std::vector<std::optional<uint64_t>> caused_by_;  // Of each.
  std::vector<Breach> breaches_;
};

}  // namespace parley
