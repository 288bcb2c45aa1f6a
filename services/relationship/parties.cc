#include "services/relationship/parties.h"

#include <algorithm>

#include "eventstore/base/status.h"

namespace parley {

std::vector<std::string_view> ContractingParties(const v1::Relationship& relationship) {
  std::vector<std::string_view> parties;
  for (const v1::Party& party : relationship.parties()) {
    const bool contracts = party.kind() == v1::PARTY_KIND_BUYER || party.kind() == v1::PARTY_KIND_PROVIDER;
    if (contracts && party.has_accept_time()) parties.push_back(party.party_id());
  }
  return parties;
}

absl::Status RequireContractingParty(const v1::Relationship& relationship, std::string_view party) {
  const auto parties = ContractingParties(relationship);
  if (std::find(parties.begin(), parties.end(), party) != parties.end()) return absl::OkStatus();
  return Reject(v1::REASON_NOT_YOUR_PARTY, "only a buyer or a provider may do this").With("party", party);
}

}  // namespace parley
