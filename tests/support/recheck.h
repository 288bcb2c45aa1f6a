// Whether what a test recorded is what the rules would record.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "eventstore/event_log.h"

namespace parley::test {

// Decides one ledger's history again, from its first entry as far as it can be read. PERMISSION_DENIED with every breach.
absl::Status Recheck(const std::vector<Entry>& entries);

// The same for every ledger of a log.
absl::Status Recheck(const EventLog& log);

}  // namespace parley::test
