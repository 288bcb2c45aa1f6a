// Everything that can be asked, without the transport: first Await, until the read models have seen what the caller has
// seen, then Answer, over one moment of them.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "eventstore/base/clock.h"
#include "eventstore/event_log.h"
#include "eventstore/kv_store.h"
#include "eventstore/person_keys.h"
#include "projections/read_view.h"
#include "projections/runner.h"
#include "services/query/consistency.h"
#include "services/query/handlers.h"
#include "services/query/query.h"

namespace parley {

struct QueriesOptions {
  // None of them owned; all outlive the queries.
  const EventLog* log = nullptr;
  const PersonKeys* person_keys = nullptr;  // Null: texts about people stay empty.
  const ReadSource* store = nullptr;        // The read store.
  Runner* runner = nullptr;
  const Clock* clock = nullptr;
  std::string page_token_key;                       // A secret of the server, at least 16 bytes.
  std::unique_ptr<KvStore> (*scratch)() = nullptr;  // Makes an empty store, to fold the past in.
  // The signed note of the smallest checkpoint of at least that size, for Basis; empty text: there is none. An empty function: there
  // are no checkpoints.
  std::function<absl::StatusOr<std::string>(const LedgerId&, uint64_t size)> checkpoint = {};
  ReadProven proven = {};  // For timeline entries.
};

// Thread-safe.
class Queries {
 public:
  explicit Queries(QueriesOptions options);

  // Calls `done` once: OK, and then Answer may be asked; or why not: CONSISTENCY_TOKEN_INVALID, READ_MODEL_BEHIND after
  // `timeout`, PROJECTION_STOPPED. What is wrong with a token's entry is told to members of its relationship only: nobody
  // else learns how long a history is. While membership is behind the token, too, it is not known who is one, and all are told
  // READ_MODEL_BEHIND. Requests without a token wait for what their ledger has by now, too, for half of `timeout` and two seconds at
  // most, and are then ready in any case. Holds no thread while it waits; looks a few rows up. `done` must not block, and may be called
  // before this returns.
  void Await(const Caller& caller, const google::protobuf::Message& request, absl::Duration timeout,
             TokenWaiter::Done done);

  // Answers any request of a query, by its type: Get and List of every resource, the dashboards, the timeline; where it says
  // as of when, as of then. Reads disk: not for threads that must not block. As of the past it may take seconds, and the memory that the
  // read models it reads take up (past.h): whoever serves both keeps threads for the present. `response` is of the type that goes with `request`.
  absl::Status Answer(const Caller& caller, const google::protobuf::Message& request,
                      google::protobuf::Message& response) const;

  // Fills in the texts about people in a resource, as those who may read it see it: for the answers to commands. What the entries from
  // `size` on say is left out. Reads disk.
  absl::Status Reveal(uint64_t size, google::protobuf::Message& resource) const;

  const QueriesOptions& options() const { return options_; }
  // For the answers to commands.
  std::string ConsistencyToken(const LedgerId& ledger, uint64_t sequence) const {
    return EncodeConsistencyToken(ledger, sequence, options_.log->incarnation());
  }

 private:
  void AwaitPresent(const LedgerId& ledger, std::vector<std::string> models, absl::Duration timeout,
                    TokenWaiter::Done done);
  // The read models that an answer is made of: those of the query, and who may read.
  std::vector<std::string> ModelsOf(const google::protobuf::Message& request) const;
  // READ_MODEL_BEHIND where one of them lacks what the request's token says.
  absl::Status RequireSeen(const Caller& caller, const google::protobuf::Message& request, ReadView& view) const;
  // A token of an entry at or behind the ledger's end: who may know of that is known when membership is that far. Answer says what
  // all others may know.
  void RefuseBeyondEnd(const Caller& caller, const v1::ConsistencyToken& token, uint64_t end, absl::Duration timeout,
                       TokenWaiter::Done done);
  // Over the read models of now; the same with those of the moment that `as_of` names, where the caller may know of it.
  absl::Status AnswerPast(const QueryContext& now, const QueryHandler& handler, const v1::AsOf& as_of,
                          const google::protobuf::Message& request, google::protobuf::Message& response) const;

  const QueriesOptions options_;
  const PageTokens page_tokens_;
  const QueryHandlers handlers_;
  TokenWaiter waiter_;
};

}  // namespace parley
