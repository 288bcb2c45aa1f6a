#include "services/cli/client.h"

#include <chrono>
#include <future>
#include <utility>

#include "eventstore/base/clock.h"

namespace parley {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

constexpr int kLargestAnswer = 64 << 20;

grpc::ByteBuffer ToBuffer(const Message& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

bool FromBuffer(const grpc::ByteBuffer& buffer, Message* message) {
  grpc::Slice slice;
  if (!buffer.DumpToSingleSlice(&slice).ok()) return false;
  return message->ParseFromArray(slice.begin(), static_cast<int>(slice.size()));
}

grpc::Status Unreadable(const MethodDescriptor& method) {
  return grpc::Status(grpc::StatusCode::INTERNAL, "the answer is not a " + method.output_type()->full_name());
}

std::shared_ptr<grpc::Channel> Connect(const std::string& server) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kLargestAnswer);
  arguments.SetUserAgentPrefix("parley-cli");
  return grpc::CreateCustomChannel(server, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace

Client::Client(ClientOptions options)
    : options_(std::move(options)), channel_(Connect(options_.server)), stub_(channel_) {}

void Client::Identify(grpc::ClientContext* context) const {
  if (!options_.principal.empty()) context->AddMetadata("parley-principal", options_.principal);
  if (!options_.party.empty()) context->AddMetadata("parley-party", options_.party);
  if (!options_.on_behalf_of.empty()) context->AddMetadata("parley-on-behalf-of", options_.on_behalf_of);
}

void Client::Prepare(grpc::ClientContext* context) const {
  Identify(context);
  context->set_deadline(absl::ToChronoTime(SystemClock().Now() + options_.deadline));
}

grpc::Status Client::Call(const MethodDescriptor& method, const Message& request, Message* response) {
  grpc::ClientContext context;
  Prepare(&context);
  const grpc::ByteBuffer sent = ToBuffer(request);
  grpc::ByteBuffer received;
  std::promise<grpc::Status> done;
  stub_.UnaryCall(&context, PathOf(method), {}, &sent, &received,
                  [&done](grpc::Status status) { done.set_value(std::move(status)); });
  grpc::Status status = done.get_future().get();
  if (status.ok() && !FromBuffer(received, response)) return Unreadable(method);
  return status;
}

grpc::Status Client::Stream(const MethodDescriptor& method, const Message& request, Message* response,
                            const std::function<bool()>& each) {
  grpc::ClientContext context;
  Identify(&context);
  grpc::CompletionQueue queue;
  // One operation at a time, so the tag says nothing.
  const auto wait = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  auto call = stub_.PrepareCall(&context, PathOf(method), &queue);
  call->StartCall(nullptr);
  bool open = wait();
  if (open) {
    call->WriteLast(ToBuffer(request), {}, nullptr);
    open = wait();
  }
  bool readable = true, stopped = false;
  while (open && readable && !stopped) {
    grpc::ByteBuffer received;
    call->Read(&received, nullptr);
    open = wait();
    if (!open) break;
    readable = FromBuffer(received, response);
    stopped = readable && !each();
  }
  if (!readable || stopped) context.TryCancel();
  grpc::Status status;
  call->Finish(&status, nullptr);
  wait();
  queue.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) {
  }
  if (!readable) return Unreadable(method);
  return stopped ? grpc::Status::OK : status;
}

}  // namespace parley
