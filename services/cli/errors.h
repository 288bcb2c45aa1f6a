// Refusals and failures, as people read them.
#pragma once

#include <grpcpp/support/status.h>

#include <ostream>
#include <string>

#include "services/cli/api.h"
#include "services/cli/screen.h"

namespace parley {

// How the program ends.
enum ExitCode : int {
  kExitOk = 0,
  kExitRefused = 1,      // The server said no: the request, the rules or the state stand in the way.
  kExitUsage = 2,        // The command line does not make sense.
  kExitUnavailable = 3,  // No answer, or not now: the same may work later.
};

ExitCode ExitCodeOf(const grpc::Status& status);

// What was tried, as far as it helps to say what to do next.
struct Attempt {
  std::string server;
  std::string request_id;  // Empty: it would have changed nothing.
};

// Reason, message, violations, metadata and what to do, from the google.rpc.Status in the call's trailer.
void PrintFailure(std::ostream& err, const Screen& screen, const Api& api, const grpc::Status& status,
                  const Attempt& attempt);

}  // namespace parley
