#include "services/cli/client.h"

#include <chrono>
#include <future>
#include <utility>

#include "absl/strings/escaping.h"
#include "eventstore/base/clock.h"
#include "eventstore/base/random.h"

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

// "DecideDecisionRequest" -> DecisionService.DecideDecision
const MethodDescriptor& MethodOf(const Message& request) {
  static constexpr size_t kSuffix = sizeof("Request") - 1;
  const std::string& type = request.GetDescriptor()->name();
  return *request.GetDescriptor()->file()->service(0)->FindMethodByName(type.substr(0, type.size() - kSuffix));
}

}  // namespace

Client::Client(ClientOptions options) : Client(options, Connect(options.server)) {}

Client::Client(ClientOptions options, std::shared_ptr<grpc::Channel> channel)
    : options_(std::move(options)), channel_(std::move(channel)), stub_(channel_) {}

std::unique_ptr<Client> Client::For(const std::string& party) const {
  ClientOptions options = options_;
  options.party = party;
  return std::unique_ptr<Client>(new Client(std::move(options), channel_));
}

void Client::Identify(grpc::ClientContext* context) const {
  if (!options_.principal.empty()) context->AddMetadata("parley-principal", options_.principal);
  if (!options_.party.empty()) context->AddMetadata("parley-party", options_.party);
  if (!options_.on_behalf_of.empty()) context->AddMetadata("parley-on-behalf-of", options_.on_behalf_of);
}

grpc::Status Client::Call(const MethodDescriptor& method, const Message& request, Message* response) {
  std::promise<grpc::Status> done;
  Start(method, request, response, false, [&done](const grpc::Status& status) { done.set_value(status); });
  return done.get_future().get();
}

grpc::Status Client::Call(const Message& request, Message* response) {
  return Call(MethodOf(request), request, response);
}

void Client::Start(const Message& request, Message* response, bool patient,
                   std::function<void(const grpc::Status&)> done) {
  Start(MethodOf(request), request, response, patient, std::move(done));
}

void Client::Start(const MethodDescriptor& method, const Message& request, Message* response, bool patient,
                   std::function<void(const grpc::Status&)> done) {
  // What has to live as long as the call does.
  struct Flight {
    grpc::ClientContext context;
    grpc::ByteBuffer sent, received;
  };
  auto flight = std::make_shared<Flight>();
  Identify(&flight->context);
  flight->context.set_deadline(absl::ToChronoTime(SystemClock().Now() + options_.deadline));
  flight->context.set_wait_for_ready(patient);
  flight->sent = ToBuffer(request);
  stub_.UnaryCall(&flight->context, PathOf(method), {}, &flight->sent, &flight->received,
                  [flight, &method, response, done = std::move(done)](grpc::Status status) mutable {
                    if (status.ok() && !FromBuffer(flight->received, response)) status = Unreadable(method);
                    // The context keeps the channel. Were it released after `done`, the channel might end here, on one of
                    // its own threads, which it then waits for.
                    flight.reset();
                    done(status);
                  });
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

std::string NewRequestId() {
  std::string bytes = SystemRandom().Bytes(16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);
  std::string id = absl::BytesToHexString(bytes);
  for (const size_t at : {20, 16, 12, 8}) id.insert(at, "-");
  return id;
}

}  // namespace parley
