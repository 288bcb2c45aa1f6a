#include "projections/membership.h"

#include <map>

#include "parley/v1/membership.pb.h"
#include "parley/v1/relationship.pb.h"
#include "projections/derived_rows.h"
#include "services/relationship/relationship.h"

namespace parley {
namespace {

constexpr char kRelationshipKey[] = "relationship";

std::map<std::string, v1::Membership> MembershipsOf(const v1::Relationship& relationship) {
  std::map<std::string, v1::Membership> out;
  for (const v1::RoleGrant& grant : relationship.grants()) *out[grant.principal()].add_grants() = grant;
  for (const v1::Party& party : relationship.parties()) {
    if (!party.has_accept_time()) out[party.first_member()].add_invited_by_parties(party.party_id());
  }
  if (relationship.charter_in_force() == 0) out[relationship.established_by()].set_founder(true);
  for (auto& [principal, membership] : out) membership.set_principal(principal);
  return out;
}

}  // namespace

absl::Status MembershipProjection::Apply(const RecordedEvent& event, Rows& rows) const {
  const auto* of_relationship = event.As<v1::RelationshipEvent>();
  if (of_relationship == nullptr) return absl::OkStatus();
  auto& relationship = rows.Mutable<v1::Relationship>(kRelationshipKey);
  Evolve(relationship, *of_relationship, event.info);

  const std::map<std::string, v1::Membership> memberships = MembershipsOf(relationship);
  const std::string prefix = Key("");
  rows.Scan(prefix, [&](std::string_view key, std::string_view) {
    const std::string principal(key.substr(prefix.size()));
    if (!memberships.contains(principal)) rows.Unindex(principal);
    return true;
  });
  std::map<std::string, std::string> wanted;
  for (const auto& [principal, membership] : memberships) {
    wanted[Key(principal)] = Canonical(membership);
    rows.Index(principal);
  }
  ReplaceRows(rows, prefix, wanted);
  return absl::OkStatus();
}

}  // namespace parley
