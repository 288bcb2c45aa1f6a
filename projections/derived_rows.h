// Rows that follow from something else in one step, all of them at once.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "projections/projection.h"

namespace parley {

// Makes the rows whose keys begin with `prefix` exactly those of `wanted` (whole keys, canonical bytes), writing only what
// differs.
void ReplaceRows(Rows& rows, std::string_view prefix, const std::map<std::string, std::string>& wanted);

}  // namespace parley
