// Small files that must not be lost, nor found half-written.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace parley {

// Makes or replaces a file: whoever opens `path` finds what was there before or all of `bytes`, whatever happens meanwhile; when this
// returns OK, it is on the disk, its name in the directory included. Goes through `path`.new, so one writer at a time. `mode`: of the
// file, as chmod has it. UNAVAILABLE where it cannot be written.
absl::Status WriteFileDurably(const std::string& path, std::string_view bytes, unsigned mode);

}  // namespace parley
