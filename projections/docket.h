// The dispute docket: what is open, on which tier and since when, who escalated alone, what recurs, and how satisfied
// each side is with what came of it.
#pragma once

#include "projections/projection.h"

namespace parley {

// Rows: v1::DocketEntry by dispute, and what it follows from: the v1::Dispute, the v1::DocketLadder of each charter
// version, and a v1::DocketTopic for what disputes are about.
class DocketProjection final : public Projection {
 public:
  static constexpr char kName[] = "dispute-docket";
  // Keys of entries begin with this, in the order of the disputes' names.
  static constexpr char kEntries[] = "entry/";
  std::string name() const override { return kName; }
  uint32_t version() const override { return 1; }
  absl::Status Apply(const RecordedEvent& event, Rows& rows) const override;
};

}  // namespace parley
