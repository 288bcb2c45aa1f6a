// Who may read what. Rights to read follow from the membership read model:
//   - whoever holds a role in a relationship, was named a party's first member, or opened it while no charter binds
//   yet,
//     reads what is joint;
//   - what is one party's own is read by those who hold a role of that party.
// To everybody else it does not exist: NOT_FOUND, whether it is there or not.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "eventstore/base/ids.h"
#include "parley/v1/membership.pb.h"
#include "projections/read_view.h"

namespace parley {

// Who asks, as authenticated.
struct Caller {
  std::string principal;
};

// The ledger of "relationships/{r}"; FIELD_INVALID about `field` where `name` is not one.
absl::StatusOr<LedgerId> RelationshipNamed(std::string_view name, std::string_view field);

// NOT_FOUND for `name`: there is no such resource, or none that the caller may see.
absl::Status NoSuchResource(std::string_view name);

// The caller's membership; NOT_FOUND where there is none, PROJECTION_STOPPED where it is not known any more.
absl::StatusOr<v1::Membership> RequireMember(ReadView& view, const Caller& caller, const LedgerId& ledger);

// What queries ask about rights. They are those of now, whatever moment the rows are of.
class Access {
 public:
  virtual ~Access() = default;
  // What the caller is to a relationship: as RequireMember.
  virtual absl::StatusOr<v1::Membership> Member(const LedgerId& ledger) const = 0;
  // Every relationship that the caller is anything to, in name order.
  virtual absl::StatusOr<std::vector<LedgerId>> Ledgers() const = 0;
};

// As the membership read model has them.
class LiveAccess final : public Access {
 public:
  // Both outlive it.
  LiveAccess(ReadView& view, const Caller& caller) : view_(view), caller_(caller) {}
  absl::StatusOr<v1::Membership> Member(const LedgerId& ledger) const override;
  absl::StatusOr<std::vector<LedgerId>> Ledgers() const override;

 private:
  ReadView& view_;
  const Caller& caller_;
};

// Whether a member reads what is that party's own.
bool ReadsPrivateOf(const v1::Membership& membership, std::string_view party);

}  // namespace parley
