#include "services/aggregate/actor.h"

#include <algorithm>
#include <set>
#include <utility>

namespace parley {

absl::StatusOr<Actor> ResolveActor(const v1::Relationship& relationship, Actor claimed) {
  // Besides members: whoever may still act without a role, as the membership read model has it, too.
  bool known = relationship.charter_in_force() == 0 && relationship.established_by() == claimed.principal;
  std::set<std::string> invited;  // Parties that the caller may accept for.
  for (const auto& party : relationship.parties()) {
    if (!party.has_accept_time() && party.first_member() == claimed.principal) invited.insert(party.party_id());
  }
  known |= !invited.empty();
  std::set<std::string> parties;
  for (const auto& grant : relationship.grants()) {
    if (grant.principal() == claimed.principal) parties.insert(grant.party_id());
  }
  if (!known && parties.empty()) return NoSuchRelationship();
  if (!claimed.party.empty()) {
    if (!parties.contains(claimed.party) && !invited.contains(claimed.party)) {
      return Reject(v1::REASON_NOT_A_MEMBER, "the caller holds no role of the party named")
          .With("party", claimed.party);
    }
  } else if (parties.size() > 1) {
    return Reject(v1::REASON_PARTY_AMBIGUOUS, "the caller acts for several parties: name one");
  } else if (!parties.empty()) {
    claimed.party = *parties.begin();
  }
  if (!claimed.on_behalf_of.empty()) {
    const bool member = std::any_of(relationship.grants().begin(), relationship.grants().end(), [&](const auto& grant) {
      return grant.principal() == claimed.on_behalf_of && grant.party_id() == claimed.party;
    });
    if (!member) return Reject(v1::REASON_NOT_A_MEMBER, "who is acted for holds no role of the same party");
  }
  return claimed;
}

Reject NoSuchRelationship() {
  return Reject(v1::REASON_NOT_FOUND, "no such relationship, or none that the caller may see");
}

}  // namespace parley
