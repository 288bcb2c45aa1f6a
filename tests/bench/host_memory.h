// A virtual machine has its memory from its host page by page, on first use, and may give back what lies free for some seconds. A page
// that is fetched so takes ten times as long as one that is only zeroed: more than most calls. A server that has run for a while has what
// it needs; so that a measurement of seconds says what holds for it, memory is fetched before, for baselines alike.
#pragma once

#include <string>

#include "absl/time/time.h"

namespace parley::bench {

// Uses as much memory once as a measurement of that time may come to need, and frees it.
void FetchHostMemory(absl::Duration measured);

// Reads every file under `directory` once, so that the kernel has it in memory. The host takes that back, too, although there is memory
// to spare: without this, a store that was filled some minutes ago is read from the disk.
void FetchFiles(const std::string& directory);

}  // namespace parley::bench
