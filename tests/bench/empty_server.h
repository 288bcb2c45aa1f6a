// The baselines of everything that answers calls: the same service, the same callback API, messages of the same size.
#pragma once

#include <string>

namespace parley::bench {

// A handler that does nothing. Serves until SIGTERM. Answers are `answer_bytes` long.
int ServeEmpty(const std::string& port_file, int answer_bytes);

// The least that a durable answer takes: requests are put into RocksDB as they are, those that wait in one synced write of one thread,
// which then answers them. Nothing is decided, indexed or shown.
int ServeBare(const std::string& port_file, int answer_bytes, const std::string& directory);

}  // namespace parley::bench
