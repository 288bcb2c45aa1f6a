// The docket: every dispute, how far it got, and how it got there.
#pragma once

#include "projections/projection.h"

namespace parley {

// Rows: kEntries + name: v1::DocketEntry; and the v1::Dispute that it follows from.
class DocketProjection final : public Projection {
 public:
  static constexpr char kName[] = "docket";
  static constexpr char kEntries[] = "entry/";
  std::string name() const override { return kName; }
  uint32_t version() const override { return 1; }
  absl::Status Apply(const RecordedEvent& event, Rows& rows) const override;
};

}  // namespace parley
