// Coverage, as asked for.
#pragma once

#include "parley/v1/dashboard.pb.h"
#include "services/query/query.h"

namespace parley {

absl::Status AnswerCoverage(const QueryContext& context, const v1::GetCoverageRequest& request,
                            v1::GetCoverageResponse& response);

}  // namespace parley
