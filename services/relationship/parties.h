// Who the parties to a relationship's bargain are.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "parley/v1/relationship.pb.h"

namespace parley {

// Ids of the buyers and providers that have accepted, in the order in which they were named. What "both parties" must
// agree to, each of these must. The views are into `relationship`.
std::vector<std::string_view> ContractingParties(const v1::Relationship& relationship);

// NOT_YOUR_PARTY unless `party` is one of them.
absl::Status RequireContractingParty(const v1::Relationship& relationship, std::string_view party);

}  // namespace parley
