// Dashboards as they are drawn in a terminal.
#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "services/cli/api.h"
#include "services/cli/canvas.h"

namespace parley {

// What a board is called on the command line: the name of its method without "get-", and the word of it that tells:
// decision-register is also register, activity-view is also activity.
struct BoardName {
  std::string name;
  std::string alias;  // Empty: none.
};
BoardName NameOfBoard(const Verb& verb);

// Draws any answer of DashboardService: those that a drawing was made for by it, others by what their fields are.
void DrawDashboard(const google::protobuf::Message& answer, Canvas& canvas);

}  // namespace parley
