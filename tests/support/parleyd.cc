#include "tests/support/parleyd.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "gtest/gtest.h"

namespace parley::test {
namespace {

const std::string kBinary = PARLEY_BINARY_DIR "/services/parleyd";

std::string ReadFile(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

Parleyd::Parleyd(const std::string& data_dir, const std::vector<std::string>& flags) {
  std::vector<std::string> arguments = {
      kBinary, "--data", data_dir, "--listen", "127.0.0.1:0", "--metrics-listen", "", "--port-file", scratch_ / "port"};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const std::string log = scratch_ / "log";

  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    ADD_FAILURE() << "no pipe";
    return;
  }
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) {  // Nothing here but what is safe after fork() in a process with threads.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    ::setpgid(0, 0);
    const int err = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (err >= 0) ::dup2(err, STDERR_FILENO);
    ::fcntl(ends[1], F_SETFD, 0);  // Stays open as long as the process lives.
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  alive_ = ends[0];
  if (pid_ < 0) ADD_FAILURE() << "cannot fork";
}

Parleyd::~Parleyd() {
  Kill();
  if (alive_ >= 0) ::close(alive_);
}

bool Parleyd::AwaitEnd(absl::Duration patience) {
  pollfd end{.fd = alive_, .events = POLLIN, .revents = 0};
  return ::poll(&end, 1, static_cast<int>(absl::ToInt64Milliseconds(patience))) > 0;
}

int Parleyd::WaitForPort() {
  while (pid_ > 0) {
    // The file is renamed into place, so it is whole where it is there.
    if (const std::string port = ReadFile(scratch_ / "port"); !port.empty()) return std::stoi(port);
    if (AwaitEnd(absl::Milliseconds(2))) Reap();
  }
  return 0;
}

int Parleyd::Reap() {
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void Parleyd::Kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  Reap();
}

int Parleyd::Terminate(absl::Duration patience) {
  if (pid_ <= 0) return -1;
  ::kill(pid_, SIGTERM);
  return AwaitEnd(patience) ? Reap() : -1;
}

std::string Parleyd::Log() const { return ReadFile(scratch_ / "log"); }

Finished RunParleyd(const std::vector<std::string>& arguments) {
  // One that serves instead of ending must not outlive the test.
  std::string command = "exec timeout 60 '" + kBinary + "'";
  for (const std::string& argument : arguments) command += " '" + argument + "'";
  Finished finished;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) {
    ADD_FAILURE() << "cannot run " << command;
    return finished;
  }
  char buffer[4096];
  for (size_t n; (n = std::fread(buffer, 1, sizeof(buffer), pipe)) > 0;) finished.output.append(buffer, n);
  const int status = ::pclose(pipe);
  finished.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return finished;
}

}  // namespace parley::test
