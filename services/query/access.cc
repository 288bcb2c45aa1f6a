#include "services/query/access.h"

#include <algorithm>

#include "eventstore/base/resource_name.h"
#include "eventstore/base/status.h"
#include "projections/membership.h"

namespace parley {

absl::StatusOr<LedgerId> RelationshipNamed(std::string_view name, std::string_view field) {
  const auto parsed = ResourceName::Parse(name);
  if (!parsed || parsed->collection != "relationships") {
    return InvalidField(field, "not of the form relationships/{relationship}");
  }
  return parsed->ledger;
}

absl::Status NoSuchResource(std::string_view name) {
  return Reject(v1::REASON_NOT_FOUND, "no such resource, or none that the caller may see: " + std::string(name))
      .With("name", name);
}

absl::StatusOr<v1::Membership> RequireMember(ReadView& view, const Caller& caller, const LedgerId& ledger) {
  PARLEY_ASSIGN_OR_RETURN(auto membership, view.Get<v1::Membership>(MembershipProjection::kName, ledger,
                                                                    MembershipProjection::Key(caller.principal)));
  if (!membership) return NoSuchResource("relationships/" + ledger.str());
  PARLEY_RETURN_IF_ERROR(view.RequireFollowed(MembershipProjection::kName, ledger));
  return *std::move(membership);
}

absl::StatusOr<v1::Membership> LiveAccess::Member(const LedgerId& ledger) const {
  return RequireMember(view_, caller_, ledger);
}

absl::StatusOr<std::vector<LedgerId>> LiveAccess::Ledgers() const {
  return view_.LedgersUnder(MembershipProjection::kName, caller_.principal);
}

bool ReadsPrivateOf(const v1::Membership& membership, std::string_view party) {
  return std::any_of(membership.grants().begin(), membership.grants().end(),
                     [&](const v1::RoleGrant& grant) { return grant.party_id() == party; });
}

}  // namespace parley
