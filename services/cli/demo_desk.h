// The demo's line to the server: one stub per service, and the identity of whoever acts.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <string_view>
#include <tuple>

#include "absl/time/time.h"
#include "eventstore/base/clock.h"
#include "parley/v1/activity.grpc.pb.h"
#include "parley/v1/decision.grpc.pb.h"
#include "parley/v1/development.grpc.pb.h"
#include "parley/v1/dispute.grpc.pb.h"
#include "parley/v1/metric.grpc.pb.h"
#include "parley/v1/objective.grpc.pb.h"
#include "parley/v1/person.grpc.pb.h"
#include "parley/v1/relationship.grpc.pb.h"

namespace parley::demo {

// Who acts, and for which party. No party: somebody who belongs to none yet.
struct Person {
  std::string_view handle;
  std::string_view party;
};

class Desk {
 public:
  explicit Desk(const std::shared_ptr<grpc::Channel>& channel)
      : stubs_(v1::RelationshipService::NewStub(channel), v1::DecisionService::NewStub(channel),
               v1::ObjectiveService::NewStub(channel), v1::MetricService::NewStub(channel),
               v1::DisputeService::NewStub(channel), v1::ActivityService::NewStub(channel),
               v1::PersonService::NewStub(channel), v1::DevelopmentService::NewStub(channel)) {}

  // Calls as `who`; waits half a minute at most.
  template <class Stub, class Request, class Response>
  grpc::Status Call(const Person& who, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response* response) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(SystemClock().Now() + absl::Seconds(30)));
    if (!who.handle.empty()) context.AddMetadata("parley-principal", std::string(who.handle));
    if (!who.party.empty()) context.AddMetadata("parley-party", std::string(who.party));
    return (std::get<std::unique_ptr<Stub>>(stubs_).get()->*method)(&context, request, response);
  }

 private:
  std::tuple<std::unique_ptr<v1::RelationshipService::Stub>, std::unique_ptr<v1::DecisionService::Stub>,
             std::unique_ptr<v1::ObjectiveService::Stub>, std::unique_ptr<v1::MetricService::Stub>,
             std::unique_ptr<v1::DisputeService::Stub>, std::unique_ptr<v1::ActivityService::Stub>,
             std::unique_ptr<v1::PersonService::Stub>, std::unique_ptr<v1::DevelopmentService::Stub>>
      stubs_;
};

}  // namespace parley::demo
