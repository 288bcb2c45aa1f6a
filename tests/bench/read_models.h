// One query of each read model about one ledger, all asked at once.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tests/bench/raw_calls.h"

namespace parley::bench {

// One for each read model that a token can be waited for in: all but membership, which every query reads besides. `metric` is a
// resource name. An empty token: the server itself waits until what the ledger has by then shows.
std::vector<RawRequest> QueryEveryReadModel(const std::string& metric, const std::string& consistency_token);

// Returns when every read model has what the token says; ends the run where that does not come about.
void WaitUntilVisible(int port, const std::string& metric, const std::string& consistency_token);

}  // namespace parley::bench
