// The baseline of everything that answers calls: the same service, the same callback API, messages of the same size, and a handler
// that does nothing.
#pragma once

#include <string>

namespace parley::bench {

// Serves until SIGTERM. Answers are `answer_bytes` long.
int ServeEmpty(const std::string& port_file, int answer_bytes);

}  // namespace parley::bench
