// parley: the command line.
#include <malloc.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <iostream>

#include "services/cli/app.h"

int main(int argc, char** argv) {
  // A bundle's entries are made on one thread and freed on another: with a heap for each, what is freed is of no use to who makes the
  // next, and memory grows with the bundle.
  mallopt(M_ARENA_MAX, 1);
  parley::Streams streams{std::cin, std::cout, std::cerr, isatty(STDOUT_FILENO) == 1, isatty(STDERR_FILENO) == 1, 0};
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) streams.width = size.ws_col;
  return parley::RunCli(std::vector<std::string>(argv + 1, argv + argc), streams);
}
