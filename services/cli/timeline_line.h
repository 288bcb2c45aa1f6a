// An entry of a relationship's history on one line.
#pragma once

#include <string>

#include "parley/v1/timeline.pb.h"
#include "services/cli/screen.h"

namespace parley {

// Sequence, when it was recorded, kind of event, what happened; and when it became true, where that was another minute.
std::string TimelineLine(const v1::TimelineEntry& entry, const Screen& screen);

}  // namespace parley
