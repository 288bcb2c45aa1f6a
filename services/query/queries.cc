#include "services/query/queries.h"

#include <utility>

#include "eventstore/base/status.h"
#include "projections/membership.h"
#include "services/query/past.h"

namespace parley {

using google::protobuf::Message;

namespace {

constexpr size_t kChunk = 1000;  // Entries read at a time.

}  // namespace

Queries::Queries(QueriesOptions options)
    : options_(std::move(options)), page_tokens_(options_.page_token_key), waiter_(*options_.runner) {}

void Queries::Await(const Caller& caller, const Message& request, absl::Duration timeout, TokenWaiter::Done done) {
  const std::string text = StringField(request, "consistency_token");
  if (text.empty()) return done(absl::OkStatus());
  const LedgerId ledger = LedgerOf(request);
  const auto token = DecodeConsistencyToken(text, ledger, *options_.log);
  if (!token.ok()) return done(token.status());
  const auto next = options_.log->NextSequence(LedgerId(token->ledger()));
  if (!next.ok()) return done(next.status());
  if (token->sequence() >= *next) {
    ReadView view(*options_.store, LedgerId(token->ledger()));
    const absl::Status member = RequireMember(view, caller, LedgerId(token->ledger())).status();
    // Answer says what those who are no members may know.
    return done(absl::IsNotFound(member) ? absl::OkStatus() : TokenBeyondEnd());
  }
  std::vector<std::string> models = handlers_.Of(request).models;
  models.push_back(MembershipProjection::kName);
  waiter_.Wait(*token, models, timeout, std::move(done));
}

absl::Status Queries::Answer(const Caller& caller, const Message& request, Message& response) const {
  ReadView view(*options_.store, LedgerOf(request));
  const LiveAccess access(view, caller);
  const QueryContext context{.view = view,
                             .access = access,
                             .read_entry = EntriesOf(*options_.log),
                             .log = options_.log,
                             .person_keys = options_.person_keys,
                             .caller = caller,
                             .page_tokens = page_tokens_,
                             .read_time = options_.clock->Now(),
                             .proven = options_.proven};
  const QueryHandler& handler = handlers_.Of(request);
  const v1::AsOf* as_of = AsOfIn(request);
  return as_of == nullptr ? handler.answer(context, request, response)
                          : AnswerPast(context, handler, *as_of, request, response);
}

absl::Status Queries::AnswerPast(const QueryContext& now, const QueryHandler& handler, const v1::AsOf& as_of,
                                 const Message& request, Message& response) const {
  const LedgerId ledger = LedgerOf(request);
  const auto member = now.access.Member(ledger);
  // It says best itself what is wrong with the name, or with who asks.
  if (absl::IsNotFound(member.status())) return handler.answer(now, request, response);
  if (!member.ok()) return member.status();
  PARLEY_ASSIGN_OR_RETURN(const uint64_t size, options_.log->NextSequence(ledger));
  PARLEY_ASSIGN_OR_RETURN(const Horizon horizon, Horizon::Make(as_of, size, now.read_time));

  PARLEY_ASSIGN_OR_RETURN(Past past,
                          Past::Make(horizon, *member, ProjectionsNamed(handler.models), options_.scratch()));
  for (uint64_t next = 0; !past.complete();) {
    PARLEY_ASSIGN_OR_RETURN(const auto entries, options_.log->Read(ledger, next, {.entries = kChunk}));
    if (entries.empty()) return absl::InternalError("the log ends before it ends");
    for (const Entry& entry : entries) PARLEY_RETURN_IF_ERROR(past.Take(entry));
    next = entries.back().sequence() + 1;
  }
  PARLEY_ASSIGN_OR_RETURN(const auto view, past.View());
  const QueryContext then{.view = *view,
                          .access = now.access,
                          .read_entry = now.read_entry,
                          .log = now.log,
                          .person_keys = now.person_keys,
                          .caller = now.caller,
                          .page_tokens = now.page_tokens,
                          .read_time = past.read_time()};
  PARLEY_RETURN_IF_ERROR(handler.answer(then, request, response));
  v1::Basis basis = past.BasisOf(handler.models);
  if (options_.checkpoint) {
    PARLEY_ASSIGN_OR_RETURN(*basis.mutable_checkpoint(), options_.checkpoint(ledger, basis.size()));
  }
  SetBasis(std::move(basis), response);
  return absl::OkStatus();
}

absl::Status Queries::Reveal(uint64_t size, Message& resource) const {
  return RevealResource(EntriesOf(*options_.log), options_.person_keys, size, resource);
}

}  // namespace parley
