// A replayed store says what the live one says, whatever a reader is not shown.
#include "projections/replayed_store.h"

#include <gtest/gtest.h>

#include "eventstore/base/status.h"
#include "eventstore/kv_memory.h"
#include "parley/v1/decision.pb.h"
#include "projections/resources.h"
#include "projections/runner.h"
#include "projections/store_keys.h"
#include "tests/support/test_log.h"

namespace parley::test {
namespace {

std::unique_ptr<ReplayedStore> Empty() {
  auto store = ReplayedStore::Make(NewMemoryKvStore(), AllProjections());
  EXPECT_TRUE(store.ok()) << store.status();
  return *std::move(store);
}

std::vector<Entry> EntriesOf(TestLog& log, const LedgerId& ledger) {
  auto entries = log.log().Read(ledger, 0, {.entries = 100'000, .bytes = 1 << 30});
  EXPECT_TRUE(entries.ok()) << entries.status();
  return *std::move(entries);
}

// "name digest" of each, for comparisons that read well.
std::vector<std::string> Lines(const absl::StatusOr<std::vector<v1::ReadModelDigest>>& digests) {
  EXPECT_TRUE(digests.ok()) << digests.status();
  std::vector<std::string> out;
  for (const auto& digest : *digests) out.push_back(digest.ShortDebugString());
  return out;
}

class ReplayedStoreTest : public testing::Test {
 protected:
  ReplayedStoreTest() {
    log_.AddRandomHistory(2, 1500, 8);  // More than a batch in each ledger.
    auto runner = Runner::Start({.log = &log_.log(), .store = live_.get(), .projections = AllProjections()});
    EXPECT_TRUE(runner.ok());
    EXPECT_TRUE(WaitUntilCaughtUp(**runner, log_));
  }
  absl::StatusOr<std::vector<v1::ReadModelDigest>> Live(uint64_t* size) {
    ReadView view(*live_);
    return LiveDigests(view, ledger_, size);
  }

  const LedgerId ledger_{"l1"};
  TestLog log_;
  std::unique_ptr<KvStore> live_ = NewMemoryKvStore();
};

TEST_F(ReplayedStoreTest, DigestsAreThoseOfTheLiveStore) {
  const auto entries = EntriesOf(log_, ledger_);
  ASSERT_GT(entries.size(), 600u);
  const auto everything = Empty(), as_other_party = Empty();
  size_t joint = 0;
  for (const Entry& entry : entries) {
    ASSERT_TRUE(everything->Add(entry).ok());
    Entry header_only{.header = entry.header};
    ASSERT_TRUE(entry.joint() ? as_other_party->Add(entry).ok() : as_other_party->Skip(header_only).ok());
    joint += entry.joint();
  }
  ASSERT_LT(joint, entries.size());
  uint64_t size = 0;
  const auto live = Lines(Live(&size));
  EXPECT_EQ(size, entries.size());
  EXPECT_EQ(Lines(everything->Digests(ledger_)), live);
  EXPECT_EQ(Lines(as_other_party->Digests(ledger_)), live) << "what is withheld changes nothing joint";
  EXPECT_EQ(everything->folded(), entries.size());
  EXPECT_EQ(as_other_party->folded(), joint);
  EXPECT_EQ(as_other_party->size(), entries.size());

  const auto digests = *everything->Digests(ledger_);
  for (size_t i = 0; i < digests.size(); ++i) {
    EXPECT_NE(digests[i].model(), OwnResourcesProjection::kName);
    EXPECT_EQ(digests[i].sha256().size(), 32u);
    if (i > 0) {
      EXPECT_LT(digests[i - 1].model(), digests[i].model());
    }
  }
}

TEST_F(ReplayedStoreTest, ASkippedJointEntryChangesTheDigests) {
  const auto store = Empty();
  for (const Entry& entry : EntriesOf(log_, ledger_)) {
    ASSERT_TRUE(entry.sequence() == 7 ? store->Skip(entry).ok() : store->Add(entry).ok());
  }
  uint64_t size = 0;
  EXPECT_NE(Lines(store->Digests(ledger_)), Lines(Live(&size)));
}

TEST_F(ReplayedStoreTest, WhatIsJointAndWhatIsAPartysOwnAreReadModelsApart) {
  const auto store = Empty();
  for (const Entry& entry : EntriesOf(log_, ledger_)) ASSERT_TRUE(store->Add(entry).ok());
  const auto replayed = store->View();
  ASSERT_TRUE(replayed.ok()) << replayed.status();
  ReadView live(*live_);
  size_t rows = 0;
  for (const char* owner : {"", "buyer"}) {
    for (const char* model : {ResourcesProjection::kName, OwnResourcesProjection::kName}) {
      for (const char* id : {"d0", "d1", "d2", "d3"}) {
        const std::string key = ResourceRows::Key({ledger_, owner, "decisions", id});
        const auto row = (*replayed)->GetBytes(model, ledger_, key);
        ASSERT_TRUE(row.ok()) << row.status();
        EXPECT_EQ(row->has_value(), model == ResourceRows::ModelOf(owner)) << model << " of " << owner;
        EXPECT_EQ(*row, *live.GetBytes(model, ledger_, key));
        rows += row->has_value();
      }
    }
  }
  EXPECT_EQ(rows, 8u);
  EXPECT_EQ(*(*replayed)->Digest(OwnResourcesProjection::kName, ledger_),
            *live.Digest(OwnResourcesProjection::kName, ledger_));
}

TEST_F(ReplayedStoreTest, StopsAtAnEntryItCannotFoldInAndAtAGap) {
  log_.AddUnknown("l1");
  const auto entries = EntriesOf(log_, ledger_);
  const auto store = Empty();
  absl::Status last;
  for (const Entry& entry : entries) last = store->Add(entry);
  EXPECT_EQ(ReasonOf(last), v1::REASON_PROJECTION_STOPPED) << last;
  EXPECT_EQ(store->size(), entries.size() - 1);

  const auto gap = Empty();
  ASSERT_TRUE(gap->Add(entries[0]).ok());
  EXPECT_EQ(ReasonOf(gap->Add(entries[2])), v1::REASON_PROJECTION_STOPPED);
  const auto skipped_over = Empty();
  ASSERT_TRUE(skipped_over->Add(entries[0]).ok());
  EXPECT_EQ(ReasonOf(skipped_over->Skip(entries[2])), v1::REASON_PROJECTION_STOPPED);
}

TEST_F(ReplayedStoreTest, LiveDigestsWantEveryReadModelEquallyFarAndOfThisVersion) {
  uint64_t size = 0;
  ASSERT_TRUE(Live(&size).ok());
  const auto put = [&](const std::string& key, std::string value) {
    KvBatch batch;
    batch.Put(key, std::move(value));
    ASSERT_TRUE(live_->Write(batch).ok());
  };
  ReadView view(*live_);
  const uint64_t overview = (*view.Live("overview"))->row.number();
  std::string further, as_it_was;
  AppendOrdered(further, size + 1);
  AppendOrdered(as_it_was, size);
  put(store_keys::Applied(overview, "l1"), further);
  EXPECT_TRUE(absl::IsUnavailable(Live(&size).status())) << "not equally far";
  put(store_keys::Applied(overview, "l1"), as_it_was);
  ASSERT_TRUE(Live(&size).ok());

  v1::ProjectionCatalog catalog;
  ASSERT_TRUE(catalog.ParseFromString(**live_->Get(store_keys::Catalog("overview"))));
  catalog.mutable_generations(0)->set_version(1);
  put(store_keys::Catalog("overview"), catalog.SerializeAsString());
  EXPECT_TRUE(absl::IsUnavailable(Live(&size).status())) << "of another version";
}

TEST_F(ReplayedStoreTest, LiveDigestsSayWhatStopped) {
  log_.AddUnknown("l1");
  auto runner = Runner::Start({.log = &log_.log(), .store = live_.get(), .projections = AllProjections()});
  ASSERT_TRUE(runner.ok());
  ASSERT_TRUE(WaitUntilCaughtUp(**runner, log_));
  uint64_t size = 0;
  EXPECT_EQ(ReasonOf(Live(&size).status()), v1::REASON_PROJECTION_STOPPED);
}

}  // namespace
}  // namespace parley::test
