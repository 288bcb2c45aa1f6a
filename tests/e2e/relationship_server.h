// A server in the test's own process with relationships/acme on it, between buyer (bea) and provider (pat), and the command line.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "parley/v1/relationship.pb.h"
#include "services/cli/app.h"
#include "services/cli/client.h"
#include "services/server/server.h"
#include "tests/support/fixtures.h"
#include "tests/support/scratch_dir.h"

namespace parley::test {

struct Ran {
  int exit_code = 0;
  std::string out, err;
};

// Runs the command line as `principal` against the server at `port`.
inline Ran RunParley(int port, const std::string& principal, std::vector<std::string> args) {
  args.insert(args.begin(), {"--server", "127.0.0.1:" + std::to_string(port), "--as", principal});
  std::istringstream in;
  std::ostringstream out, err;
  const int exit_code = RunCli(args, Streams{in, out, err});
  return {exit_code, out.str(), err.str()};
}

class RelationshipServer : public testing::Test {
 protected:
  void SetUp() override {
    Start();
    Establish();
  }

  // On `data`, which is there or not.
  void Start(const std::string& data = "data") {
    auto server = Server::Start({.data_dir = dir_ / data,
                                 .listen = "127.0.0.1:0",
                                 .metrics_listen = "",
                                 .checkpoint_hours = 0,
                                 .log_level = LogLevel::kError});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  void Stop() {
    server_->Shutdown(absl::Seconds(5));
    server_.reset();
  }

  Ran Run(const std::string& principal, std::vector<std::string> args) {
    return RunParley(server_->port(), principal, std::move(args));
  }
  // The same, and it must go well. What it printed.
  std::string Do(const std::string& principal, std::vector<std::string> args) {
    const std::string what = args.size() > 1 ? args[0] + " " + args[1] : args[0];
    Ran ran = Run(principal, std::move(args));
    EXPECT_EQ(ran.exit_code, kExitOk) << what << ": " << ran.out << ran.err;
    return ran.out;
  }

  // A call without the command line, which takes its time to start.
  template <class Request, class Response>
  void Call(const std::string& principal, const Request& request, Response* response) {
    Client client({.server = "127.0.0.1:" + std::to_string(server_->port()), .principal = principal});
    const grpc::Status status = client.Call(request, response);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }

 private:
  void Establish() {
    Do("bea", {"relationships", "establish", "--relationship-id", "acme", "--display-name", "Service desk",
               "--archetype", "managed-service", "--stage", "operating", "--parties",
               "party_id=buyer,kind=buyer,display_name=Buyer,first_member=bea", "--parties",
               "party_id=provider,kind=provider,display_name=Provider,first_member=pat"});
    Do("bea", {"relationships", "accept-party", "acme", "--party-id", "buyer"});
    Do("pat", {"relationships", "accept-party", "acme", "--party-id", "provider"});
    v1::ProposeCharterRequest charter;
    charter.set_name(kAcme);
    charter.set_request_id("charter");
    *charter.mutable_charter() = StandardCharter();
    v1::ProposeCharterResponse proposed;
    Call("bea", charter, &proposed);
    for (const char* principal : {"bea", "pat"})
      Do(principal, {"relationships", "adopt-charter", "acme", "--version", "1"});
  }

 protected:
  ScratchDir dir_;
  std::unique_ptr<Server> server_;
};

}  // namespace parley::test
