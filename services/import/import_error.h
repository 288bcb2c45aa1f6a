// What can be wrong with a file that is imported, as a type that callers can switch on, and where in the file it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/status.h"

namespace parley {

enum class ImportProblem {
  kUnreadable = 1,     // The file is not there or cannot be read.
  kTruncated,          // The file ends before its content does: a cut-off download, an unfinished export.
  kCorrupt,            // The compressed data contradicts its checksum.
  kMalformed,          // Not well-formed, or not of the format that was expected.
  kForbidden,          // Well-formed, but with something that is refused on purpose: a DTD, a duplicate key or id.
  kTooLarge,           // A limit on size, depth or number is exceeded.
  kMissingTimestamp,   // Something that happened has no time, or none that can be read.
  kMissingIdentifier,  // A case, release or event lacks what would make it recognisable in a second run.
  kInvalidMapping,     // The mapping file contradicts its own rules, or does not cover what the log holds.
  kUnsupported,        // Another version of the format.
};

struct ImportErrorInfo {
  ImportProblem problem;
  uint64_t line = 0;  // From 1; 0 where no line is to blame.
};

// A status that carries `problem` and `line`. `message` must not quote values from the file: they may be personal.
absl::Status ImportError(ImportProblem problem, uint64_t line, std::string_view message);

// nullopt for a status that ImportError did not make.
std::optional<ImportErrorInfo> ImportErrorOf(const absl::Status& status);

}  // namespace parley
