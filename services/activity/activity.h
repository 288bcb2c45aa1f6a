// Activities: what was done, once per source and source id. A stream holds one event; the ledger remembers that it
// exists.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "parley/v1/activity.pb.h"
#include "parley/v1/relationship.pb.h"
#include "services/aggregate/aggregate.h"
#include "services/aggregate/context.h"

namespace parley {

inline constexpr int kMaxActivitiesInBatch = 1000;

// The id in an activity's name. Different activities have different ids: "<source>~<source_id>" where that is a
// resource id and the source id does not begin with "~", "<source>~~<32 hex digits of the source id's SHA-256>"
// otherwise.
std::string ActivityId(const std::string& source, const std::string& source_id);

void Evolve(v1::Activity& activity, const v1::ActivityEvent& event, const EventInfo& info);
absl::StatusOr<Events> Redecide(const v1::Activity&, const RecordedCommand&, const Context&);

absl::StatusOr<Events> Decide(const v1::Relationship&, const v1::RecordActivitiesRequest&, const Context&);

}  // namespace parley
