#include "services/server/calls.h"

#include <google/protobuf/unknown_field_set.h>

#include <algorithm>

#include "eventstore/base/clock.h"
#include "eventstore/base/status.h"
#include "services/aggregate/personal.h"
#include "services/query/past.h"

namespace parley {
namespace {

using google::protobuf::Message;

constexpr absl::Duration kLongestWait = absl::Minutes(1);

// "GetDecision" of a GetDecisionRequest.
std::string MethodOf(const Message& request) {
  const std::string& name = request.GetDescriptor()->name();
  return name.substr(0, name.size() - (sizeof("Request") - 1));
}

// The field of a command's answer that holds the resource, if it has one.
const google::protobuf::FieldDescriptor* ResourceField(const Message& response) {
  return response.GetDescriptor()->FindFieldByNumber(1);
}

bool ShowsPeople(const Message& response) {
  const auto* type = ResourceField(response)->message_type();
  return type != nullptr && HasPersonal(type);
}

AnswerWith AnswerFor(const Message& response) {
  if (ResourceField(response)->message_type() == nullptr) return AnswerWith::kNothing;
  return ShowsPeople(response) ? AnswerWith::kMessage : AnswerWith::kBytes;
}

}  // namespace

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), std::string(status.message()),
                      ToRpcStatus(status).SerializeAsString());
}

absl::Duration TimeLeft(const grpc::CallbackServerContext& context) {
  return std::min(kLongestWait, absl::FromChrono(context.deadline()) - SystemClock().Now());
}

void FillAnswer(const Message&, const Answer& answer, Message* response) {
  const auto* field = ResourceField(*response);
  if (!answer.encoded.empty()) {
    // A field that is encoded already goes out as an unknown one does: as it is. To the receiver there is no difference.
    response->GetReflection()->MutableUnknownFields(response)->AddLengthDelimited(field->number(), answer.encoded);
  } else if (answer.resource != nullptr) {
    Message* resource = response->GetReflection()->MutableMessage(response, field);
    resource->GetReflection()->Swap(resource, answer.resource.get());
  }
}

absl::StatusOr<Identity> Calls::Authenticate(const grpc::CallbackServerContext& context) const {
  CallMetadata metadata;
  for (const auto& [key, value] : context.client_metadata()) {
    metadata.emplace(std::string(key.data(), key.size()), std::string(value.data(), value.size()));
  }
  return authenticator_->Authenticate(metadata);
}

grpc::ServerUnaryReactor* Calls::Decide(grpc::CallbackServerContext* context, parley::Command command,
                                        Message* response, Fill fill, Then then) {
  const absl::Duration start = Monotonic();
  auto* reactor = context->DefaultReactor();
  const auto finish = [this, reactor, start, method = command.method](const absl::Status& status) {
    metrics_->CallFinished(method, static_cast<int>(status.code()), Monotonic() - start);
    reactor->Finish(ToGrpc(status));
  };
  auto identity = Authenticate(*context);
  if (!identity.ok()) {
    finish(identity.status());
    return reactor;
  }
  auto request = command.request;
  command.with = AnswerFor(*response);
  pipeline_->Submit(
      *std::move(identity), std::move(command), [context] { return context->IsCancelled(); },
      [=, this](const absl::StatusOr<Answer>& answer) {
        if (!answer.ok()) return finish(answer.status());
        fill(*request, *answer, response);
        if (answer->sequence) {
          const auto* token = response->GetDescriptor()->FindFieldByName("consistency_token");
          response->GetReflection()->SetString(response, token,
                                               queries_->ConsistencyToken(answer->ledger, *answer->sequence));
        }
        const auto show = [=, this, size = answer->sequence ? *answer->sequence + 1 : 0](const absl::Status& status) {
          if (!status.ok() || !ShowsPeople(*response)) return finish(status);
          Reveal(size, response, [finish] { finish(absl::OkStatus()); });
        };
        then ? then(*answer, TimeLeft(*context), show) : show(absl::OkStatus());
      });
  return reactor;
}

void Calls::Reveal(uint64_t size, Message* response, std::function<void()> done) {
  // What was recorded is answered, come what may: a text that cannot be read just now is left out. Of entries that the answer does not
  // rest on, as after validate_only, there is none to read.
  const bool queued = pool_->Run([=, this] {
    queries_->Reveal(size, *response->GetReflection()->MutableMessage(response, ResourceField(*response)))
        .IgnoreError();
    done();
  });
  if (!queued) done();
}

grpc::ServerUnaryReactor* Calls::Run(grpc::CallbackServerContext* context, const Message* request, Work work) {
  const absl::Duration start = Monotonic();
  auto* reactor = context->DefaultReactor();
  const auto finish = [this, reactor, start, method = MethodOf(*request)](const absl::Status& status) {
    metrics_->CallFinished(method, static_cast<int>(status.code()), Monotonic() - start);
    reactor->Finish(ToGrpc(status));
  };
  const auto identity = Authenticate(*context);
  if (!identity.ok()) {
    finish(identity.status());
    return reactor;
  }
  const Caller caller{identity->principal};
  queries_->Await(caller, *request, TimeLeft(*context), [=, this](const absl::Status& seen) {
    if (!seen.ok()) return finish(seen);
    const bool queued = (AsOfIn(*request) == nullptr ? pool_ : past_pool_)->Run([=] {
      if (context->IsCancelled()) return finish(absl::CancelledError("the caller stopped waiting"));
      work(caller, finish);
    });
    if (!queued) finish(Reject(v1::REASON_OVERLOADED, "too many queries are waiting: try again later"));
  });
  return reactor;
}

grpc::ServerUnaryReactor* Calls::Query(grpc::CallbackServerContext* context, const Message* request,
                                       Message* response) {
  return Run(context, request, [=, this](const Caller& caller, const Done& done) {
    done(queries_->Answer(caller, *request, *response));
  });
}

}  // namespace parley
