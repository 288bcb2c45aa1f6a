// SHA-256 of every file in a directory, in the file SHA256SUMS, as coreutils' sha256sum writes and checks it.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace parley {

inline constexpr char kChecksumsFile[] = "SHA256SUMS";

struct ChecksummedFiles {
  uint64_t files = 0;
  uint64_t bytes = 0;
};

// Writes SHA256SUMS for all files in `directory`, however deep, in the order of their paths. UNAVAILABLE where one cannot be read.
absl::StatusOr<ChecksummedFiles> WriteChecksums(const std::string& directory);

// NOT_FOUND where there is no SHA256SUMS, DATA_LOSS where it is malformed, or a file is missing, different, or not listed.
absl::StatusOr<ChecksummedFiles> VerifyChecksums(const std::string& directory);

}  // namespace parley
