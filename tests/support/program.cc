#include "tests/support/program.h"

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/support/scratch_dir.h"

namespace parley::test {
namespace {

std::vector<char*> Pointers(const std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (const std::string& string : strings) out.push_back(const_cast<char*>(string.c_str()));
  out.push_back(nullptr);
  return out;
}

[[noreturn]] void Become(const std::string& directory, const std::vector<char*>& argv,
                         const std::vector<char*>& environment, const std::string& output, const std::string& errors,
                         absl::Duration patience) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int in = ::open("/dev/null", O_RDONLY);
  const int out = ::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const int err = ::open(errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::dup2(in, 0);
  ::dup2(out, 1);
  ::dup2(err, 2);
  ::alarm(static_cast<unsigned>(absl::ToInt64Seconds(patience)));  // Stays over execve.
  if (::chdir(directory.c_str()) == 0) ::execvpe(argv[0], argv.data(), environment.data());
  ::_exit(127);
}

std::string Contents(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

}  // namespace

ProgramRun RunProgram(const std::string& directory, const std::vector<std::string>& argv,
                      const std::vector<std::string>& environment, absl::Duration patience) {
  const ScratchDir scratch;
  std::vector<std::string> all = environment;
  const char* path = std::getenv("PATH");
  all.push_back(std::string("PATH=") + (path == nullptr ? "" : path));
  const std::vector<char*> arguments = Pointers(argv), variables = Pointers(all);
  const std::string output = scratch / "out", errors = scratch / "err";
  // The system counts as the program's what this process had when it forked: no more of that than must be.
  ::malloc_trim(0);
  const pid_t pid = ::fork();
  if (pid == 0) Become(directory, arguments, variables, output, errors, patience);
  ProgramRun run;
  int status = 0;
  struct rusage usage {};
  if (pid < 0 || ::wait4(pid, &status, 0, &usage) != pid) return run;
  if (WIFEXITED(status)) run.exit_code = WEXITSTATUS(status);
  run.output = Contents(output);
  run.errors = Contents(errors);
  run.peak_resident_bytes = static_cast<uint64_t>(usage.ru_maxrss) << 10;
  run.cpu = absl::DurationFromTimeval(usage.ru_utime) + absl::DurationFromTimeval(usage.ru_stime);
  return run;
}

}  // namespace parley::test
