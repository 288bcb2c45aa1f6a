// Any program, run to its end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace parley::test {

struct ProgramRun {
  int exit_code = -1;  // -1: a signal ended it.
  std::string output;  // Standard output.
  std::string errors;  // Standard error.
  uint64_t peak_resident_bytes = 0;
  absl::Duration cpu;
};

// Runs `argv` in `directory`, without standard input, in an environment of PATH and `environment` ("NAME=value") alone. Killed after
// `patience`.
ProgramRun RunProgram(const std::string& directory, const std::vector<std::string>& argv,
                      const std::vector<std::string>& environment = {}, absl::Duration patience = absl::Minutes(5));

}  // namespace parley::test
