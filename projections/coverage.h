// Objectives against metrics. The rows say what there is; the query says what it comes to.
#pragma once

#include "projections/projection.h"

namespace parley {

// Rows: kObjectives + name: v1::Objective; kMetrics + name: v1::CoverageMetric.
class CoverageProjection final : public Projection {
 public:
  static constexpr char kName[] = "coverage";
  static constexpr char kObjectives[] = "objective/";
  static constexpr char kMetrics[] = "metric/";
  std::string name() const override { return kName; }
  uint32_t version() const override { return 1; }
  absl::Status Apply(const RecordedEvent& event, Rows& rows) const override;
};

}  // namespace parley
