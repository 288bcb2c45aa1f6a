// Another copy of this program, doing something else: baselines are served by a process of their own, as parleyd is.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/time/time.h"

namespace parley::bench {

// Started with `arguments`, killed with this. It says that it is ready, and where, by writing a port to a file.
class Process {
 public:
  // Returns when it is ready; ends the run where it does not get there.
  Process(const std::string& program, std::vector<std::string> arguments, const std::string& port_file);
  ~Process();
  Process(const Process&) = delete;
  int port() const { return port_; }
  pid_t pid() const { return pid_; }
  // SIGTERM, and gone when this returns; its exit code, -1 where a signal ended it.
  int Stop();

 private:
  pid_t pid_ = -1;
  int port_ = 0;
};

// Ends the run: nothing that is worth printing can come of it.
[[noreturn]] void Die(const std::string& why);
// Resident memory of a process, in bytes.
uint64_t ResidentBytes(pid_t pid);
// What of the CPUs' time it has used, in all its threads.
absl::Duration CpuTime(pid_t pid);
// What it has had to fetch from the disk, since the kernel had it in no memory.
uint64_t DiskReadBytes(pid_t pid);
// What files below `directory` take up.
uint64_t BytesOnDisk(const std::string& directory);
// Where this program stands.
std::string Self();

}  // namespace parley::bench
