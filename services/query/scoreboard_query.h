// The scoreboard, as asked for.
#pragma once

#include "parley/v1/dashboard.pb.h"
#include "services/query/query.h"

namespace parley {

absl::Status AnswerScoreboard(const QueryContext& context, const v1::GetScoreboardRequest& request,
                              v1::GetScoreboardResponse& response);

}  // namespace parley
