// Folds: what they hold in memory, and what a poison entry leaves behind.
#include "projections/fold.h"

#include <gtest/gtest.h>

#include "eventstore/base/ordered.h"
#include "eventstore/base/status.h"
#include "parley/v1/decision.pb.h"
#include "projections/store_keys.h"
#include "tests/projections/runner_fixture.h"

namespace parley::test {
namespace {

class FoldTest : public testing::Test {
 protected:
  std::vector<Entry> Entries(uint64_t from) { return log_.log().Read(LedgerId("a"), from, {}).value(); }

  TestLog log_;
  std::unique_ptr<KvStore> store_ = NewMemoryKvStore();
  const Keeper keeper_;
  Generation generation_{keeper_, 1, 1, 1};
};

TEST_F(FoldTest, RowsThatAreReadCountAsMemory) {
  log_.Propose("a", "large", std::string(10'000, 'x'));
  {
    Fold fold(*store_, nullptr);
    ASSERT_TRUE(fold.Add(Entries(0)[0], {&generation_}).ok());
    KvBatch batch;
    ASSERT_TRUE(fold.MoveInto(batch).ok());
    ASSERT_TRUE(store_->Write(batch).ok());
  }
  v1::DecisionEvent event;
  event.mutable_input_given()->set_text("short");
  log_.Add("a", "relationships/a/decisions/large", event);
  const Entry small = Entries(1)[0];
  Fold fold(*store_, nullptr);
  ASSERT_TRUE(fold.Add(small, {&generation_}).ok());
  EXPECT_GT(fold.bytes(), 10'000u) << "the decision was read, and stays until it is moved";
  KvBatch batch;
  ASSERT_TRUE(fold.MoveInto(batch).ok());
  ASSERT_TRUE(store_->Write(batch).ok());
  log_.Propose("a", "d2");
  ASSERT_TRUE(fold.Add(Entries(2)[0], {&generation_}).ok());
  EXPECT_LT(fold.bytes(), 10'000u) << "nothing is kept here from batch to batch";
  EXPECT_FALSE(fold.first_stopped().has_value());
}

// A ledger that takes up most of what may be kept would else be written again and again.
TEST_F(FoldTest, RowsThatAreKeptDoNotMakeItFull) {
  constexpr size_t kKeep = 100'000;
  Fold fold(*store_, nullptr, Fold::Mode::kFollow, kKeep);
  log_.Propose("a", "large", std::string(30'000, 'x'));  // Three bytes of memory for each, and a little more.
  size_t writes = 0;
  for (uint64_t next = 0; next < 300; ++next) {
    if (next > 0) log_.Propose("a", "d" + std::to_string(next % 5));
    ASSERT_TRUE(fold.Add(Entries(next)[0], {&generation_}).ok());
    if (!fold.full()) continue;
    KvBatch batch;
    ASSERT_TRUE(fold.MoveInto(batch).ok());
    ASSERT_TRUE(store_->Write(batch).ok());
    EXPECT_FALSE(fold.full()) << "nothing is to be moved";
    ++writes;
  }
  EXPECT_FALSE(fold.first_stopped().has_value());
  EXPECT_GT(writes, 1u);
  EXPECT_LT(writes, 15u);
}

TEST_F(FoldTest, WhatCannotBeReadAgainIsWhereALedgerStops) {
  log_.Propose("a", "d1");
  log_.Propose("a", "d2");
  log_.Propose("a", "d3", "poison");
  const auto read_again = [&](const LedgerId&, uint64_t first) -> absl::StatusOr<std::vector<Entry>> {
    if (first > 0) return Reject(v1::REASON_LEDGER_QUARANTINED, "it is damaged");
    std::vector<Entry> entries = Entries(0);
    entries.resize(1);
    return entries;
  };
  Fold fold(*store_, read_again);
  for (const Entry& entry : Entries(0)) ASSERT_TRUE(fold.Add(entry, {&generation_}).ok());
  ASSERT_TRUE(fold.first_stopped().has_value());
  KvBatch batch;
  ASSERT_TRUE(fold.MoveInto(batch).ok());
  ASSERT_TRUE(store_->Write(batch).ok());
  const auto has = [&](const std::string& decision) {
    return store_->Get(store_keys::Row(1, "a", "relationships/a/decisions/" + decision)).value().has_value();
  };
  EXPECT_TRUE(has("d1"));
  EXPECT_FALSE(has("d2"));
  EXPECT_EQ(ParseOrdered(*store_->Get(store_keys::Applied(1, "a")).value()), 1u);
  EXPECT_TRUE(store_->Get(store_keys::Quarantine(1, "a")).value().has_value());
}

}  // namespace
}  // namespace parley::test
