// The scoreboard: each period of each metric as reported, as corrected, as agreed and as perceived.
#pragma once

#include "projections/projection.h"

namespace parley {

// Rows: kMetrics + name: v1::ScoreboardMetric without cells; kCells + name + "/" + period + "/" + version:
// v1::ScoreboardCell; and the v1::Metric that they follow from.
class ScoreboardProjection final : public Projection {
 public:
  static constexpr char kName[] = "scoreboard";
  static constexpr char kMetrics[] = "board/";
  static constexpr char kCells[] = "cell/";
  std::string name() const override { return kName; }
  uint32_t version() const override { return 1; }
  absl::Status Apply(const RecordedEvent& event, Rows& rows) const override;
};

}  // namespace parley
