// Makes a store's files what they are once nothing is written any more.
#pragma once

#include <string>

namespace parley::bench {

// Compacts every RocksDB below a server's directory, with the settings that it was written with. No server is on it.
void CompactAll(const std::string& data_dir);

}  // namespace parley::bench
