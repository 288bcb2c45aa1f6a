// Runners over a log in memory, and what they make of it.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "eventstore/kv_memory.h"
#include "parley/v1/decision.pb.h"
#include "projections/runner.h"
#include "tests/support/test_log.h"

namespace parley::test {

// Keeps each decision, as the resources do, and fails at the title "poison" if told to.
class Keeper final : public Projection {
 public:
  std::string name() const override { return "keeper"; }
  uint32_t version() const override { return 1; }
  absl::Status Apply(const RecordedEvent& event, Rows& rows) const override {
    const auto* decision = event.As<v1::DecisionEvent>();
    if (decision == nullptr) return absl::OkStatus();
    rows.Fold<v1::Decision>(event.info.stream, event);
    return squeamish && decision->proposed().title() == "poison" ? absl::InternalError("cannot stomach it")
                                                                 : absl::OkStatus();
  }
  bool squeamish = true;
};

inline std::unique_ptr<Runner> StartRunner(TestLog& log, KvStore& store, std::vector<const Projection*> projections,
                                           size_t batch = 500, uint32_t partitions = 1) {
  auto runner = Runner::Start({.log = &log.log(),
                               .store = &store,
                               .projections = std::move(projections),
                               .partitions = partitions,
                               .batch = {.entries = batch},
                               .write_entries = 5 * batch});
  EXPECT_TRUE(runner.ok()) << runner.status();
  return *std::move(runner);
}

inline Digests Project(TestLog& log, KvStore& store, size_t batch = 500, uint32_t partitions = 1) {
  const auto runner = StartRunner(log, store, AllProjections(), batch, partitions);
  EXPECT_TRUE(WaitUntilCaughtUp(*runner, log));
  return DigestsOf(store, log, AllProjections());
}

inline Digests ProjectAfresh(TestLog& log) { return Project(log, *NewMemoryKvStore()); }

// Waits for an entry to be folded in.
inline absl::Status Applied(Runner& runner, const std::string& projection, std::string_view ledger, uint64_t sequence) {
  std::promise<absl::Status> done;
  runner.NotifyWhenApplied(projection, LedgerId(ledger), sequence, [&](absl::Status s) { done.set_value(s); });
  return done.get_future().get();
}

}  // namespace parley::test
