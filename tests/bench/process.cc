#include "tests/bench/process.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace parley::bench {

Process::Process(const std::string& program, std::vector<std::string> arguments, const std::string& port_file) {
  std::filesystem::remove(port_file);
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::execv(program.c_str(), argv.data());
    ::_exit(127);
  }
  while (port_ == 0) {
    std::ifstream in(port_file);
    if (in >> port_) break;
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) Die(program + " ended instead of serving");
    ::poll(nullptr, 0, 1);  // There is nothing to wait on for a file to appear.
  }
}

Process::~Process() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

int Process::Stop() {
  if (pid_ <= 0) return -1;
  ::kill(pid_, SIGTERM);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void Die(const std::string& why) {
  std::cerr << "bench: " << why << "\n";
  std::exit(1);
}

uint64_t ResidentBytes(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/statm");
  uint64_t size = 0, resident = 0;
  in >> size >> resident;
  return resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

absl::Duration CpuTime(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string word;
  while (in >> word && !word.ends_with(')')) {  // Its name, which may have spaces.
  }
  constexpr int kBefore = 11;  // proc(5): of what follows the name, user and system time are the 12th and the 13th.
  for (int i = 0; i < kBefore; ++i) in >> word;
  uint64_t user = 0, system = 0;
  if (!(in >> user >> system)) Die("cannot tell how much time a process has used");
  return absl::Seconds(1) * static_cast<double>(user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

uint64_t DiskReadBytes(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/io");
  std::string name;
  uint64_t value = 0;
  while (in >> name >> value) {
    if (name == "read_bytes:") return value;
  }
  Die("cannot tell what a process has read from the disk");
}

uint64_t BytesOnDisk(const std::string& directory) {
  uint64_t sum = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory, error)) {
    struct stat file {};
    // Blocks, not lengths: what is taken from the disk.
    if (entry.is_regular_file(error) && ::lstat(entry.path().c_str(), &file) == 0) {
      sum += static_cast<uint64_t>(file.st_blocks) * 512;
    }
  }
  return sum;
}

std::string Self() { return std::filesystem::read_symlink("/proc/self/exe").string(); }

}  // namespace parley::bench
