// What the answering of one query has at hand.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/event_log.h"
#include "eventstore/person_keys.h"
#include "projections/read_view.h"
#include "services/query/access.h"
#include "services/query/page_token.h"
#include "services/query/proofs.h"
#include "services/query/reveal.h"

namespace parley {

// One moment of the read models, of now or of the past, and everything else that an answer may depend on.
struct QueryContext {
  ReadView& view;
  const Access& access;
  ReadEntry read_entry;
  const EventLog* log = nullptr;            // Null where there is none; only what is asked of the log itself needs it.
  const PersonKeys* person_keys = nullptr;  // Null: texts about people stay empty.
  const Caller& caller;
  const PageTokens& page_tokens;
  absl::Time read_time;  // What a request's read_time means that is not set.
  ReadProven proven = {};
};

// How one kind of request is answered.
struct QueryHandler {
  // The read models that it reads, besides membership. None: it asks the log itself.
  std::vector<std::string> models;
  std::function<absl::Status(const QueryContext&, const google::protobuf::Message& request,
                             google::protobuf::Message& response)>
      answer;
};

// Makes a handler of a function over its messages.
template <class Request, class Response>
QueryHandler MakeHandler(std::vector<std::string> models,
                         absl::Status (*answer)(const QueryContext&, const Request&, Response&)) {
  return {std::move(models), [answer](const QueryContext& context, const google::protobuf::Message& request,
                                      google::protobuf::Message& response) {
            return answer(context, static_cast<const Request&>(request), static_cast<Response&>(response));
          }};
}

// The ledger that a request is about, by its name or parent; empty where neither is a resource name.
LedgerId LedgerOf(const google::protobuf::Message& request);

// The field's value; empty where the message has no such string field.
std::string StringField(const google::protobuf::Message& message, const char* field);

// The ledger of "relationships/{r}"; FIELD_INVALID about `field` where `name` is not one. And the caller must be a
// member.
absl::StatusOr<LedgerId> ReadableLedger(const QueryContext& context, std::string_view name, std::string_view field);

// `requested`, or the context's where it is not set. FIELD_INVALID where it is no time.
absl::StatusOr<absl::Time> ReadTime(const QueryContext& context, bool has,
                                    const google::protobuf::Timestamp& requested);

// How long something has been so that is so since `since`: nothing where it was recorded after the moment that is looked at.
google::protobuf::Duration AgeAt(absl::Time read_time, const google::protobuf::Timestamp& since);

}  // namespace parley
