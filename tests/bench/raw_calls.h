// Calls of any method through one kind of request, so that a load may mix them.
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

namespace parley::bench {

struct RawRequest {
  std::string method;  // "/parley.v1.MetricService/GetMetric"
  grpc::ByteBuffer bytes;

  // `service` is "MetricService"; the method's name is that of the request's type.
  static RawRequest Of(const std::string& service, const google::protobuf::Message& request);
};

// Answers are not taken apart: what the client does to them would be measured, too.
std::unique_ptr<grpc::ClientAsyncResponseReader<grpc::ByteBuffer>> Prepare(grpc::GenericStub& stub,
                                                                           grpc::ClientContext& context,
                                                                           const RawRequest& request,
                                                                           grpc::CompletionQueue& queue);

}  // namespace parley::bench
