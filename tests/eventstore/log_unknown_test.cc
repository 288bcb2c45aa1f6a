// Outcomes that are not known, and engines that are not what they were: on the engine that can be told to fail.
#include <atomic>
#include <future>
#include <thread>

#include "eventstore/base/status.h"
#include "eventstore/kv_memory.h"
#include "eventstore/log_store.h"
#include "eventstore/memory_engine.h"
#include "gmock/gmock.h"
#include "tests/eventstore/log_fixture.h"

namespace parley {
namespace {

using testing::ElementsAre;

class UnknownOutcome : public testing::TestWithParam<MemoryEngine::Fault> {
 protected:
  UnknownOutcome() : index_(NewMemoryKvStore()) {
    auto log = OpenLogStore({.engine = &engine_, .index = index_.get()});
    EXPECT_TRUE(log.ok()) << log.status();
    log_ = *std::move(log);
  }
  v1::Reason AppendReason(Commit commit) { return ReasonOf(AppendAndWait(*log_, std::move(commit)).status()); }
  // Waits for the log to have settled what it could not know.
  void AwaitRecovery(uint64_t end) {
    while (log_->NextOffset(ShardId{0}) < end) std::this_thread::yield();
  }

  MemoryEngine engine_{"memory"};
  std::unique_ptr<KvStore> index_;
  std::unique_ptr<EventLog> log_;
};

TEST_P(UnknownOutcome, IsSettledByAppendingTheSameAgain) {
  ASSERT_TRUE(AppendAndWait(*log_, MakeCommit({.event = "a"})).ok());
  engine_.FailAppend(GetParam());
  EXPECT_EQ(AppendReason(MakeCommit({.sequence = 1, .request_id = "r1", .event = "b"}, 2)), v1::REASON_OUTCOME_UNKNOWN);
  AwaitRecovery(3);
  EXPECT_THAT(EventsOf(*ReadAll(*log_, "acme")), ElementsAre("a 1 of 1", "b 1 of 2", "b 2 of 2"));
  EXPECT_TRUE(log_->FindRequest(LedgerId("acme"), "ann", "r1")->has_value()) << "so the repeat gets its answer";
  EXPECT_EQ(engine_.End(ShardId{0}).value(), 3u);
}

TEST_P(UnknownOutcome, WhileRecoveringWritesAreRefusedAndReadsGoOn) {
  ASSERT_TRUE(AppendAndWait(*log_, MakeCommit({.event = "a"})).ok());
  engine_.FailAppend(GetParam());
  // Unavailable from within the answer on, so before the log tries to recover.
  std::promise<v1::Reason> first;
  log_->Append(MakeCommit({.sequence = 1, .event = "b"}), [&](const absl::StatusOr<Appended>& appended) {
    engine_.SetAvailable(false);
    first.set_value(ReasonOf(appended.status()));
  });
  EXPECT_EQ(first.get_future().get(), v1::REASON_OUTCOME_UNKNOWN);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(AppendReason(MakeCommit({.ledger = "other", .event = "c"})), v1::REASON_LOG_UNAVAILABLE);
    EXPECT_THAT(EventsOf(*ReadAll(*log_, "acme")), ElementsAre("a 1 of 1")) << "nothing that may not be durable";
  }
  engine_.SetAvailable(true);
  AwaitRecovery(2);
  absl::StatusOr<Appended> other;
  do {
    other = AppendAndWait(*log_, MakeCommit({.ledger = "other", .event = "c"}));
  } while (ReasonOf(other.status()) == v1::REASON_LOG_UNAVAILABLE);
  EXPECT_TRUE(other.ok()) << other.status();
  EXPECT_THAT(EventsOf(*ReadAll(*log_, "acme")), ElementsAre("a 1 of 1", "b 1 of 1"));
}

TEST_P(UnknownOutcome, WhatWasPendingBehindItIsNotWritten) {
  engine_.FailAppend(GetParam());
  std::vector<v1::Reason> reasons;
  std::promise<void> go;
  const auto note = [&](const absl::StatusOr<Appended>& appended) { reasons.push_back(ReasonOf(appended.status())); };
  log_->Append(MakeCommit({.event = "a"}), [&](const absl::StatusOr<Appended>& appended) {
    note(appended);
    go.get_future().wait();  // The writer stands still until the next ones are handed in.
  });
  log_->Append(MakeCommit({.sequence = 1, .event = "b"}), note);
  log_->Append(MakeCommit({.ledger = "other", .event = "c"}), note);
  go.set_value();
  while (log_->generation() < 3) std::this_thread::yield();
  AwaitRecovery(1);
  // The second may have been in the same write; the rule is only that what is answered unavailable is not there.
  ASSERT_EQ(reasons.size(), 3u);
  EXPECT_EQ(reasons[0], v1::REASON_OUTCOME_UNKNOWN);
  for (size_t i = 1; i < reasons.size(); ++i) {
    EXPECT_TRUE(reasons[i] == v1::REASON_OUTCOME_UNKNOWN || reasons[i] == v1::REASON_LOG_UNAVAILABLE);
  }
  const size_t in_one_write =
      static_cast<size_t>(std::count(reasons.begin(), reasons.end(), v1::REASON_OUTCOME_UNKNOWN));
  AwaitRecovery(in_one_write);
  EXPECT_EQ(engine_.End(ShardId{0}).value(), in_one_write);
}

TEST_P(UnknownOutcome, ClosingWhileRecoveringLeavesItToTheNextOpen) {
  engine_.FailAppend(GetParam());
  engine_.FailAppend(GetParam());
  std::promise<void> answered;
  log_->Append(MakeCommit({.event = "a"}), [&](const absl::StatusOr<Appended>&) {
    engine_.SetAvailable(false);
    answered.set_value();
  });
  answered.get_future().wait();
  log_.reset();
  engine_.SetAvailable(true);
  log_ = OpenLogStore({.engine = &engine_, .index = index_.get()}).value();
  EXPECT_EQ(ReadAll(*log_, "acme")->size(), GetParam() == MemoryEngine::Fault::kLanded ? 1u : 0u);
}

INSTANTIATE_TEST_SUITE_P(Faults, UnknownOutcome,
                         testing::Values(MemoryEngine::Fault::kLanded, MemoryEngine::Fault::kLost),
                         [](const auto& info) {
                           return info.param == MemoryEngine::Fault::kLanded ? "Landed" : "Lost";
                         });

TEST(LogIncarnation, AnIndexOfAnotherIncarnationIsDerivedAgain) {
  const auto index = NewMemoryKvStore();
  MemoryEngine first("first");
  MemoryEngine second("second");
  {
    const auto log = OpenLogStore({.engine = &first, .index = index.get()}).value();
    ASSERT_TRUE(AppendAndWait(*log, MakeCommit({.ledger = "old"}, 3)).ok());
  }
  {
    const auto log = OpenLogStore({.engine = &second, .index = index.get()}).value();
    EXPECT_EQ(log->NextSequence(LedgerId("old")).value(), 0u);
    ASSERT_TRUE(AppendAndWait(*log, MakeCommit({.ledger = "new"})).ok());
    EXPECT_THAT(*log->Ledgers(LedgerId(), 10), ElementsAre(LedgerId("new")));
  }
}

TEST(LogIncarnation, ALogThatLostWhatItsIndexHasSeenIsRefused) {
  const auto index = NewMemoryKvStore();
  MemoryEngine whole("same");
  MemoryEngine cut("same");
  {
    const auto log = OpenLogStore({.engine = &whole, .index = index.get()}).value();
    ASSERT_TRUE(AppendAndWait(*log, MakeCommit({}, 3)).ok());
  }
  EXPECT_EQ(OpenLogStore({.engine = &cut, .index = index.get()}).status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace parley
