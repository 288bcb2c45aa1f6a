// One client's connection to one run of the server.
#pragma once

#include <memory>

#include "parley/v1/decision.grpc.pb.h"
#include "parley/v1/dispute.grpc.pb.h"
#include "parley/v1/relationship.grpc.pb.h"
#include "tests/crash/journal.h"
#include "tests/support/server_rpc.h"

namespace parley::test {

struct Connection {
  explicit Connection(int port)
      : channel(Connect(port)), relationships(channel), decisions(channel), disputes(channel) {}

  v1::RelationshipService::Stub& StubFor(const v1::RelationshipService::Stub*) { return relationships; }
  v1::DecisionService::Stub& StubFor(const v1::DecisionService::Stub*) { return decisions; }
  v1::DisputeService::Stub& StubFor(const v1::DisputeService::Stub*) { return disputes; }

  std::shared_ptr<grpc::Channel> channel;
  v1::RelationshipService::Stub relationships;
  v1::DecisionService::Stub decisions;
  v1::DisputeService::Stub disputes;
};

// Completes `step` with the sending of `request` by `rpc`, under the step's principal and request id.
template <class Stub, class Request, class Response>
Step Sends(Step step, grpc::Status (Stub::*rpc)(grpc::ClientContext*, const Request&, Response*), Request request) {
  request.set_request_id(step.request_id);
  request.set_validate_only(step.validate_only);
  step.send = [principal = step.principal, rpc, request = std::move(request)](Connection& connection) {
    Response response;
    Reply reply;
    auto& stub = connection.StubFor(static_cast<Stub*>(nullptr));
    reply.status = CallAs(principal, stub, rpc, request, &response);
    if (!reply.status.ok()) return reply;
    const auto* field = Response::descriptor()->FindFieldByNumber(1);
    const auto& resource = response.GetReflection()->GetMessage(response, field);
    const auto text = [&](const char* name) {
      return resource.GetReflection()->GetString(resource, resource.GetDescriptor()->FindFieldByName(name));
    };
    reply.name = text("name");
    reply.etag = text("etag");
    reply.token = response.consistency_token();
    return reply;
  };
  return step;
}

}  // namespace parley::test
