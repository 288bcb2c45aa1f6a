// Secret keys as files of their own: 32 bytes that only the server's user can read.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "eventstore/base/random.h"

namespace parley {

inline constexpr size_t kKeyFileBytes = 32;

// NOT_FOUND where there is no such file, UNAVAILABLE where it cannot be read, DATA_LOSS where it is not 32 bytes long.
absl::StatusOr<std::string> LoadKey(const std::string& path);

// Reads a key, or makes one. A key that has been made is on the disk when this returns, its name in the directory included: what
// is written under it must not outlive it. UNAVAILABLE where it cannot be written.
absl::StatusOr<std::string> LoadOrMakeKey(const std::string& path, RandomSource& random);

}  // namespace parley
