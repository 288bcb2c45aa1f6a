// One relationship at a glance, and all of a caller's side by side.
#pragma once

#include "parley/v1/dashboard.pb.h"
#include "services/query/query.h"

namespace parley {

absl::Status AnswerOverview(const QueryContext& context, const v1::GetOverviewRequest& request,
                            v1::GetOverviewResponse& response);
// A fan-in over the caller's relationships: no row spans them.
absl::Status AnswerPortfolio(const QueryContext& context, const v1::GetPortfolioRequest& request,
                             v1::GetPortfolioResponse& response);

}  // namespace parley
