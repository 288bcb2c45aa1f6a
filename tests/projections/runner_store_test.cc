// The runner and its store: what is lost, behind, ahead, of another log, or fails.
#include <thread>

#include "eventstore/base/status.h"
#include "projections/read_view.h"
#include "tests/projections/runner_fixture.h"

namespace parley::test {
namespace {

TEST(Runner, ADroppedStoreIsRebuiltToTheSameRows) {
  TestLog log;
  log.AddRandomHistory(3, 200, 1);
  const auto store = NewMemoryKvStore();
  const Digests before = Project(log, *store, 10);
  ASSERT_TRUE(store->DeleteRange("", "").ok());
  EXPECT_EQ(Project(log, *store, 33), before);
}

TEST(Runner, GoesOnFromAnyPrefixOfItsWrites) {
  TestLog log;
  log.AddRandomHistory(3, 120, 5);
  RecordingKvStore store;
  const Digests expected = Project(log, store, 1, 2);
  ASSERT_GT(store.writes(), 15u);
  for (size_t writes = 0; writes <= store.writes(); ++writes) {
    const auto left = store.AfterCrash(writes);
    EXPECT_EQ(Project(log, *left, 9, 2), expected) << "after a crash with " << writes << " writes there";
  }
}

TEST(Runner, AStoreWithRowsThatTheLogHasLostIsEmptied) {
  RecordingKvStore store;
  std::unique_ptr<KvStore> left;
  {
    TestLog log;
    const auto runner = StartRunner(log, store, AllProjections());
    ASSERT_TRUE(WaitUntilCaughtUp(*runner, log));
    for (const char* id : {"d1", "d2", "d3"}) log.Propose("a", id);
    // One ledger is written for whoever waits for it, and no checkpoint with it.
    ASSERT_TRUE(Applied(*runner, "resources", "a", 2).ok());
    left = store.AfterCrash(store.writes());
  }
  // The same log, put back to before, and gone on with.
  TestLog log;
  log.Propose("a", "d1", "another title");
  EXPECT_EQ(Project(log, *left), ProjectAfresh(log));
}

TEST(Runner, WhoReadsSeesWhatIsFoldedInAndNotWrittenYet) {
  TestLog log;
  const auto store = NewMemoryKvStore();
  const auto runner = StartRunner(log, *store, AllProjections());
  const auto next = [&] {
    return ReadView(runner->reading(), LedgerId("a")).NextSequence("resources", LedgerId("a")).value();
  };
  // Somebody appends without a pause, so that nothing is written for want of more to fold.
  std::atomic<bool> stop = false;
  std::atomic<uint64_t> appended = 0;
  std::thread writer([&] {
    for (int i = 0; i < 3000 && !stop; ++i) {
      log.Propose("a", "d" + std::to_string(i));
      ++appended;
    }
  });
  EXPECT_TRUE(WaitUntil([&] { return appended > 200; }));
  for (int i = 0; i < 20; ++i) {
    const uint64_t there = appended;
    EXPECT_TRUE(WaitUntil([&] { return next() >= there; }));
  }
  stop = true;
  writer.join();
  ASSERT_TRUE(WaitUntilCaughtUp(*runner, log));
  EXPECT_EQ(next(), appended);
  EXPECT_EQ(DigestsOf(*store, log, AllProjections()), ProjectAfresh(log));
}

// Appends a while and sees to it that what is said to be current is in the store: at once or after somebody read, after a failed write
// or without one.
void ExpectCurrentIsWritten(TestLog& log, RecordingKvStore& store, Runner& runner, const std::string& ids) {
  const auto projections = AllProjections();
  for (uint64_t i = 1; i <= 40; ++i) {
    const std::string ledger = i % 3 == 0 ? "b" : "a";
    if (i % 6 == 0) store.FailWrites(1);
    const uint64_t appended = log.Propose(ledger, ids + std::to_string(i)) + 1;
    EXPECT_TRUE(WaitUntil([&] {
      const bool current = runner.IsCurrent(LedgerId(ledger));
      if (!current) {
        ReadView(runner.reading(), LedgerId(ledger));
        return false;
      }
      ReadView view(runner.written());
      for (const Projection* projection : projections) {
        if (!runner.KeepsUp(projection->name())) continue;
        EXPECT_GE(view.NextSequence(projection->name(), LedgerId(ledger)).value(), appended) << projection->name();
      }
      return true;
    }));
  }
}

TEST(Runner, WhatIsCurrentIsInTheStore) {
  for (const uint32_t partitions : {1u, 2u}) {
    TestLog log;
    RecordingKvStore store;
    const auto runner = StartRunner(log, store, AllProjections(), 500, partitions);
    ExpectCurrentIsWritten(log, store, *runner, "before");
    ASSERT_TRUE(runner->Rebuild("resources").ok());
    ExpectCurrentIsWritten(log, store, *runner, "during");
    ASSERT_TRUE(WaitUntilCaughtUp(*runner, log));
    EXPECT_TRUE(WaitUntil([&] { return runner->IsCurrent(LedgerId("of-which-there-is-nothing")); }));
  }
}

TEST(Runner, AFailingStoreIsTriedAgain) {
  TestLog log;
  log.AddRandomHistory(3, 50, 6);
  RecordingKvStore store;
  const auto runner = StartRunner(log, store, AllProjections(), 10);
  ASSERT_TRUE(WaitUntilCaughtUp(*runner, log));
  store.FailWrites(2);
  log.AddRandomHistory(3, 50, 7);
  EXPECT_TRUE(WaitUntil([&] { return !runner->Trouble().ok(); }));
  ASSERT_TRUE(WaitUntilCaughtUp(*runner, log));
  EXPECT_TRUE(WaitUntil([&] { return runner->Trouble().ok(); }));
  EXPECT_EQ(DigestsOf(store, log, AllProjections()), ProjectAfresh(log));
}

uint64_t LiveGeneration(const Runner& runner, const std::string& projection) {
  for (const ProjectionStatus& status : runner.Status()) {
    if (status.name == projection) return status.catalog.live();
  }
  return 0;
}

TEST(Runner, ARebuiltProjectionTakesOverAlthoughAWriteFailsBeforeItDoes) {
  for (const uint32_t partitions : {1u, 2u}) {
    TestLog log;
    log.AddRandomHistory(3, 200, 6);
    RecordingKvStore store;
    const auto runner = StartRunner(log, store, AllProjections(), 1000, partitions);
    ASSERT_TRUE(WaitUntilCaughtUp(*runner, log));
    // The first one is the rebuild's own; then come each worker's rows, and in the end that it is switched over.
    int troubled = 0;
    for (int first = 1; first <= 8; ++first) {
      const uint64_t before = LiveGeneration(*runner, "resources");
      store.FailWrites(2, first);
      ASSERT_TRUE(runner->Rebuild("resources").ok());
      bool trouble = false;
      EXPECT_TRUE(WaitUntil([&] {
        trouble = trouble || !runner->Trouble().ok();
        return LiveGeneration(*runner, "resources") != before;
      }));
      troubled += trouble;
      store.FailWrites(0);
      EXPECT_TRUE(WaitUntil([&] { return runner->Trouble().ok(); }));
    }
    EXPECT_GT(troubled, 0);
    ASSERT_TRUE(WaitUntilCaughtUp(*runner, log));
    EXPECT_EQ(DigestsOf(store, log, AllProjections()), ProjectAfresh(log));
  }
}

// Reads fail for a while.
class UnreadableStore final : public RecordingKvStore {
 public:
  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const override {
    if (key.starts_with('a') && failing > 0 && failing-- > 0) return absl::UnavailableError("told to fail");
    return RecordingKvStore::Get(key);
  }
  mutable std::atomic<int> failing{0};
};

TEST(Runner, AStoreThatCannotBeReadAtFirstIsTriedAgain) {
  TestLog log;
  log.AddRandomHistory(3, 50, 6);
  UnreadableStore store;
  store.failing = 3;
  const auto runner = StartRunner(log, store, AllProjections());
  ASSERT_TRUE(WaitUntilCaughtUp(*runner, log));
  EXPECT_LE(store.failing, 0);
  EXPECT_EQ(DigestsOf(store, log, AllProjections()), ProjectAfresh(log));
}

TEST(Runner, ARebuiltProjectionTakesOverWhileEntriesKeepComing) {
  TestLog log;
  log.AddRandomHistory(3, 500, 6);
  const auto store = NewMemoryKvStore();
  const auto runner = StartRunner(log, *store, AllProjections(), 500, 2);
  ASSERT_TRUE(WaitUntilCaughtUp(*runner, log));
  std::atomic<bool> stop = false;
  std::vector<std::thread> writers;
  for (const char* ledger : {"a", "b", "c"}) {
    writers.emplace_back([&, ledger] {
      for (int i = 0; !stop; ++i) log.Propose(ledger, "d" + std::to_string(i % 50));
    });
  }
  const uint64_t before = LiveGeneration(*runner, "resources");
  ASSERT_TRUE(runner->Rebuild("resources").ok());
  // Whoever reads meanwhile sees what was there before.
  uint64_t seen = 0, went_back = 0;
  EXPECT_TRUE(WaitUntil([&] {
    for (int i = 0; i < 100; ++i) {
      const uint64_t next = ReadView(runner->written()).NextSequence("resources", LedgerId("l0")).value();
      went_back += next < seen;
      seen = next;
    }
    return LiveGeneration(*runner, "resources") != before;
  }));
  EXPECT_GT(seen, 0u);
  EXPECT_EQ(went_back, 0u);
  ReadView view(runner->written());
  EXPECT_EQ((*view.Live("resources"))->row.number(), LiveGeneration(*runner, "resources"));
  EXPECT_EQ((*ReadView(*store).Live("resources"))->row.number(), LiveGeneration(*runner, "resources"));
  stop = true;
  for (std::thread& writer : writers) writer.join();
  ASSERT_TRUE(WaitUntilCaughtUp(*runner, log));
  EXPECT_EQ(DigestsOf(*store, log, AllProjections()), ProjectAfresh(log));
}

// Has as much to merge as it is told.
class MergingStore final : public RecordingKvStore {
 public:
  bool StartMerging() override {
    ++asked;
    return to_merge > 0 && to_merge-- > 0;
  }
  std::atomic<int> asked{0}, to_merge{0};
};

TEST(Runner, WhenLittleComesTheStoreIsAskedToMergeUntilItHas) {
  TestLog log;
  MergingStore store;
  store.to_merge = 3;
  RunnerOptions options{.log = &log.log(), .store = &store, .projections = AllProjections()};
  options.quiet_period = absl::Milliseconds(1);
  auto runner = Runner::Start(std::move(options));
  ASSERT_TRUE(runner.ok()) << runner.status();
  EXPECT_TRUE(WaitUntil([&] { return store.asked >= 4; }));
  int looks = 0;  // Many a quiet period.
  EXPECT_TRUE(WaitUntil([&] { return ++looks == 20; }));
  EXPECT_EQ(store.asked, 4) << "it had said that there was nothing";
  log.Propose("a", "d1");
  EXPECT_TRUE(Applied(**runner, "resources", "a", 0).ok());
  EXPECT_TRUE(WaitUntil([&] { return store.asked >= 5; })) << "what is new may be merged, too";
}

TEST(Runner, AnotherIncarnationOfTheLogEmptiesTheStore) {
  TestLog first(1, "one"), restored(1, "two");
  first.AddRandomHistory(3, 100, 1);
  restored.AddRandomHistory(3, 40, 2);
  const auto store = NewMemoryKvStore();
  Project(first, *store);
  EXPECT_EQ(Project(restored, *store), ProjectAfresh(restored));
}

TEST(Runner, AStoreAheadOfTheLogIsEmptied) {
  TestLog longer, shorter;
  longer.AddRandomHistory(3, 100, 1);
  shorter.AddRandomHistory(3, 40, 2);
  const auto store = NewMemoryKvStore();
  Project(longer, *store);
  EXPECT_EQ(Project(shorter, *store), ProjectAfresh(shorter));
}

}  // namespace
}  // namespace parley::test
