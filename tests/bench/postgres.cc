#include "tests/bench/postgres.h"

#include <cstdio>
#include <filesystem>
#include <string>

#include "tests/bench/host_memory.h"

namespace parley::bench {

std::optional<double> PostgresAppendsPerSecond(const BenchOptions& options) {
  const std::string scratch = std::filesystem::absolute(options.scratch).string() + "/postgres";
  const std::string command = std::string(PARLEY_SOURCE_DIR) + "/tests/bench/postgres.sh '" + scratch + "' " +
                              std::to_string(options.quick ? 1 : absl::ToInt64Seconds(options.duration()));
  FetchHostMemory(options.duration());
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  double appends = 0;
  const bool told = std::fscanf(pipe, "%lf", &appends) == 1;
  return ::pclose(pipe) == 0 && told ? std::optional(appends) : std::nullopt;
}

}  // namespace parley::bench
