// `parley demo`: two years of a believable outsourcing relationship, written through the public API.
#pragma once

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>

#include "absl/status/status.h"

namespace parley {

struct DemoOptions {
  // The same seed on a server whose clock starts at the same time writes the same events under the same ids.
  uint64_t seed = 1;
  // Id of the relationship to write.
  std::string relationship = "acme-globex";
  // How much of the story is told: 1 to 24.
  int months = 24;
};

// Writes the story from the server's present time on, moving its clock, and prints a line a month to `out`. Needs a
// server with a manual clock: FAILED_PRECONDITION otherwise. Whatever the server refuses ends it with that error.
//
// A run that was cut off, or that told fewer months, is gone on with by running again with the same seed and
// relationship: each request has an id that follows from its place in the story, so what is there is not written twice.
absl::Status RunDemo(const DemoOptions& options, std::shared_ptr<grpc::Channel> channel, std::ostream& out);

}  // namespace parley
