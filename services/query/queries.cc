#include "services/query/queries.h"

#include <algorithm>

#include "eventstore/base/resource_name.h"
#include "eventstore/base/status.h"
#include "projections/membership.h"
#include "projections/resources.h"
#include "services/query/dashboards.h"
#include "services/query/resource_query.h"
#include "services/query/reveal.h"
#include "services/query/timeline.h"

namespace parley {

using google::protobuf::Message;

namespace {

// Every query that is not a plain Get or List of resources: the one list.
std::map<std::string, QueryHandler> Handlers() {
  std::map<std::string, QueryHandler> handlers;
  AddDashboards(handlers);
  AddTimeline(handlers);
  return handlers;
}

}  // namespace

Queries::Queries(QueriesOptions options)
    : options_(std::move(options)),
      page_tokens_(options_.page_token_key),
      handlers_(Handlers()),
      get_{{ResourcesProjection::kName, OwnResourcesProjection::kName}, AnswerGet},
      list_{{ResourcesProjection::kName, OwnResourcesProjection::kName}, AnswerList},
      waiter_(*options_.runner) {}

const QueryHandler& Queries::HandlerOf(const Message& request) const {
  const auto it = handlers_.find(request.GetDescriptor()->full_name());
  if (it != handlers_.end()) return it->second;
  return request.GetDescriptor()->name().starts_with("List") ? list_ : get_;
}

void Queries::Await(const Caller& caller, const Message& request, absl::Duration timeout, TokenWaiter::Done done) {
  const std::string text = StringField(request, "consistency_token");
  if (text.empty()) return done(absl::OkStatus());
  const std::string about = StringField(request, "name") + StringField(request, "parent");  // It has one at most.
  const auto resource = ResourceName::Parse(about);
  const auto parent = ParentName::Parse(about);
  const LedgerId ledger = resource ? resource->ledger : parent ? parent->ledger : LedgerId();
  const auto token = DecodeConsistencyToken(text, ledger, *options_.log);
  if (!token.ok()) return done(token.status());
  const auto next = options_.log->NextSequence(LedgerId(token->ledger()));
  if (!next.ok()) return done(next.status());
  if (token->sequence() >= *next) {
    ReadView view(*options_.store);
    const absl::Status member = RequireMember(view, caller, LedgerId(token->ledger())).status();
    // Answer says what those who are no members may know.
    return done(absl::IsNotFound(member) ? absl::OkStatus() : TokenBeyondEnd());
  }
  std::vector<std::string> models = HandlerOf(request).models;
  models.push_back(MembershipProjection::kName);
  waiter_.Wait(*token, models, timeout, std::move(done));
}

absl::Status Queries::Answer(const Caller& caller, const Message& request, Message& response) const {
  ReadView view(*options_.store);
  const QueryContext context{.view = view,
                             .log = *options_.log,
                             .person_keys = options_.person_keys,
                             .caller = caller,
                             .page_tokens = page_tokens_,
                             .now = options_.clock->Now()};
  return HandlerOf(request).answer(context, request, response);
}

absl::Status Queries::Reveal(uint64_t size, Message& resource) const {
  return RevealResource(*options_.log, options_.person_keys, size, resource);
}

}  // namespace parley
