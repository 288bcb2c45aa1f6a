// Digests of the read models, in the record itself. A stream holds one event, and only the server itself records it.
#pragma once

#include "absl/status/statusor.h"
#include "parley/v1/digest.pb.h"
#include "services/aggregate/aggregate.h"
#include "services/aggregate/context.h"

namespace parley {

struct RecordedCommand;

void Evolve(v1::Digest& digest, const v1::DigestEvent& event, const EventInfo& info);

// For the system only: PERMISSION_MISSING.
absl::StatusOr<Events> Decide(const v1::Digest&, const v1::RecordDigestRequest&, const Context&);
absl::StatusOr<Events> Redecide(const v1::Digest&, const RecordedCommand&, const Context&);

}  // namespace parley
