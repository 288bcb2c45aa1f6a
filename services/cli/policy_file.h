// A policy in a file.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "eventstore/proof/policy.h"

namespace parley {

// Files that it names are found beside it. NOT_FOUND, INVALID_ARGUMENT with the file's name and the line's number.
absl::StatusOr<Policy> LoadPolicy(const std::string& path);

}  // namespace parley
