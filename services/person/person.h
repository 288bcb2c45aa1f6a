// The rules of people: handles everywhere, and here the names behind them, sealed, so that they can be erased. No rule looks at a
// text about a person further than whether it is there: the recheck of history must come to the same without it.
#pragma once

#include "absl/status/statusor.h"
#include "parley/v1/person.pb.h"
#include "services/aggregate/aggregate.h"
#include "services/aggregate/context.h"

namespace parley {

// Keeps no text, only in which entry each is.
void Evolve(v1::Person& person, const v1::PersonEvent& event, const EventInfo& info);

absl::StatusOr<Events> Decide(const v1::Person&, const v1::RegisterPersonRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Person&, const v1::ChangePersonProfileRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Person&, const v1::CommentOnPersonRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Person&, const v1::ErasePersonRequest&, const Context&);

absl::StatusOr<Events> Redecide(const v1::Person&, const RecordedCommand&, const Context&);

}  // namespace parley
