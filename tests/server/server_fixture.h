// A server in the test's own process, and a relationship on it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "parley/v1/decision.grpc.pb.h"
#include "parley/v1/dispute.grpc.pb.h"
#include "parley/v1/relationship.grpc.pb.h"
#include "services/server/server.h"
#include "tests/support/scratch_dir.h"
#include "tests/support/server_rpc.h"
#include "tests/support/world.h"

namespace parley::test {

// On `dir`, free ports, quiet.
ServerOptions OptionsFor(const ScratchDir& dir);

using Decisions = v1::DecisionService::Stub;
using Disputes = v1::DisputeService::Stub;
using Relationships = v1::RelationshipService::Stub;

class ServerTest : public testing::Test {
 protected:
  // Starts a server and opens relationships/acme between buyer (bea) and provider (pat) under the standard charter.
  void Start(const ServerOptions& options);
  void Start() { Start(OptionsFor(dir_)); }

  template <class Stub, class Request, class Response>
  grpc::Status Call(const std::string& principal,
                    grpc::Status (Stub::*rpc)(grpc::ClientContext*, const Request&, Response*), const Request& request,
                    Response* response = nullptr) {
    Response ignored;
    Stub stub(channel_);
    return CallAs(principal, stub, rpc, request, response ? response : &ignored);
  }
  // pat proposes a decision of class "staffing", which bea may not decide.
  grpc::Status Propose(const std::string& id, v1::ProposeDecisionResponse* response = nullptr);

  ScratchDir dir_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

v1::ProposeDecisionRequest Proposal(const std::string& id);

// What GET `path` on the port answers, headers and all.
std::string HttpGet(int port, const std::string& path);

}  // namespace parley::test
