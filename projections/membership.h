// Who may see a relationship: what queries authorise by.
#pragma once

#include <string>
#include <string_view>

#include "projections/projection.h"

namespace parley {

// Rows: v1::Membership by principal, for those who have any, and the v1::Relationship that they follow from. The ledger
// is indexed under each principal that has a row, so that a principal's relationships can be listed without a row that
// spans ledgers.
class MembershipProjection final : public Projection {
 public:
  static constexpr char kName[] = "membership";
  std::string name() const override { return kName; }
  uint32_t version() const override { return 1; }
  absl::Status Apply(const RecordedEvent& event, Rows& rows) const override;

  static std::string Key(std::string_view principal) { return "member/" + std::string(principal); }
};

}  // namespace parley
