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

  grpc::Status Call(const google::protobuf::MethodDescriptor& method, const google::protobuf::Message& request,
                    google::protobuf::Message* response);
  // A server-streaming method, without a deadline: `each` is called for every message until it returns false or the
  // stream ends. `response` holds the message.
  grpc::Status Stream(const google::protobuf::MethodDescriptor& method, const google::protobuf::Message& request,
                      google::protobuf::Message* response, const std::function<bool()>& each);

  // Identity and deadline, for calls by generated stubs.
  void Prepare(grpc::ClientContext* context) const;
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  const ClientOptions& options() const { return options_; }

 private:
  void Identify(grpc::ClientContext* context) const;

  const ClientOptions options_;
  const std::shared_ptr<grpc::Channel> channel_;
  grpc::GenericStub stub_;
};

}  // namespace parley
