// The dispute docket, as asked for.
#pragma once

#include "parley/v1/dashboard.pb.h"
#include "services/query/query.h"

namespace parley {

absl::Status AnswerDocket(const QueryContext& context, const v1::GetDocketRequest& request,
                          v1::GetDocketResponse& response);

}  // namespace parley
