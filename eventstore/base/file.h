// Whole files, read within a bound. What writes them is durable_file.h.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace parley {

// A regular file's bytes. NOT_FOUND where there is none, INVALID_ARGUMENT where it is something else or has more than `max_bytes`,
// UNAVAILABLE where it cannot be read.
absl::StatusOr<std::string> ReadFile(const std::string& path, uint64_t max_bytes);

}  // namespace parley
