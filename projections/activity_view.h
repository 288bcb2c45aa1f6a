// How cases move between teams and parties, and how much of their time they wait.
#pragma once

#include "projections/projection.h"

namespace parley {

// Rows: kSummary: v1::ActivitySummary; kMonths + "2026-03": v1::ActivityMonth; kTeams + team: v1::ActivityTeam;
// "case/" + source + "/" + case id: v1::ActivityCase. An activity that comes late is put where its time says and its
// case counted anew, so that what the rows say does not depend on the order in which activities were recorded.
class ActivityViewProjection final : public Projection {
 public:
  static constexpr char kName[] = "activity-view";
  static constexpr char kSummary[] = "summary";
  static constexpr char kMonths[] = "month/";
  static constexpr char kTeams[] = "team/";
  std::string name() const override { return kName; }
  uint32_t version() const override { return 1; }
  absl::Status Apply(const RecordedEvent& event, Rows& rows) const override;
};

}  // namespace parley
