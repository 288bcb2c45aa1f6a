// The program, apart from where it reads and writes.
#pragma once

#include <string>
#include <vector>

#include "services/cli/session.h"

namespace parley {

// `args` without the program's name. Returns the exit code (see ExitCode).
int RunCli(const std::vector<std::string>& args, const Streams& streams);

}  // namespace parley
