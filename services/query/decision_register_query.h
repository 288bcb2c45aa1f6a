// The decision register, as asked for.
#pragma once

#include "parley/v1/dashboard.pb.h"
#include "services/query/query.h"

namespace parley {

absl::Status AnswerDecisionRegister(const QueryContext& context, const v1::GetDecisionRegisterRequest& request,
                                    v1::GetDecisionRegisterResponse& response);

}  // namespace parley
