// A relationship at a glance.
#pragma once

#include "projections/projection.h"

namespace parley {

// Rows: one v1::RelationshipOverview, and what it needs to remember: the v1::Relationship, and a v1::OverviewDecision
// for each decision.
class OverviewProjection final : public Projection {
 public:
  static constexpr char kName[] = "overview";
  static constexpr char kKey[] = "overview";
  std::string name() const override { return kName; }
  uint32_t version() const override { return 2; }
  absl::Status Apply(const RecordedEvent& event, Rows& rows) const override;
};

}  // namespace parley
