#include "tests/bench/raw_calls.h"

namespace parley::bench {

RawRequest RawRequest::Of(const std::string& service, const google::protobuf::Message& request) {
  std::string method = request.GetDescriptor()->name();
  method.resize(method.size() - sizeof("Request") + 1);
  const grpc::Slice slice(request.SerializeAsString());
  return {"/parley.v1." + service + "/" + method, grpc::ByteBuffer(&slice, 1)};
}

std::unique_ptr<grpc::ClientAsyncResponseReader<grpc::ByteBuffer>> Prepare(grpc::GenericStub& stub,
                                                                           grpc::ClientContext& context,
                                                                           const RawRequest& request,
                                                                           grpc::CompletionQueue& queue) {
  return stub.PrepareUnaryCall(&context, request.method, request.bytes, &queue);
}

}  // namespace parley::bench
