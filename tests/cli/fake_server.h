// A server that says what a test wants, to see what the command line sends and prints.
#pragma once

#include <grpcpp/grpcpp.h>

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "parley/v1/activity.grpc.pb.h"
#include "parley/v1/decision.grpc.pb.h"
#include "parley/v1/metric.grpc.pb.h"
#include "parley/v1/objective.grpc.pb.h"
#include "parley/v1/relationship.grpc.pb.h"
#include "parley/v1/timeline.grpc.pb.h"

namespace parley::test {

// Every call is noted. Answers are what was put into `fail`, or else as if all went well; relationships and activities
// are kept, so that what is sent twice is told apart.
class FakeServer {
 public:
  FakeServer();
  ~FakeServer();
  const std::string& address() const { return address_; }

  struct Seen {
    std::string method;
    std::string request;  // As text format on one line.
    std::multimap<std::string, std::string> metadata;
  };
  std::vector<Seen> seen() const;
  // How often a method was called.
  int Count(const std::string& method) const;
  // The next calls of a method fail so, one after another.
  void FailNext(const std::string& method, grpc::Status status);
  size_t activities() const;

 private:
  struct Services;
  std::unique_ptr<Services> services_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

// Runs the command line against `server`.
struct Outcome {
  int exit_code = 0;
  std::string out, err;
};
Outcome Parley(const FakeServer& server, std::vector<std::string> args, const std::string& in = "");
// Without a server: at an address where none listens.
Outcome ParleyAlone(std::vector<std::string> args);

}  // namespace parley::test
