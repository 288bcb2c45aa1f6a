// A whole write side in memory: an engine, a log and a pipeline on it, and calls that wait for their answer.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <utility>

#include "eventstore/base/clock.h"
#include "eventstore/base/random.h"
#include "eventstore/base/status.h"
#include "eventstore/event_log.h"
#include "eventstore/kv_memory.h"
#include "eventstore/log_store.h"
#include "eventstore/memory_engine.h"
#include "eventstore/person_keys.h"
#include "services/command/pipeline.h"
#include "services/decision/decision.h"
#include "services/relationship/relationship.h"
#include "tests/support/recheck.h"

namespace parley::test {

inline const absl::Time kStart = absl::FromUnixSeconds(1'767'225'600);  // 2026-01-01T00:00:00Z

struct NodeOptions {
  absl::Duration poll_interval = absl::ZeroDuration();
  uint64_t seed = 1;
  size_t max_queued = 10'000;
  size_t max_queued_bytes = 256 << 20;
  size_t cache_bytes = 64 << 20;
};

class Node {
 public:
  explicit Node(Engine* engine, NodeOptions options = {})
      : clock(kStart),
        random(options.seed),
        index(NewMemoryKvStore()),
        snapshots(NewMemoryKvStore()),
        keys(NewMemoryPersonKeys(random)) {
    auto opened = OpenLogStore({.engine = engine, .index = index.get(), .poll_interval = options.poll_interval});
    if (!opened.ok()) ADD_FAILURE() << opened.status();
    log = *std::move(opened);
    pipeline = std::make_unique<CommandPipeline>(PipelineOptions{.log = log.get(),
                                                                 .snapshots = snapshots.get(),
                                                                 .clock = &clock,
                                                                 .random = &random,
                                                                 .person_keys = keys.get(),
                                                                 .fingerprint_key = std::string(32, 'k'),
                                                                 .cache_bytes = options.cache_bytes,
                                                                 .max_queued = options.max_queued,
                                                                 .max_queued_bytes = options.max_queued_bytes});
  }

  // Everything that was recorded is decided again.
  ~Node() {
    pipeline.reset();
    const absl::Status again = Recheck(*log);
    EXPECT_TRUE(again.ok()) << again;
  }

  template <class R, class Request>
  std::future<absl::StatusOr<Answer>> SendAs(Identity identity, const Request& request,
                                             std::function<bool()> cancelled = nullptr) {
    auto answered = std::make_shared<std::promise<absl::StatusOr<Answer>>>();
    auto future = answered->get_future();
    pipeline->Submit(std::move(identity), MakeCommand<R>(std::make_shared<const Request>(request)),
                     std::move(cancelled),
                     [answered](absl::StatusOr<Answer> answer) { answered->set_value(std::move(answer)); });
    return future;
  }
  template <class R, class Request>
  std::future<absl::StatusOr<Answer>> Send(const std::string& principal, const Request& request,
                                           std::function<bool()> cancelled = nullptr) {
    return SendAs<R>({.principal = principal}, request, std::move(cancelled));
  }
  template <class R, class Request>
  absl::StatusOr<Answer> Call(const std::string& principal, const Request& request) {
    return Send<R>(principal, request).get();
  }

  ManualClock clock;
  SeededRandom random;
  std::unique_ptr<KvStore> index;
  std::unique_ptr<KvStore> snapshots;
  std::unique_ptr<PersonKeys> keys;
  std::unique_ptr<EventLog> log;
  std::unique_ptr<CommandPipeline> pipeline;
};

// Establishes "acme" between buyer (member "bill") and provider (member "petra") with a charter that binds: class
// "change" is decided by the buyer's representative, with a review after 30 days. `founder` opens it.
void EstablishChartered(Node& node, const std::string& relationship = "acme", const std::string& founder = "bill");

v1::ProposeDecisionRequest Propose(const std::string& id, const std::string& request_id = "",
                                   const std::string& relationship = "acme");
v1::DecideDecisionRequest DecideOn(const std::string& id, const std::string& request_id = "",
                                   const std::string& relationship = "acme");

}  // namespace parley::test
