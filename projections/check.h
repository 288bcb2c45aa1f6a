// Whether the read store says what the log says.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "eventstore/event_log.h"
#include "eventstore/kv_store.h"
#include "projections/projection.h"

namespace parley {

// Folds, into the empty store `scratch` and one ledger at a time, what each projection says it has folded in, and compares the rows: a finding
// for each ledger of a projection whose rows differ, or that claims more than the log has. Rows that are read but of a
// version that is not among `projections` cannot be checked and are passed over. Nothing else may use the store meanwhile.
absl::StatusOr<std::vector<std::string>> CheckReadStore(const EventLog& log, const KvStore& store, KvStore& scratch,
                                                        const std::vector<const Projection*>& projections);

}  // namespace parley
