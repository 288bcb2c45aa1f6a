// Between gRPC and the rest: what every RPC of every service goes through. A service is a class with one line per RPC.
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "services/access/authenticator.h"
#include "services/command/pipeline.h"
#include "services/server/metrics.h"

namespace parley {

// `status` with its details in the trailer, as every error leaves the server.
grpc::Status ToGrpc(const absl::Status& status);

// "ledger up to and including sequence" as clients carry it.
std::string EncodeToken(const Answer& answer, const std::string& incarnation);

// The default answer: field 1 is the resource, field 2 the token. A response of another shape overloads this for its
// request, beside its service.
void FillAnswer(const google::protobuf::Message& request, const Answer& answer, google::protobuf::Message* response);

// Shared by all services. Thread-safe.
class Calls {
 public:
  Calls(CommandPipeline* pipeline, const Authenticator* authenticator, std::string incarnation, ServerMetrics* metrics)
      : pipeline_(pipeline), authenticator_(authenticator), incarnation_(std::move(incarnation)), metrics_(metrics) {}

  // Handles a mutating RPC about a resource R.
  template <class R, class Request, class Response>
  grpc::ServerUnaryReactor* Command(grpc::CallbackServerContext* context, const Request* request, Response* response) {
    // The request lives until Finish, and nothing touches it after `done`.
    auto alias = std::shared_ptr<const Request>(std::shared_ptr<void>(), request);
    return Run(context, MakeCommand<R>(std::move(alias)), response, [](const auto& req, const Answer& answer, auto* out) {
      FillAnswer(static_cast<const Request&>(req), answer, static_cast<Response*>(out));
    });
  }

  absl::StatusOr<Identity> Authenticate(const grpc::CallbackServerContext& context) const;
  ServerMetrics* metrics() const { return metrics_; }

 private:
  using Fill = void (*)(const google::protobuf::Message&, const Answer&, google::protobuf::Message*);
  grpc::ServerUnaryReactor* Run(grpc::CallbackServerContext* context, parley::Command command,
                                google::protobuf::Message* response, Fill fill);

  CommandPipeline* const pipeline_;
  const Authenticator* const authenticator_;
  const std::string incarnation_;
  ServerMetrics* const metrics_;
};

}  // namespace parley

// One line per RPC in a service class that has a `Calls& calls_`.
#define PARLEY_COMMAND(Resource, Rpc)                                                                                  \
  grpc::ServerUnaryReactor* Rpc(grpc::CallbackServerContext* context, const v1::Rpc##Request* request,                 \
                                v1::Rpc##Response* response) override {                                                \
    return calls_.Command<v1::Resource>(context, request, response);                                                   \
  }
#define PARLEY_GET(Resource, Rpc)
#define PARLEY_LIST(Resource, Rpc)
