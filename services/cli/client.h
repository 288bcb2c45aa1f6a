// Calls to a server.
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "services/cli/api.h"

namespace parley {

struct ClientOptions {
  std::string server = "127.0.0.1:7420";
  std::string principal;     // Who calls: a handle.
  std::string party;         // For which party; empty: the only one.
  std::string on_behalf_of;  // For which other principal; empty: for oneself.
  absl::Duration deadline = absl::Seconds(30);
};

// Thread-safe.
class Client {
 public:
  explicit Client(ClientOptions options);
  // The same caller acting for `party`, over the same connection.
  std::unique_ptr<Client> For(const std::string& party) const;

  grpc::Status Call(const google::protobuf::MethodDescriptor& method, const google::protobuf::Message& request,
                    google::protobuf::Message* response);
  // The same for a generated request, whose method is the one of its name.
  grpc::Status Call(const google::protobuf::Message& request, google::protobuf::Message* response);
  // The same without waiting: `done` is called on a thread of gRPC's. `response` lives until then. With `patient` a
  // server that cannot be reached is waited for, within the deadline.
  void Start(const google::protobuf::Message& request, google::protobuf::Message* response, bool patient,
             std::function<void(const grpc::Status&)> done);
  // A server-streaming method, without a deadline: `each` is called for every message until it returns false or the
  // stream ends. `response` holds the message.
  grpc::Status Stream(const google::protobuf::MethodDescriptor& method, const google::protobuf::Message& request,
                      google::protobuf::Message* response, const std::function<bool()>& each);

  const ClientOptions& options() const { return options_; }

 private:
  Client(ClientOptions options, std::shared_ptr<grpc::Channel> channel);
  void Start(const google::protobuf::MethodDescriptor& method, const google::protobuf::Message& request,
             google::protobuf::Message* response, bool patient, std::function<void(const grpc::Status&)> done);
  void Identify(grpc::ClientContext* context) const;

  const ClientOptions options_;
  const std::shared_ptr<grpc::Channel> channel_;
  grpc::GenericStub stub_;
};

// Version 4 of RFC 9562, as AIP-155 wants request ids.
std::string NewRequestId();

}  // namespace parley
