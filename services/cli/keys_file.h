// People's keys in a file, as `parley audit keys` writes it.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "parley/v1/audit.pb.h"

namespace parley {

// NOT_FOUND, INVALID_ARGUMENT with the file's name; FAILED_PRECONDITION where they were released for a time that is over.
absl::StatusOr<v1::PersonKeys> LoadPersonKeys(const std::string& path);

}  // namespace parley
