// The runner's promises: rows depend on a ledger's entries only, whatever the batches, partitions, crashes and
// rebuilds.
#include "projections/runner.h"

#include <atomic>
#include <future>
#include <thread>

#include "eventstore/base/status.h"
#include "projections/read_view.h"
#include "projections/store_keys.h"
#include "tests/projections/runner_fixture.h"

namespace parley::test {
namespace {

class RunnerBatches : public testing::TestWithParam<std::tuple<size_t, uint32_t, uint32_t>> {};

TEST_P(RunnerBatches, GiveTheSameRows) {
  const auto [batch, partitions, shards] = GetParam();
  TestLog one_shard, log(shards);
  one_shard.AddRandomHistory(5, 300, 11);
  log.AddRandomHistory(5, 300, 11);
  const auto store = NewMemoryKvStore();
  const Digests expected = ProjectAfresh(one_shard);
  EXPECT_EQ(Project(log, *store, batch, partitions), expected);
  // And with other partitions from there on.
  log.AddRandomHistory(5, 100, 12);
  one_shard.AddRandomHistory(5, 100, 12);
  EXPECT_EQ(Project(log, *store, batch, partitions % 3 + 1), ProjectAfresh(one_shard));
  EXPECT_NE(ProjectAfresh(one_shard), expected) << "the digest does not see what was added";
}

INSTANTIATE_TEST_SUITE_P(All, RunnerBatches,
                         testing::Values(std::tuple(1, 1, 1), std::tuple(7, 1, 1), std::tuple(64, 3, 1),
                                         std::tuple(5, 2, 3), std::tuple(1000, 4, 2)));

TEST(Runner, TellsWhenAnEntryIsApplied) {
  TestLog log;
  const auto store = NewMemoryKvStore();
  const auto runner = StartRunner(log, *store, AllProjections());
  const uint64_t first = log.Propose("a", "d1");
  EXPECT_TRUE(Applied(*runner, "resources", "a", first).ok());
  EXPECT_TRUE(Applied(*runner, "resources", "a", first).ok()) << "asked afterwards";

  std::atomic<int> told{0}, cancelled{0};
  runner->NotifyWhenApplied("resources", LedgerId("a"), first + 1, [&](const absl::Status& s) { told += s.ok(); });
  const uint64_t id =
      runner->NotifyWhenApplied("resources", LedgerId("a"), first + 2, [&](const absl::Status&) { ++cancelled; });
  EXPECT_TRUE(runner->Cancel(id));
  EXPECT_FALSE(runner->Cancel(id));
  log.Propose("b", "d1");  // Another ledger's entry is not what they wait for.
  EXPECT_TRUE(Applied(*runner, "resources", "b", 0).ok());
  EXPECT_EQ(told, 0);
  log.Propose("a", "d2");
  EXPECT_TRUE(WaitUntil([&] { return told == 1; }));
  log.Propose("a", "d3");
  EXPECT_TRUE(Applied(*runner, "resources", "a", first + 2).ok());
  EXPECT_EQ(cancelled, 0);
  EXPECT_EQ(Applied(*runner, "no-such-model", "a", 0).code(), absl::StatusCode::kNotFound);
}

TEST(Runner, EndsTheWaitingWhenItEnds) {
  TestLog log;
  const auto store = NewMemoryKvStore();
  auto runner = StartRunner(log, *store, AllProjections());
  std::promise<absl::Status> done;
  runner->NotifyWhenApplied("resources", LedgerId("a"), 5, [&](absl::Status s) { done.set_value(s); });
  runner.reset();
  EXPECT_EQ(ReasonOf(done.get_future().get()), v1::REASON_DRAINING);
}

// Writes a row for each decision proposed; fails at the title "poison" if told to; waits at "wait" for its gate.
class Titles final : public Projection {
 public:
  explicit Titles(uint32_t version = 1) : version_(version) {}
  std::string name() const override { return "titles"; }
  uint32_t version() const override { return version_; }
  absl::Status Apply(const RecordedEvent& event, Rows& rows) const override {
    const auto* decision = event.As<v1::DecisionEvent>();
    if (decision == nullptr) return absl::OkStatus();
    rows.PutBytes("seen", std::to_string(event.info.sequence));
    const std::string& title = decision->proposed().title();
    if (title == "poison" && squeamish) return absl::InternalError("cannot stomach it");
    if (title == "wait" && gate.valid()) gate.wait();
    rows.PutBytes(event.info.stream, version_ > 1 ? "v2 " + title : title);
    return absl::OkStatus();
  }
  bool squeamish = true;
  std::shared_future<void> gate;

 private:
  uint32_t version_;
};

std::optional<std::string> Title(const KvStore& store, std::string_view ledger, const std::string& decision) {
  const std::string name = "relationships/" + std::string(ledger) + "/decisions/" + decision;
  return ReadView(store).GetBytes("titles", LedgerId(ledger), name).value();
}

std::vector<const Projection*> With(const Titles& titles) {
  std::vector<const Projection*> out = AllProjections();
  out.push_back(&titles);
  return out;
}

TEST(Runner, APoisonEntryStopsItsLedgerInItsProjectionOnly) {
  TestLog log;
  const auto store = NewMemoryKvStore();
  const Titles titles;
  auto runner = StartRunner(log, *store, With(titles), 3);
  log.Propose("a", "d1");
  log.Propose("a", "d2", "poison");
  log.Propose("a", "d3");
  log.Propose("b", "d1");
  EXPECT_TRUE(Applied(*runner, "titles", "b", 0).ok());
  EXPECT_TRUE(Applied(*runner, "resources", "a", 2).ok());
  EXPECT_TRUE(Applied(*runner, "titles", "a", 0).ok()) << "what stands before it is there";
  EXPECT_EQ(ReasonOf(Applied(*runner, "titles", "a", 1)), v1::REASON_PROJECTION_STOPPED);
  EXPECT_EQ(Title(*store, "a", "d1"), "t");
  EXPECT_EQ(Title(*store, "a", "d3"), std::nullopt);
  ReadView view(*store);
  EXPECT_EQ(view.GetBytes("titles", LedgerId("a"), "seen").value(), "0") << "nothing of the poison entry itself";
  EXPECT_EQ(view.Quarantine("titles", LedgerId("a")).value()->sequence(), 1u);
  EXPECT_EQ(ReasonOf(view.RequireFollowed("titles", LedgerId("a"))), v1::REASON_PROJECTION_STOPPED);
  EXPECT_TRUE(view.RequireFollowed("resources", LedgerId("a")).ok());
  const auto said_to_readers = [&] {
    return ReasonOf(ReadView(runner->written()).RequireFollowed("titles", LedgerId("a")));
  };
  EXPECT_EQ(said_to_readers(), v1::REASON_PROJECTION_STOPPED);
  EXPECT_TRUE(ReadView(runner->written()).RequireFollowed("resources", LedgerId("a")).ok());

  // Started again, it still stands there; whoever waits is told.
  runner.reset();
  runner = StartRunner(log, *store, With(titles), 3);
  EXPECT_EQ(said_to_readers(), v1::REASON_PROJECTION_STOPPED);
  log.Propose("a", "d4");
  EXPECT_EQ(ReasonOf(Applied(*runner, "titles", "a", 3)), v1::REASON_PROJECTION_STOPPED);

  // A fixed build goes on from there.
  runner.reset();
  Titles fixed;
  fixed.squeamish = false;
  runner = StartRunner(log, *store, With(fixed), 1);
  ASSERT_TRUE(WaitUntilCaughtUp(*runner, log));
  EXPECT_TRUE(Applied(*runner, "titles", "a", 3).ok());
  EXPECT_EQ(Title(*store, "a", "d4"), "t");
  EXPECT_TRUE(ReadView(*store).RequireFollowed("titles", LedgerId("a")).ok());
  const Digests resumed = DigestsOf(*store, log, With(fixed));
  runner.reset();
  const auto fresh = NewMemoryKvStore();
  runner = StartRunner(log, *fresh, With(fixed));
  ASSERT_TRUE(WaitUntilCaughtUp(*runner, log));
  EXPECT_EQ(DigestsOf(*fresh, log, With(fixed)), resumed);
  runner.reset();
}

TEST(Runner, WhatStopsInTheMiddleOfABatchSharesNothingWithWhatGoesOn) {
  TestLog log;
  const std::string d1 = "relationships/a/decisions/d1";
  const auto give_input = [&](const std::string& text) {
    v1::DecisionEvent event;
    event.mutable_input_given()->set_text(text);
    log.Add("a", d1, event);
  };
  log.Propose("a", "d1");
  log.Propose("a", "d2", "poison");
  give_input("after it");
  give_input("and again");
  Keeper keeper;
  std::vector<const Projection*> models = AllProjections();
  models.push_back(&keeper);
  const auto store = NewMemoryKvStore();
  const auto kept = [&] { return ReadView(*store).Get<v1::Decision>("keeper", LedgerId("a"), d1).value(); };
  // All of it is there before the runner starts: one batch.
  auto runner = StartRunner(log, *store, models);
  ASSERT_TRUE(WaitUntilCaughtUp(*runner, log));
  ASSERT_EQ(ReasonOf(Applied(*runner, "keeper", "a", 1)), v1::REASON_PROJECTION_STOPPED);
  ASSERT_TRUE(kept().has_value());
  EXPECT_EQ(kept()->inputs_size(), 0) << "as of the last entry before the poison";
  EXPECT_EQ(kept()->etag(), "0");

  runner.reset();
  keeper.squeamish = false;
  runner = StartRunner(log, *store, models);
  ASSERT_TRUE(WaitUntilCaughtUp(*runner, log));
  EXPECT_EQ(kept()->inputs_size(), 2) << "each folded in once";
  const Digests resumed = DigestsOf(*store, log, models);
  runner.reset();
  const auto fresh = NewMemoryKvStore();
  runner = StartRunner(log, *fresh, models);
  ASSERT_TRUE(WaitUntilCaughtUp(*runner, log));
  EXPECT_EQ(DigestsOf(*fresh, log, models), resumed);
  runner.reset();
}

TEST(Runner, AnEntryOfAnUnknownKindStopsItsLedgerEverywhere) {
  TestLog log;
  const auto store = NewMemoryKvStore();
  const auto runner = StartRunner(log, *store, AllProjections());
  log.Propose("a", "d1");
  log.AddUnknown("a");
  log.Propose("b", "d1");
  EXPECT_TRUE(Applied(*runner, "resources", "b", 0).ok());
  for (const Projection* projection : AllProjections()) {
    EXPECT_EQ(ReasonOf(Applied(*runner, projection->name(), "a", 1)), v1::REASON_PROJECTION_STOPPED);
    EXPECT_TRUE(Applied(*runner, projection->name(), "b", 0).ok());
  }
  for (const ProjectionStatus& status : runner->Status()) {
    ASSERT_EQ(status.quarantined.size(), 1u) << status.name;
    EXPECT_EQ(status.quarantined[0].first, LedgerId("a"));
    EXPECT_EQ(status.quarantined[0].second.event_type(), "marvel.happened");
    EXPECT_EQ(status.entries_behind, 0u) << "one ledger that stopped is not being behind";
  }
}

TEST(Runner, ANewVersionIsBuiltBesideTheOldOneAndThenSwitchedTo) {
  TestLog log;
  const auto store = NewMemoryKvStore();
  const Titles v1;
  Titles v2(2);
  {
    const auto runner = StartRunner(log, *store, {&v1});
    log.Propose("a", "d1");
    log.Propose("b", "d1", "wait");
    ASSERT_TRUE(WaitUntilCaughtUp(*runner, log));
  }
  std::promise<void> gate;
  v2.gate = gate.get_future().share();
  const auto runner = StartRunner(log, *store, {&v1, &v2}, 1, 2);
  // The old one serves and follows, in the partition that is not held up.
  EXPECT_EQ(Title(*store, "a", "d1"), "t");
  EXPECT_TRUE(runner->Status()[0].rebuilding);
  EXPECT_EQ(runner->Rebuild("titles").code(), absl::StatusCode::kAborted);
  std::promise<absl::Status> waiting;
  runner->NotifyWhenApplied("titles", LedgerId("b"), 1, [&](absl::Status s) { waiting.set_value(s); });
  gate.set_value();
  ASSERT_TRUE(WaitUntilCaughtUp(*runner, log));
  EXPECT_EQ(Title(*store, "a", "d1"), "v2 t");
  log.Propose("b", "d2");
  EXPECT_TRUE(waiting.get_future().get().ok());
  EXPECT_EQ(Title(*store, "b", "d2"), "v2 t");

  const v1::ProjectionCatalog catalog = runner->Status()[0].catalog;
  EXPECT_EQ(catalog.last_switch().from_version(), 1u);
  EXPECT_EQ(catalog.last_switch().to_version(), 2u);
  EXPECT_EQ(catalog.last_switch().ledgers_changed(), 2u);
  EXPECT_EQ(catalog.last_switch().rows_before(), 4u);
  EXPECT_EQ(catalog.last_switch().rows_after(), 4u);
  ASSERT_EQ(catalog.generations_size(), 1);
  // Nothing of the old one is left.
  for (const char space : store_keys::kGenerationSpaces) {
    const std::string from = store_keys::Space(space, catalog.last_switch().from_generation());
    EXPECT_TRUE(store
                    ->Scan(from, PrefixEnd(from),
                           [&](std::string_view key, std::string_view) {
                             ADD_FAILURE() << "left behind: " << testing::PrintToString(key);
                             return true;
                           })
                    .ok());
  }
}

TEST(Runner, AVersionThatIsNoLongerInTheCodeIsReadUntilTheNewOneIsThere) {
  TestLog log;
  const auto store = NewMemoryKvStore();
  const Titles v1;
  Titles v2(2);
  {
    const auto runner = StartRunner(log, *store, {&v1});
    log.Propose("a", "d1", "wait");
    ASSERT_TRUE(WaitUntilCaughtUp(*runner, log));
  }
  std::promise<void> gate;
  v2.gate = gate.get_future().share();
  const auto runner = StartRunner(log, *store, {&v2});
  EXPECT_EQ(Title(*store, "a", "d1"), "wait");
  std::promise<absl::Status> waiting;
  runner->NotifyWhenApplied("titles", LedgerId("a"), 1, [&](absl::Status s) { waiting.set_value(s); });
  log.Propose("a", "d2");
  EXPECT_EQ(Title(*store, "a", "d2"), std::nullopt);
  gate.set_value();
  EXPECT_TRUE(waiting.get_future().get().ok()) << "who waited for the old one is served by the new one";
  EXPECT_EQ(Title(*store, "a", "d2"), "v2 t");
}

TEST(Runner, ARebuildFindsAndMendsDamage) {
  TestLog log;
  log.AddRandomHistory(4, 100, 3);
  const auto store = NewMemoryKvStore();
  const auto runner = StartRunner(log, *store, AllProjections());
  ASSERT_TRUE(WaitUntilCaughtUp(*runner, log));
  const Digests before = DigestsOf(*store, log, AllProjections());

  const auto rebuilt = [&] {
    EXPECT_TRUE(runner->Rebuild("resources").ok());
    EXPECT_TRUE(WaitUntilCaughtUp(*runner, log));
    for (const ProjectionStatus& status : runner->Status()) {
      if (status.name == "resources") return status.catalog;
    }
    return v1::ProjectionCatalog();
  };
  v1::ProjectionCatalog catalog = rebuilt();
  EXPECT_EQ(catalog.last_switch().ledgers_same(), 4u);
  EXPECT_EQ(catalog.last_switch().ledgers_changed(), 0u);
  EXPECT_EQ(catalog.last_switch().ledgers_not_comparable(), 0u);

  KvBatch damage;
  damage.Put(store_keys::Row(catalog.live(), "l2", "decisions"), "not what was folded");
  ASSERT_TRUE(store->Write(damage).ok());
  catalog = rebuilt();
  EXPECT_EQ(catalog.last_switch().ledgers_same(), 3u);
  ASSERT_EQ(catalog.last_switch().changes_size(), 1);
  EXPECT_EQ(catalog.last_switch().changes(0).ledger(), "l2");
  EXPECT_EQ(catalog.last_switch().changes(0).rows_before(), catalog.last_switch().changes(0).rows_after() + 1);
  EXPECT_EQ(DigestsOf(*store, log, AllProjections()), before);
  EXPECT_EQ(runner->Rebuild("no-such-model").code(), absl::StatusCode::kNotFound);
}

TEST(Runner, GoesOnFromAnyWriteOfASwitch) {
  TestLog log;
  log.Propose("a", "d1");
  log.Propose("b", "d1");
  const Titles v1, v2(2);
  RecordingKvStore store;
  for (const auto* version : {&v1, &v2}) {
    const auto runner = StartRunner(log, store, {version}, 1);
    ASSERT_TRUE(WaitUntilCaughtUp(*runner, log));
  }
  for (size_t writes = 0; writes <= store.writes(); ++writes) {
    const auto left = store.AfterCrash(writes);
    const auto runner = StartRunner(log, *left, {&v2}, 1);
    ASSERT_TRUE(WaitUntilCaughtUp(*runner, log));
    EXPECT_EQ(Title(*left, "b", "d1"), "v2 t") << "after a crash with " << writes << " writes there";
    EXPECT_EQ(runner->Status()[0].catalog.generations_size(), 1);
  }
}

TEST(Runner, AProjectionThatTheCodeKnowsNoMoreIsRemoved) {
  TestLog log;
  log.Propose("a", "d1");
  const auto store = NewMemoryKvStore();
  const Titles titles;
  {
    const auto runner = StartRunner(log, *store, {&titles});
    ASSERT_TRUE(WaitUntilCaughtUp(*runner, log));
  }
  const auto runner = StartRunner(log, *store, {});
  EXPECT_EQ(ReadView(*store).Digest("titles", LedgerId("a")).status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(store
                  ->Scan("r", "s",
                         [](std::string_view, std::string_view) {
                           ADD_FAILURE() << "a row is left";
                           return true;
                         })
                  .ok());
}

TEST(Runner, TellsHowFarBehindItIs) {
  TestLog log;
  const auto store = NewMemoryKvStore();
  Titles titles;
  std::promise<void> gate;
  titles.gate = gate.get_future().share();
  const auto runner = StartRunner(log, *store, {&titles}, 1);
  EXPECT_TRUE(WaitUntilCaughtUp(*runner, log));
  EXPECT_EQ(runner->Status()[0].time_behind, absl::ZeroDuration());
  log.Propose("a", "d1", "wait");
  log.Propose("a", "d2");
  log.Propose("b", "d1");
  EXPECT_EQ(runner->Status()[0].entries_behind, 3u);
  EXPECT_TRUE(WaitUntil([&] { return runner->Status()[0].time_behind > absl::ZeroDuration(); }));
  gate.set_value();
  EXPECT_TRUE(WaitUntil([&] { return runner->Status()[0].entries_behind == 0; }));
  EXPECT_TRUE(WaitUntil([&] { return runner->Status()[0].time_behind == absl::ZeroDuration(); }));
}

}  // namespace
}  // namespace parley::test
