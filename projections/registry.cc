// Every read model there is. An explicit list: registration by static initialisers would be dropped from static
// libraries.
#include "projections/activity_view.h"
#include "projections/coverage.h"
#include "projections/decision_register.h"
#include "projections/docket.h"
#include "projections/membership.h"
#include "projections/overview.h"
#include "projections/projection.h"
#include "projections/resources.h"
#include "projections/scoreboard.h"

namespace parley {

const std::vector<std::unique_ptr<Projection>>& Projections() {
  static const auto* const kProjections = [] {
    auto* list = new std::vector<std::unique_ptr<Projection>>();
    list->push_back(std::make_unique<MembershipProjection>());
    list->push_back(std::make_unique<ResourcesProjection>());
    list->push_back(std::make_unique<OwnResourcesProjection>());
    list->push_back(std::make_unique<DecisionRegisterProjection>());
    list->push_back(std::make_unique<OverviewProjection>());
    list->push_back(std::make_unique<ScoreboardProjection>());
    list->push_back(std::make_unique<CoverageProjection>());
    list->push_back(std::make_unique<DocketProjection>());
    list->push_back(std::make_unique<ActivityViewProjection>());
    return list;
  }();
  return *kProjections;
}

}  // namespace parley
