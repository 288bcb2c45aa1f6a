// parleyd on a directory of its own, as an operator runs it.
#pragma once

#include <string>

#include "tests/bench/options.h"
#include "tests/bench/process.h"

namespace parley::bench {

// A server of the same calls that does nothing; its answers are `answer_bytes` long.
inline Process StartEmpty(const BenchOptions& options, uint64_t answer_bytes) {
  const std::string port_file = options.scratch + "/port";
  return Process(Self(), {"serve-empty", port_file, std::to_string(answer_bytes)}, port_file);
}

// The same with every request in a synced write before it is answered.
inline Process StartBare(const BenchOptions& options, uint64_t answer_bytes) {
  const std::string port_file = options.scratch + "/port";
  return Process(Self(), {"serve-bare", port_file, std::to_string(answer_bytes), options.scratch + "/bare"}, port_file);
}

inline Process StartServer(const BenchOptions& options, const std::string& data) {
  const std::string port_file = options.scratch + "/port";
  return Process(options.parleyd,
                 {"--data", data, "--listen", "127.0.0.1:0", "--metrics-listen", "", "--port-file", port_file,
                  "--log-level", "error"},
                 port_file);
}

}  // namespace parley::bench
