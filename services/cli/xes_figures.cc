#include "services/cli/xes_figures.h"

#include "services/import/xes_metrics.h"

namespace parley {

void XesFigures::Add(const XesMapping& mapping, const XesTrace& trace) {
  ++cases;
  absl::Duration case_total, case_waiting;
  int changes = 0;
  const XesEvent* before = nullptr;
  for (const XesEvent* event : InTimeOrder(trace)) {
    ++activities;
    const std::string_view team = mapping.team.empty() ? "" : event->Value(mapping.team);
    if (!team.empty()) teams.emplace(team);
    if (before != nullptr) {
      const absl::Duration step = event->time - before->time;
      case_total += step;
      if (mapping.IsWaiting(*before)) case_waiting += step;
      if (!mapping.team.empty() && before->Value(mapping.team) != team) ++changes;
    }
    before = event;
  }
  total += case_total;
  waiting += case_waiting;
  if (case_waiting * 2 > case_total) ++mostly_waiting;
  if (changes >= 2) ++team_changed_twice;
}

}  // namespace parley
