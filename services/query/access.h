// Who may read what. Rights to read follow from the membership read model:
//   - whoever holds a role in a relationship, was named a party's first member, or opened it while no charter binds
//   yet,
//     reads what is joint;
//   - what is one party's own is read by those who hold a role of that party.
// To everybody else it does not exist: NOT_FOUND, whether it is there or not.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "eventstore/base/ids.h"
#include "parley/v1/membership.pb.h"
#include "projections/read_view.h"

namespace parley {

// Who asks, as authenticated.
struct Caller {
  std::string principal;
};

// NOT_FOUND for `name`: there is no such resource, or none that the caller may see.
absl::Status NoSuchResource(std::string_view name);

// The caller's membership; NOT_FOUND where there is none, PROJECTION_STOPPED where it is not known any more.
absl::StatusOr<v1::Membership> RequireMember(ReadView& view, const Caller& caller, const LedgerId& ledger);
// Whether a member reads what is that party's own.
bool ReadsPrivateOf(const v1::Membership& membership, std::string_view party);

}  // namespace parley
