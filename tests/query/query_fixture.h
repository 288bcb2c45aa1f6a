// Queries over a log in memory, with read models that follow it.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>

#include "eventstore/base/clock.h"
#include "eventstore/kv_memory.h"
#include "parley/v1/decision.pb.h"
#include "parley/v1/relationship.pb.h"
#include "services/query/queries.h"
#include "tests/support/fixtures.h"
#include "tests/support/test_log.h"
#include "tests/support/world.h"

namespace parley::test {

class QueryTest : public testing::Test {
 protected:
  QueryTest() {
    auto runner = Runner::Start({.log = &log_.log(), .store = store_.get(), .projections = AllProjections()});
    EXPECT_TRUE(runner.ok()) << runner.status();
    runner_ = *std::move(runner);
    queries_ = std::make_unique<Queries>(Options());
  }

  QueriesOptions Options() {
    return {.log = &log_.log(),
            .store = &runner_->reading(),
            .runner = runner_.get(),
            .clock = &clock_,
            .page_token_key = "a key of some length",
            .scratch = NewMemoryKvStore};
  }

  // Makes what the world recorded readable.
  void Publish(const World& world) {
    log_.AddWorld(world);
    ASSERT_TRUE(WaitUntilCaughtUp(*runner_, log_));
  }

  template <class Response, class Request>
  absl::StatusOr<Response> Ask(const std::string& principal, const Request& request) {
    Response response;
    const absl::Status status = queries_->Answer({principal}, request, response);
    if (!status.ok()) return status;
    return response;
  }

  absl::Status Await(const google::protobuf::Message& request, absl::Duration timeout = absl::Seconds(30),
                     const std::string& principal = "bea") {
    std::promise<absl::Status> done;
    queries_->Await({principal}, request, timeout, [&](absl::Status status) { done.set_value(std::move(status)); });
    return done.get_future().get();
  }

  TestLog log_;
  std::unique_ptr<KvStore> store_ = NewMemoryKvStore();
  std::unique_ptr<Runner> runner_;
  ManualClock clock_{Epoch()};
  std::unique_ptr<Queries> queries_;
};

}  // namespace parley::test
