// One drawing per dashboard.
#pragma once

#include "parley/v1/dashboard.pb.h"
#include "services/cli/canvas.h"

namespace parley {

void Draw(const v1::GetOverviewResponse& answer, Canvas& canvas);
void Draw(const v1::GetPortfolioResponse& answer, Canvas& canvas);
void Draw(const v1::GetDecisionRegisterResponse& answer, Canvas& canvas);
void Draw(const v1::GetScoreboardResponse& answer, Canvas& canvas);
void Draw(const v1::GetCoverageResponse& answer, Canvas& canvas);
void Draw(const v1::GetDocketResponse& answer, Canvas& canvas);
void Draw(const v1::GetActivityViewResponse& answer, Canvas& canvas);

}  // namespace parley
