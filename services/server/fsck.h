// The command behind `parleyd fsck`.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace parley {

// Checks the store in `data_dir`, which no server may be using: the log, its index, the snapshots. Prints what it finds;
// returns whether all is well.
absl::StatusOr<bool> RunFsck(const std::string& data_dir);

}  // namespace parley
