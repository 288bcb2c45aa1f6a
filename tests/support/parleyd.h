// parleyd as a process of its own, as an operator runs it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/support/scratch_dir.h"

namespace parley::test {

// One run of the server on a data directory, on a free port, without metrics. In a process group of its own, and killed
// with the test whatever becomes of that.
class Parleyd {
 public:
  // Starts it; does not wait for it.
  explicit Parleyd(const std::string& data_dir, const std::vector<std::string>& flags = {});
  // Kills it, if it still runs.
  ~Parleyd();
  Parleyd(const Parleyd&) = delete;

  // Waits until it listens. 0: it has ended instead.
  int WaitForPort();
  // SIGKILL, and gone when this returns.
  void Kill();
  // SIGTERM, and waits for at most `patience`: the exit code; -1 where it is still running or a signal ended it.
  int Terminate(absl::Duration patience);
  // What it has written to standard error.
  std::string Log() const;

 private:
  // Waits for its end for at most `patience`; true: it has ended.
  bool AwaitEnd(absl::Duration patience);
  int Reap();

  ScratchDir scratch_;  // Port file and standard error.
  pid_t pid_ = -1;      // -1: reaped.
  int alive_ = -1;      // Reads end-of-file when the process is gone.
};

// Runs parleyd with these arguments to its end.
struct Finished {
  int exit_code = 0;
  std::string output;  // Standard output and standard error.
};
Finished RunParleyd(const std::vector<std::string>& arguments);

}  // namespace parley::test
