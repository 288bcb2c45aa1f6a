#include "services/aggregate/deadlines.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/status.h"

namespace parley {

std::string DeadlineRequestId(const Deadline& deadline) {
  const std::string digest = Sha256(deadline.stream + "\n" + deadline.kind + "\n" + deadline.occurrence);
  return std::string(kDeadlineRequestPrefix) + absl::BytesToHexString(digest.substr(0, 16));
}

absl::StatusOr<Expiry> ExpireDeadline(const LedgerState& ledger, const Deadline& deadline, absl::Time now) {
  const google::protobuf::Message* state = ledger.Find(deadline.stream);
  const AggregateType* type = AggregateOfResource(state->GetDescriptor());
  const absl::Time effective_at = std::max(deadline.due, ledger.LastEffectiveAt(deadline.stream));
  Context context(ledger, Actor{.principal = std::string(kSystemActor)}, deadline.stream, now, effective_at, false);
  PARLEY_ASSIGN_OR_RETURN(Events events, type->expire(*state, deadline, context));
  return Expiry{std::move(context), std::move(events)};
}

}  // namespace parley
