#include "services/query/dashboards.h"

#include "projections/activity_view.h"
#include "projections/coverage.h"
#include "projections/decision_register.h"
#include "projections/docket.h"
#include "projections/overview.h"
#include "projections/scoreboard.h"
#include "services/query/activity_query.h"
#include "services/query/coverage_query.h"
#include "services/query/decision_register_query.h"
#include "services/query/docket_query.h"
#include "services/query/overview_query.h"
#include "services/query/scoreboard_query.h"

namespace parley {
namespace {

template <class Request, class Response>
void Add(std::map<std::string, QueryHandler>& handlers, const char* model,
         absl::Status (*answer)(const QueryContext&, const Request&, Response&)) {
  handlers[Request::descriptor()->full_name()] = MakeHandler({model}, answer);
}

}  // namespace

void AddDashboards(std::map<std::string, QueryHandler>& handlers) {
  Add(handlers, OverviewProjection::kName, AnswerOverview);
  Add(handlers, OverviewProjection::kName, AnswerPortfolio);
  Add(handlers, DecisionRegisterProjection::kName, AnswerDecisionRegister);
  Add(handlers, ScoreboardProjection::kName, AnswerScoreboard);
  Add(handlers, CoverageProjection::kName, AnswerCoverage);
  Add(handlers, DocketProjection::kName, AnswerDocket);
  Add(handlers, ActivityViewProjection::kName, AnswerActivityView);
}

}  // namespace parley
