// A command, as every one of them reaches the pipeline: a request message, the resource it is about, and the rule that
// decides it.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/base/ids.h"
#include "services/aggregate/aggregate.h"
#include "services/aggregate/context.h"
#include "services/aggregate/events.h"

namespace parley {

// Who calls, as authenticated. Which party the caller acts for is settled against the ledger.
struct Identity {
  std::string principal;
  std::string party;         // Empty: the only one that the principal holds roles of.
  std::string on_behalf_of;  // Empty: for oneself.
};

// What an answer holds of the resource.
enum class AnswerWith {
  kMessage,
  kBytes,  // Encoded, as it goes out: a message with hundreds of others in it takes ten times as long to copy.
  kNothing,
};

struct Command {
  std::string method;                                        // "DecideDecision": for logs, metrics and the fingerprint.
  std::shared_ptr<const google::protobuf::Message> request;  // Shared: a command may be decided more than once.
  const AggregateType* type = nullptr;                       // Of the resource that it is about.
  AnswerWith with = AnswerWith::kMessage;
  std::function<absl::StatusOr<Events>(const google::protobuf::Message& state, const Context&)> decide;
};

// Picks the overload of Decide by the types of resource and request.
template <class R, class Request>
Command MakeCommand(std::shared_ptr<const Request> request) {
  static const AggregateType* const type = AggregateOfResource(R::descriptor());
  Command command;
  command.method = Request::descriptor()->name();
  command.method.resize(command.method.size() - sizeof("Request") + 1);
  command.type = type;
  command.decide = [request = request.get()](const google::protobuf::Message& state, const Context& context) {
    return Decide(static_cast<const R&>(state), *request, context);
  };
  command.request = std::move(request);
  return command;
}

// What a command led to.
struct Answer {
  // The resource after it: the command's target. A copy, the receiver's to keep.
  std::shared_ptr<google::protobuf::Message> resource;
  // The same, where the command asked for bytes and got them: answers to repeats hold messages.
  std::string encoded;
  // How many events it recorded.
  uint32_t entries = 0;
  // Everything it rests on: ledger up to and including sequence. Nothing for validate_only on a new ledger.
  LedgerId ledger;
  std::optional<uint64_t> sequence;
};

}  // namespace parley
