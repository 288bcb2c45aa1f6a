// By which right an event was recorded, for people.
#pragma once

#include <string>
#include <vector>

#include "services/aggregate/aggregate.h"
#include "services/aggregate/ledger_state.h"

namespace parley {

// One line for each thing that the right rests on: the role and who has it, what it may, the charter's clause. `before`: the ledger as
// it stood before the event. Says what there was, not whether it was enough: that is the recheck's.
std::vector<std::string> RightsOf(const LedgerState& before, const RecordedEvent& event);

}  // namespace parley
