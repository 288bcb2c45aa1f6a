// The decision register: what is open, how long decisions take, what was overridden, reopened or replaced, and which
// reviews are due.
#pragma once

#include <string>
#include <string_view>

#include "projections/projection.h"

namespace parley {

// Rows: v1::DecisionRegisterEntry by decision, and the v1::Decision that it follows from.
class DecisionRegisterProjection final : public Projection {
 public:
  static constexpr char kName[] = "decision-register";
  std::string name() const override { return kName; }
  uint32_t version() const override { return 1; }
  absl::Status Apply(const RecordedEvent& event, Rows& rows) const override;

  // Keys of entries begin with this, in the order of the decisions' names.
  static constexpr char kEntries[] = "entry/";
};

}  // namespace parley
