// The activity view, as asked for.
#pragma once

#include "parley/v1/dashboard.pb.h"
#include "services/query/query.h"

namespace parley {

absl::Status AnswerActivityView(const QueryContext& context, const v1::GetActivityViewRequest& request,
                                v1::GetActivityViewResponse& response);

}  // namespace parley
