#include "services/server/calls.h"

#include "absl/strings/escaping.h"
#include "eventstore/base/clock.h"
#include "eventstore/base/status.h"
#include "parley/v1/entry.pb.h"

namespace parley {

using google::protobuf::Message;

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), std::string(status.message()),
                      ToRpcStatus(status).SerializeAsString());
}

std::string EncodeToken(const Answer& answer, const std::string& incarnation) {
  if (!answer.sequence) return "";
  v1::ConsistencyToken token;
  token.set_ledger(answer.ledger.str());
  token.set_sequence(*answer.sequence);
  token.set_incarnation(incarnation);
  return absl::WebSafeBase64Escape(token.SerializeAsString());
}

void FillAnswer(const Message&, const Answer& answer, Message* response) {
  const auto* field = response->GetDescriptor()->FindFieldByNumber(1);
  if (answer.resource != nullptr) response->GetReflection()->MutableMessage(response, field)->CopyFrom(*answer.resource);
}

absl::StatusOr<Identity> Calls::Authenticate(const grpc::CallbackServerContext& context) const {
  CallMetadata metadata;
  for (const auto& [key, value] : context.client_metadata()) {
    metadata.emplace(std::string(key.data(), key.size()), std::string(value.data(), value.size()));
  }
  return authenticator_->Authenticate(metadata);
}

grpc::ServerUnaryReactor* Calls::Run(grpc::CallbackServerContext* context, parley::Command command, Message* response,
                                     Fill fill) {
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
  pipeline_->Submit(*std::move(identity), std::move(command), [context] { return context->IsCancelled(); },
                    [this, finish, request, response, fill](const absl::StatusOr<Answer>& answer) {
                      if (answer.ok()) {
                        fill(*request, *answer, response);
                        const auto* token = response->GetDescriptor()->FindFieldByName("consistency_token");
                        response->GetReflection()->SetString(response, token, EncodeToken(*answer, incarnation_));
                      }
                      finish(answer.status());
                    });
  return reactor;
}

}  // namespace parley
