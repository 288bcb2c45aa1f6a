#include "services/query/queries.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "eventstore/base/status.h"
#include "projections/membership.h"
#include "services/query/past.h"

namespace parley {

using google::protobuf::Message;

namespace {

constexpr size_t kChunk = 1000;  // Entries read at a time.
// How long whoever brings no token waits for what is recorded by now, and of its time at most half: the rest is for the answer.
constexpr absl::Duration kPatience = absl::Seconds(2);

// Whether the caller is nothing to the relationship: then not even that there is one is said to them. While membership is behind the
// entry, that is not known.
bool IsStranger(ReadView& view, const Caller& caller, const LedgerId& ledger, uint64_t sequence) {
  const char* membership = MembershipProjection::kName;
  return absl::IsNotFound(RequireMember(view, caller, ledger).status()) &&
         (view.NextSequence(membership, ledger).value_or(0) > sequence ||
          !view.RequireFollowed(membership, ledger).ok());
}

}  // namespace

Queries::Queries(QueriesOptions options)
    : options_(std::move(options)), page_tokens_(options_.page_token_key), waiter_(*options_.runner) {}

void Queries::Await(const Caller& caller, const Message& request, absl::Duration timeout, TokenWaiter::Done done) {
  const LedgerId ledger = LedgerOf(request);
  const std::string text = StringField(request, "consistency_token");
  const std::vector<std::string> models = ModelsOf(request);
  if (text.empty()) return AwaitPresent(ledger, models, std::min(timeout / 2, kPatience), std::move(done));
  const auto token = DecodeConsistencyToken(text, ledger, *options_.log);
  if (!token.ok()) return done(token.status());
  const auto next = options_.log->NextSequence(LedgerId(token->ledger()));
  if (!next.ok()) return done(next.status());
  if (token->sequence() >= *next) return RefuseBeyondEnd(caller, *token, *next, timeout, std::move(done));
  waiter_.Wait(*token, models, timeout,
               [runner = options_.runner, caller, token = *token, done = std::move(done)](const absl::Status& seen) {
                 if (seen.ok()) return done(seen);
                 ReadView view(runner->written());
                 done(IsStranger(view, caller, LedgerId(token.ledger()), token.sequence()) ? absl::OkStatus() : seen);
               });
}

std::vector<std::string> Queries::ModelsOf(const Message& request) const {
  std::vector<std::string> models = handlers_.Of(request).models;
  models.push_back(MembershipProjection::kName);
  return models;
}

void Queries::AwaitPresent(const LedgerId& ledger, std::vector<std::string> models, absl::Duration timeout,
                           TokenWaiter::Done done) {
  // Of all ledgers, Answer sees to it.
  if (ledger.empty() || options_.runner->IsCurrent(ledger)) return done(absl::OkStatus());
  const auto next = options_.log->NextSequence(ledger);
  if (!next.ok() || *next == 0) return done(absl::OkStatus());
  v1::ConsistencyToken present;
  present.set_ledger(ledger.str());
  present.set_sequence(*next - 1);
  // Read models that are behind, have stopped, or are nobody's to keep up are read as they are: Answer says what is to be said of that.
  std::erase_if(models, [&](const std::string& model) { return !options_.runner->KeepsUp(model); });
  waiter_.Wait(
      present, models, timeout, [done = std::move(done)](const absl::Status&) { done(absl::OkStatus()); },
      TokenWaiter::IfStopped::kPassOver);
}

void Queries::RefuseBeyondEnd(const Caller& caller, const v1::ConsistencyToken& token, uint64_t end,
                              absl::Duration timeout, TokenWaiter::Done done) {
  if (end == 0) return done(absl::OkStatus());
  v1::ConsistencyToken last = token;
  last.set_sequence(end - 1);
  waiter_.Wait(last, {MembershipProjection::kName}, timeout,
               [runner = options_.runner, caller, token, end, done = std::move(done)](const absl::Status& seen) {
                 ReadView view(runner->written());
                 if (IsStranger(view, caller, LedgerId(token.ledger()), end - 1)) return done(absl::OkStatus());
                 // Who it is may not be known: how long the history is is not said.
                 done(seen.ok() ? TokenBeyondEnd() : BehindToken(token));
               });
}

absl::Status Queries::RequireSeen(const Caller& caller, const Message& request, ReadView& view) const {
  const std::string text = StringField(request, "consistency_token");
  if (text.empty()) return absl::OkStatus();
  PARLEY_ASSIGN_OR_RETURN(const auto token, DecodeConsistencyToken(text, LedgerOf(request), *options_.log));
  const LedgerId ledger(token.ledger());
  for (const std::string& model : ModelsOf(request)) {
    PARLEY_ASSIGN_OR_RETURN(const uint64_t next, view.NextSequence(model, ledger));
    // Of one that has stopped the answer tells.
    if (next > token.sequence() || !view.RequireFollowed(model, ledger).ok()) continue;
    PARLEY_ASSIGN_OR_RETURN(const uint64_t end, options_.log->NextSequence(ledger));
    // Whoever came this far with a token of no entry is a stranger, and is told nothing of it.
    const bool stranger = token.sequence() >= end || IsStranger(view, caller, ledger, token.sequence());
    return stranger ? absl::OkStatus() : BehindToken(token);
  }
  return absl::OkStatus();
}

absl::Status Queries::Answer(const Caller& caller, const Message& request, Message& response) const {
  // What there is of one ledger was waited for.
  ReadView view = LedgerOf(request).empty() ? ReadView(*options_.store) : ReadView(options_.runner->written());
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
  if (const v1::AsOf* as_of = AsOfIn(request); as_of != nullptr) {
    return AnswerPast(context, handler, *as_of, request, response);
  }
  // What was waited for may have been the rows of a read model that another has taken the place of since.
  PARLEY_RETURN_IF_ERROR(RequireSeen(caller, request, view));
  return handler.answer(context, request, response);
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
