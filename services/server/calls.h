// Between gRPC and the rest: what every RPC of every service goes through. A service is a class with one line per RPC.
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>

#include "services/access/authenticator.h"
#include "services/command/eraser.h"
#include "services/command/pipeline.h"
#include "services/query/queries.h"
#include "services/server/metrics.h"
#include "services/server/query_pool.h"

namespace parley {

// `status` with its details in the trailer, as every error leaves the server.
grpc::Status ToGrpc(const absl::Status& status);

// How long the caller will still wait; at most a minute.
absl::Duration TimeLeft(const grpc::CallbackServerContext& context);

// The default answer of a command: field 1 is the resource, which is taken out of `answer`. A response of another shape overloads this for its request,
// beside its service.
void FillAnswer(const google::protobuf::Message& request, const Answer& answer, google::protobuf::Message* response);

// Shared by all services. Thread-safe.
class Calls {
 public:
  using Done = std::function<void(absl::Status)>;
  // What is still to come between a command's durable answer and the caller's hearing it, within `patience`; must not block.
  using Then = std::function<void(const Answer& answer, absl::Duration patience, Done done)>;

  // Nothing is owned; everything outlives the calls.
  Calls(CommandPipeline* pipeline, Eraser* eraser, Queries* queries, QueryPool* pool, QueryPool* past_pool,
        const Authenticator* authenticator, ServerMetrics* metrics)
      : pipeline_(pipeline),
        eraser_(eraser),
        queries_(queries),
        pool_(pool),
        past_pool_(past_pool),
        authenticator_(authenticator),
        metrics_(metrics) {}

  // Handles a mutating RPC about a resource R.
  template <class R, class Request, class Response>
  grpc::ServerUnaryReactor* Command(grpc::CallbackServerContext* context, const Request* request, Response* response,
                                    Then then = nullptr) {
    // The request lives until Finish, and nothing touches it after `done`.
    auto alias = std::shared_ptr<const Request>(std::shared_ptr<void>(), request);
    return Decide(
        context, MakeCommand<R>(std::move(alias)), response,
        [](const auto& req, const Answer& answer, auto* out) {
          FillAnswer(static_cast<const Request&>(req), answer, static_cast<Response*>(out));
        },
        std::move(then));
  }

  // Handles an RPC that only reads: waits for the consistency token, then answers on one of the pool's threads, as of
  // the past on one of those kept for it.
  grpc::ServerUnaryReactor* Query(grpc::CallbackServerContext* context, const google::protobuf::Message* request,
                                  google::protobuf::Message* response);

  // The same with an answer of another kind: `work`, on one of the pool's threads, calls `done` once, then or later, on any thread.
  using Work = std::function<void(const Caller& caller, const Done& done)>;
  grpc::ServerUnaryReactor* Run(grpc::CallbackServerContext* context, const google::protobuf::Message* request,
                                Work work);

  absl::StatusOr<Identity> Authenticate(const grpc::CallbackServerContext& context) const;
  Eraser* eraser() const { return eraser_; }
  Queries* queries() const { return queries_; }
  QueryPool* pool() const { return pool_; }
  ServerMetrics* metrics() const { return metrics_; }

 private:
  using Fill = void (*)(const google::protobuf::Message&, const Answer&, google::protobuf::Message*);
  grpc::ServerUnaryReactor* Decide(grpc::CallbackServerContext* context, parley::Command command,
                                   google::protobuf::Message* response, Fill fill, Then then);
  // Puts texts about people, from the first `size` entries, into what a command answers, and then calls `done`.
  void Reveal(uint64_t size, google::protobuf::Message* response, std::function<void()> done);

  CommandPipeline* const pipeline_;
  Eraser* const eraser_;
  Queries* const queries_;
  QueryPool* const pool_;
  QueryPool* const past_pool_;  // For what is asked as of the past: it takes long, and must not hold up the present.
  const Authenticator* const authenticator_;
  ServerMetrics* const metrics_;
};

}  // namespace parley

// One line per RPC in a service class that has a `Calls& calls_`.
#define PARLEY_COMMAND(Resource, Rpc)                                                                  \
  grpc::ServerUnaryReactor* Rpc(grpc::CallbackServerContext* context, const v1::Rpc##Request* request, \
                                v1::Rpc##Response* response) override {                                \
    return calls_.Command<v1::Resource>(context, request, response);                                   \
  }
#define PARLEY_QUERY(Rpc)                                                                              \
  grpc::ServerUnaryReactor* Rpc(grpc::CallbackServerContext* context, const v1::Rpc##Request* request, \
                                v1::Rpc##Response* response) override {                                \
    return calls_.Query(context, request, response);                                                   \
  }
