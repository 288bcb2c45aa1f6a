// What every engine under the log must make true.
#include <atomic>
#include <condition_variable>
#include <set>
#include <thread>

#include "eventstore/base/status.h"
#include "gmock/gmock.h"
#include "tests/eventstore/log_contract.h"

namespace parley {
namespace {

using testing::ElementsAre;

TEST_P(LogContract, CommitsOfSeveralEntriesAreReadBackInOrder) {
  const Appended first = MustAppend(MakeCommit({.event = "a"}, 3));
  EXPECT_EQ(first.first_sequence, 0u);
  EXPECT_EQ(first.first_position, (Position{ShardId{0}, 0}));
  const Appended second = MustAppend(MakeCommit({.sequence = 3, .event = "b"}, 2));
  EXPECT_EQ(second.first_position.offset, 3u);
  const auto entries = ReadAll(*log_, "acme");
  ASSERT_TRUE(entries.ok()) << entries.status();
  EXPECT_THAT(EventsOf(*entries), ElementsAre("a 1 of 3", "a 2 of 3", "a 3 of 3", "b 1 of 2", "b 2 of 2"));
  for (size_t i = 0; i < entries->size(); ++i) {
    EXPECT_EQ((*entries)[i].sequence(), i);
    EXPECT_EQ((*entries)[i].position.offset, i);
    EXPECT_TRUE(VerifyCommitments((*entries)[i]).ok());
    EXPECT_EQ(log_->PositionOf(LedgerId("acme"), i).value()->offset, i);
  }
  EXPECT_EQ(log_->NextSequence(LedgerId("acme")).value(), 5u);
  EXPECT_EQ(log_->NextOffset(ShardId{0}), 5u);
  EXPECT_EQ(log_->PositionOf(LedgerId("acme"), 5).value(), std::nullopt);
  EXPECT_TRUE(log_->Read(LedgerId("acme"), 5, {})->empty());
  EXPECT_TRUE(log_->Read(LedgerId("nobody"), 0, {})->empty());
  EXPECT_EQ(log_->NextSequence(LedgerId("nobody")).value(), 0u);
}

TEST_P(LogContract, ReadsFromTheMiddleOfACommitAndWithinLimits) {
  MustAppend(MakeCommit({.event = "a"}, 3));
  MustAppend(MakeCommit({.sequence = 3, .event = "b"}, 3));
  const LedgerId acme("acme");
  EXPECT_THAT(EventsOf(*log_->Read(acme, 2, {.entries = 2})), ElementsAre("a 3 of 3", "b 1 of 3"));
  EXPECT_THAT(EventsOf(*log_->Read(acme, 1, {.bytes = 1})), ElementsAre("a 2 of 3"));
  EXPECT_THAT(EventsOf(*log_->ReadShard({ShardId{0}, 4}, {.entries = 1})), ElementsAre("b 2 of 3"));
  EXPECT_THAT(EventsOf(*log_->ReadStream(acme, StreamOf("acme"), 4, {.entries = 1})), ElementsAre("b 2 of 3"));
  EXPECT_TRUE(log_->ReadShard({ShardId{0}, 6}, {})->empty());
}

TEST_P(LogContract, ACommitThatDoesNotContinueItsLedgerIsRefusedWhole) {
  MustAppend(MakeCommit({}, 2));
  for (uint64_t wrong : {0u, 1u, 3u}) {
    const auto refused = AppendAndWait(*log_, MakeCommit({.sequence = wrong}, 2));
    EXPECT_EQ(ReasonOf(refused.status()), v1::REASON_CONFLICT) << wrong;
  }
  EXPECT_EQ(log_->NextSequence(LedgerId("acme")).value(), 2u);
  EXPECT_EQ(log_->NextOffset(ShardId{0}), 2u);
  MustAppend(MakeCommit({.sequence = 2}));
}

TEST_P(LogContract, MalformedCommitsAreRefused) {
  Commit gap = MakeCommit({}, 1);
  gap.entries.push_back(MakeEntry({.sequence = 2}));
  EXPECT_EQ(AppendAndWait(*log_, gap).status().code(), absl::StatusCode::kInternal);
  Commit foreign = MakeCommit({});
  foreign.ledger = LedgerId("other");
  EXPECT_EQ(AppendAndWait(*log_, foreign).status().code(), absl::StatusCode::kInternal);
  Commit forged = MakeCommit({});
  forged.entries[0].mutable_parts(0)->mutable_salt()->at(0) ^= 1;
  EXPECT_EQ(AppendAndWait(*log_, forged).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(AppendAndWait(*log_, {.ledger = LedgerId("acme")}).status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(log_->NextOffset(ShardId{0}), 0u);
}

TEST_P(LogContract, LimitsHoldPerCommit) {
  MustAppend(MakeCommit({}, kMaxCommitEntries));
  const auto many = AppendAndWait(*log_, MakeCommit({.sequence = 1000}, kMaxCommitEntries + 1));
  EXPECT_EQ(ReasonOf(many.status()), v1::REASON_COMMIT_TOO_LARGE);
  const auto large = AppendAndWait(*log_, MakeCommit({.sequence = 1000, .event = std::string(kMaxCommitBytes, 'x')}));
  EXPECT_EQ(ReasonOf(large.status()), v1::REASON_COMMIT_TOO_LARGE);
  MustAppend(MakeCommit({.sequence = 1000, .event = std::string(kMaxCommitBytes - 1000, 'x')}));
  EXPECT_EQ(ReadAll(*log_, "acme")->size(), 1001u);
}

TEST_P(LogContract, PositionsAreDenseInEveryShard) {
  Close();
  index_ = NewMemoryKvStore();
  Open(4);
  std::vector<std::thread> writers;
  for (int w = 0; w < 4; ++w) {
    writers.emplace_back([&, w] {
      for (int i = 0; i < 20; ++i) {
        const std::string ledger = absl::StrCat("ledger-", w, "-", i % 5);
        const uint64_t next = log_->NextSequence(LedgerId(ledger)).value();
        EXPECT_TRUE(AppendAndWait(*log_, MakeCommit({.ledger = ledger, .sequence = next}, 1 + i % 3)).ok());
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  size_t total = 0;
  std::map<std::string, uint64_t> next;
  for (uint32_t shard = 0; shard < 4; ++shard) {
    uint64_t offset = 0;
    while (true) {
      const auto entries = log_->ReadShard({ShardId{shard}, offset}, {.entries = 7});
      ASSERT_TRUE(entries.ok()) << entries.status();
      if (entries->empty()) break;
      for (const Entry& entry : *entries) {
        EXPECT_EQ(entry.position, (Position{ShardId{shard}, offset++}));
        EXPECT_EQ(log_->ShardOf(LedgerId(entry.header.ledger())), ShardId{shard});
        EXPECT_EQ(entry.sequence(), next[entry.header.ledger()]++);
      }
    }
    EXPECT_EQ(offset, log_->NextOffset(ShardId{shard}));
    EXPECT_GT(offset, 0u) << "a shard without entries tests nothing";
    total += offset;
  }
  EXPECT_EQ(total, 4u * (7 * 1 + 7 * 2 + 6 * 3));
}

TEST_P(LogContract, RequestsAreFoundHoweverTheLogWasOpened) {
  Commit commit = MakeCommit({.actor = "system", .request_id = "deadline", .event = "due"}, 1);
  const Commit caused = MakeCommit({.sequence = 1, .request_id = "r1", .event = "asked"}, 2);
  commit.entries.insert(commit.entries.end(), caused.entries.begin(), caused.entries.end());
  MustAppend(std::move(commit));
  MustAppend(MakeCommit({.sequence = 3}));
  for (int round = 0; round < 2; ++round, Open()) {
    const LedgerId acme("acme");
    const auto found = log_->FindRequest(acme, "ann", "r1");
    ASSERT_TRUE(found.ok() && *found);
    EXPECT_EQ((*found)->first_sequence, 1u);
    EXPECT_EQ((*found)->entries, 2u);
    EXPECT_EQ((*found)->fingerprint, "fingerprint of r1");
    EXPECT_EQ((*log_->FindRequest(acme, "system", "deadline"))->entries, 1u);
    EXPECT_EQ(*log_->FindRequest(acme, "bob", "r1"), std::nullopt);
    EXPECT_EQ(*log_->FindRequest(acme, "ann", "r"), std::nullopt);
    EXPECT_EQ(*log_->FindRequest(acme, "ann", ""), std::nullopt);
    EXPECT_EQ(*log_->FindRequest(LedgerId("acm"), "ann", "r1"), std::nullopt);
  }
}

TEST_P(LogContract, StreamsHoldTheirOwnEntriesOnly) {
  for (uint64_t i = 0; i < 12; ++i) {
    MustAppend(MakeCommit({.sequence = i, .id = i % 3 == 0 ? "d1" : "d11", .event = absl::StrCat(i)}));
  }
  const LedgerId acme("acme");
  EXPECT_THAT(EventsOf(*log_->ReadStream(acme, StreamOf("acme", "d1"), 0, {})),
              ElementsAre("0 1 of 1", "3 1 of 1", "6 1 of 1", "9 1 of 1"));
  EXPECT_THAT(EventsOf(*log_->ReadStream(acme, StreamOf("acme", "d1"), 4, {.entries = 1})), ElementsAre("6 1 of 1"));
  EXPECT_EQ(log_->ReadStream(acme, StreamOf("acme", "d11"), 0, {})->size(), 8u);
  EXPECT_TRUE(log_->ReadStream(acme, StreamOf("acme", "d"), 0, {})->empty());
  // From within what one commit recorded of a stream.
  MustAppend(MakeCommit({.ledger = "runs"}, 4));
  MustAppend(MakeCommit({.ledger = "runs", .sequence = 4}, 3));
  const LedgerId runs("runs");
  for (uint64_t from = 0; from <= 7; ++from) {
    const auto read = log_->ReadStream(runs, StreamOf("runs"), from, {});
    ASSERT_TRUE(read.ok());
    ASSERT_EQ(read->size(), 7 - from);
    for (size_t i = 0; i < read->size(); ++i) EXPECT_EQ((*read)[i].sequence(), from + i);
    EXPECT_EQ(log_->ReadStream(runs, StreamOf("runs"), from, {.entries = 1})->size(), from < 7 ? 1u : 0u);
  }
}

TEST_P(LogContract, LedgersAreListedInOrderAndPaged) {
  for (const char* ledger : {"bolt", "acme", "acme-2", "zeta"}) MustAppend(MakeCommit({.ledger = ledger}));
  EXPECT_THAT(*log_->Ledgers(LedgerId(), 10),
              ElementsAre(LedgerId("acme"), LedgerId("acme-2"), LedgerId("bolt"), LedgerId("zeta")));
  EXPECT_THAT(*log_->Ledgers(LedgerId("acme"), 2), ElementsAre(LedgerId("acme-2"), LedgerId("bolt")));
  EXPECT_TRUE(log_->Ledgers(LedgerId("zeta"), 2)->empty());
}

TEST_P(LogContract, ReopeningGoesOnWhereItStopped) {
  for (uint64_t i = 0; i < 5; ++i) {
    MustAppend(MakeCommit({.sequence = 2 * i}, 2));
    Open();
    EXPECT_EQ(log_->NextSequence(LedgerId("acme")).value(), 2 * (i + 1));
  }
  EXPECT_EQ(ReadAll(*log_, "acme")->size(), 10u);
}

TEST_P(LogContract, PendingCommitsAreAnsweredBeforeTheLogCloses) {
  std::atomic<int> answered = 0;
  for (uint64_t i = 0; i < 50; ++i) {
    log_->Append(MakeCommit({.sequence = i}),
                 [&](const absl::StatusOr<Appended>& appended) { answered += appended.ok(); });
  }
  log_.reset();
  EXPECT_EQ(answered, 50);
}

TEST_P(LogContract, ALostIndexIsRebuiltToTheSameBytes) {
  for (uint64_t i = 0; i < 30; ++i) {
    MustAppend(MakeCommit({.sequence = 2 * i, .id = absl::StrCat("d", i % 4), .request_id = absl::StrCat("r", i)}, 2));
    MustAppend(MakeCommit({.ledger = absl::StrCat("l", i)}));
  }
  Close();
  const std::vector<Row> kept = IndexRows();
  EXPECT_GT(kept.size(), 200u);
  index_ = NewMemoryKvStore();
  Open();
  Close();
  EXPECT_EQ(IndexRows(), kept);
}

TEST_P(LogContract, AnIndexThatLagsCatchesUp) {
  MustAppend(MakeCommit({}));
  Close();
  std::unique_ptr<KvStore> old = std::move(index_);
  index_ = NewMemoryKvStore();
  Open();
  MustAppend(MakeCommit({.sequence = 1, .request_id = "r1"}));
  Close();
  std::swap(old, index_);
  Open();
  EXPECT_EQ(ReadAll(*log_, "acme")->size(), 2u);
  EXPECT_TRUE(log_->FindRequest(LedgerId("acme"), "ann", "r1")->has_value());
}

TEST_P(LogContract, AnotherNumberOfShardsIsRefused) {
  MustAppend(MakeCommit({}));
  Close();
  engine_ = &backend_->Open();
  EXPECT_EQ(OpenLogStore({.engine = engine_, .index = index_.get(), .shards = 2}).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

// Follows one shard on a thread of its own, as a projection does.
class Follower {
 public:
  Follower(EventLog& log, Position from, size_t at_a_time) : at_a_time_(at_a_time), from_(from) {
    subscription_ = log.Subscribe(from);
    thread_ = std::thread([this] { Run(); });
  }
  ~Follower() {
    {
      std::lock_guard lock(mu_);
      stop_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  // Waits until `count` entries were seen; false if one was missing, double or out of order.
  bool SawInOrder(size_t count) {
    std::unique_lock lock(mu_);
    changed_.wait(lock, [&] { return seen_ >= count || broken_; });
    return !broken_ && seen_ == count;
  }

 private:
  void Run() {
    while (true) {
      const auto entries = subscription_->Poll({.entries = at_a_time_});
      std::unique_lock lock(mu_);
      if (!entries.ok() || entries->size() > at_a_time_) broken_ = true;
      for (size_t i = 0; entries.ok() && i < entries->size(); ++i) {
        broken_ = broken_ || (*entries)[i]->position.offset != from_.offset + seen_;
        ++seen_;
      }
      changed_.notify_all();
      if (stop_ || broken_) return;
      if (!entries->empty()) continue;
      ready_ = false;
      lock.unlock();
      subscription_->NotifyWhenReady([this] {
        std::lock_guard lock(mu_);
        ready_ = true;
        changed_.notify_all();
      });
      lock.lock();
      changed_.wait(lock, [this] { return ready_ || stop_; });
    }
  }

  const size_t at_a_time_;
  const Position from_;
  std::unique_ptr<Subscription> subscription_;
  std::mutex mu_;
  std::condition_variable changed_;
  size_t seen_ = 0;
  bool broken_ = false;
  bool ready_ = false;
  bool stop_ = false;
  std::thread thread_;
};

TEST_P(LogContract, SubscriptionsCatchUpAndTurnLiveWithoutGapOrDuplicate) {
  for (uint64_t i = 0; i < 20; ++i) MustAppend(MakeCommit({.sequence = i}));
  Follower from_start(*log_, {ShardId{0}, 0}, 1000);
  Follower slow(*log_, {ShardId{0}, 0}, 1);
  Follower from_middle(*log_, {ShardId{0}, 10}, 3);
  Follower from_end(*log_, {ShardId{0}, 20}, 3);
  std::vector<std::thread> writers;
  for (int w = 0; w < 4; ++w) {
    writers.emplace_back([&, w] {
      for (uint64_t i = 0; i < 50; ++i) {
        EXPECT_TRUE(AppendAndWait(*log_, MakeCommit({.ledger = absl::StrCat("w", w), .sequence = 2 * i}, 2)).ok());
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_TRUE(from_start.SawInOrder(420));
  EXPECT_TRUE(slow.SawInOrder(420));
  EXPECT_TRUE(from_middle.SawInOrder(410));
  EXPECT_TRUE(from_end.SawInOrder(400));
}

TEST_P(LogContract, AReaderThatNeverReadsHoldsNothingUp) {
  const auto idle = log_->Subscribe({ShardId{0}, 0});
  std::atomic<int> calls = 0;
  idle->NotifyWhenReady([&] { ++calls; });
  for (uint64_t i = 0; i < 100; ++i) MustAppend(MakeCommit({.sequence = i}));
  while (calls == 0) std::this_thread::yield();
  EXPECT_EQ(calls, 1) << "told once, however much came";
  EXPECT_EQ(idle->Poll({.entries = 10})->size(), 10u);
  EXPECT_EQ(idle->Poll({})->size(), 90u);
}

TEST_P(LogContract, ASubscriptionThatEndedIsNotCalled) {
  std::atomic<int> calls = 0;
  for (uint64_t i = 0; i < 50; ++i) {
    auto subscription = log_->Subscribe({ShardId{0}, i});
    auto alive = std::make_shared<std::atomic<bool>>(true);
    subscription->NotifyWhenReady([&, alive] { calls += *alive ? 1 : 1000; });
    log_->Append(MakeCommit({.sequence = i}), [](const absl::StatusOr<Appended>&) {});
    if (i % 2 == 0) std::this_thread::yield();
    subscription.reset();
    *alive = false;
  }
  log_.reset();
  EXPECT_LE(calls, 50);
}

TEST_P(LogContract, OneOfEightWritersWinsEachRevision) {
  constexpr int kRounds = 1000;
  constexpr int kWriters = 8;
  std::atomic<int> wins = 0;
  for (uint64_t round = 0; round < kRounds; ++round) {
    // Every refusal counts the generation up once it is fully told: the round starts when the last one's are.
    while (log_->generation() < round * (kWriters - 1)) std::this_thread::yield();
    std::atomic<int> won = 0;
    std::vector<std::thread> writers;
    for (int w = 0; w < kWriters; ++w) {
      Commit commit = MakeCommit({.sequence = round, .event = absl::StrCat(w)});
      writers.emplace_back([&, commit = std::move(commit)]() mutable {
        const auto appended = AppendAndWait(*log_, std::move(commit));
        won += appended.ok();
        EXPECT_TRUE(appended.ok() || ReasonOf(appended.status()) == v1::REASON_CONFLICT) << appended.status();
      });
    }
    for (std::thread& writer : writers) writer.join();
    EXPECT_EQ(won, 1) << "round " << round;
    wins += won;
  }
  EXPECT_EQ(wins, kRounds);
  EXPECT_EQ(ReadAll(*log_, "acme")->size(), size_t{kRounds});
}

TEST_P(LogContract, TwoLogsOnOneEngineKeepItDenseAndSeeEachOther) {
  const auto second_index = NewMemoryKvStore();
  const auto third_index = NewMemoryKvStore();
  const auto second = OpenAnother(*second_index, absl::Milliseconds(2));
  const auto reader = OpenAnother(*third_index, absl::Milliseconds(2));
  Follower follower(*reader, {ShardId{0}, 0}, 5);
  std::atomic<uint64_t> appended = 0;
  const auto write = [&](EventLog& log) {
    for (int i = 0; i < 100; ++i) {
      // Both write to one ledger, each deciding again on what the other wrote.
      while (true) {
        const uint64_t next = log.NextSequence(LedgerId("shared")).value();
        const auto done = AppendAndWait(log, MakeCommit({.ledger = "shared", .sequence = next}, 2));
        if (done.ok()) break;
        ASSERT_EQ(ReasonOf(done.status()), v1::REASON_CONFLICT) << done.status();
      }
      appended += 2;
    }
  };
  std::thread one([&] { write(*log_); });
  std::thread two([&] { write(*second); });
  one.join();
  two.join();
  EXPECT_EQ(appended, 400u);
  EXPECT_TRUE(follower.SawInOrder(400));
  const auto entries = ReadAll(*reader, "shared");
  ASSERT_TRUE(entries.ok());
  ASSERT_EQ(entries->size(), 400u);
  for (size_t i = 0; i < 400; i += 2) {
    EXPECT_EQ((*entries)[i].record.event(), "event 1 of 2");
    EXPECT_EQ((*entries)[i + 1].record.event(), "event 2 of 2");
  }
}

TEST_P(LogContract, WhatWasDecidedOnALostCommitIsRefusedEvenIfItsSequenceFits) {
  const auto other_index = NewMemoryKvStore();
  const auto other = OpenAnother(*other_index, absl::ZeroDuration());
  ASSERT_TRUE(AppendAndWait(*other, MakeCommit({.event = "theirs"})).ok());
  std::vector<v1::Reason> reasons;
  const auto note = [&](const absl::StatusOr<Appended>& appended) { reasons.push_back(ReasonOf(appended.status())); };
  log_->Append(MakeCommit({.event = "mine"}), note);
  log_->Append(MakeCommit({.sequence = 1, .event = "decided on mine"}), note);
  while (log_->generation() < 2) std::this_thread::yield();
  EXPECT_THAT(reasons, ElementsAre(v1::REASON_CONFLICT, v1::REASON_CONFLICT));
  MustAppend(MakeCommit({.sequence = 1, .event = "decided on theirs"}));
  EXPECT_THAT(EventsOf(*ReadAll(*log_, "acme")), ElementsAre("theirs 1 of 1", "decided on theirs 1 of 1"));
}

INSTANTIATE_TEST_SUITE_P(Engines, LogContract,
                         testing::Values(BackendParam{"Memory", NewMemoryBackend},
                                         BackendParam{"Rocks", NewRocksBackend}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace parley
