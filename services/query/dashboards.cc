#include "services/query/dashboards.h"

#include "projections/decision_register.h"
#include "projections/overview.h"
#include "services/query/decision_register_query.h"
#include "services/query/overview_query.h"

namespace parley {

void AddDashboards(std::map<std::string, QueryHandler>& handlers) {
  handlers[v1::GetDecisionRegisterRequest::descriptor()->full_name()] =
      MakeHandler({DecisionRegisterProjection::kName}, AnswerDecisionRegister);
  handlers[v1::GetOverviewRequest::descriptor()->full_name()] =
      MakeHandler({OverviewProjection::kName}, AnswerOverview);
  handlers[v1::GetPortfolioRequest::descriptor()->full_name()] =
      MakeHandler({OverviewProjection::kName}, AnswerPortfolio);
}

}  // namespace parley
