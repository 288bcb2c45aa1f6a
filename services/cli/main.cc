// parley: the command line.
#include <sys/ioctl.h>
#include <unistd.h>

#include <iostream>

#include "services/cli/app.h"

int main(int argc, char** argv) {
  parley::Streams streams{std::cin, std::cout, std::cerr, isatty(STDOUT_FILENO) == 1, isatty(STDERR_FILENO) == 1, 0};
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) streams.width = size.ws_col;
  return parley::RunCli(std::vector<std::string>(argv + 1, argv + argc), streams);
}
