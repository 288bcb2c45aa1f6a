// Dashboards as they are drawn in a terminal.
#pragma once

#include <google/protobuf/message.h>

#include "services/cli/canvas.h"

namespace parley {

// Draws any answer of DashboardService: those that a drawing was made for by it, others by what their fields are.
void DrawDashboard(const google::protobuf::Message& answer, Canvas& canvas);

}  // namespace parley
