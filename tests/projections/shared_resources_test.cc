// Resources that several rows share: only where all of them are equally far.
#include "projections/shared_resources.h"

#include <gtest/gtest.h>

#include "eventstore/base/proto_util.h"
#include "eventstore/kv_memory.h"
#include "parley/v1/decision.pb.h"
#include "projections/rows.h"
#include "projections/store_keys.h"
#include "tests/support/world.h"

namespace parley::test {
namespace {

using v1::Decision;

constexpr char kStream[] = "relationships/acme/decisions/d1";

RecordedEvent EventAt(uint64_t sequence, const std::string& input) {
  auto event = std::make_shared<v1::DecisionEvent>();
  event->mutable_input_given()->set_text(input);
  RecordedEvent out{AggregateOfCollection("decisions"), event, "input_given", "", {}};
  out.info.stream = kStream;
  out.info.sequence = sequence;
  out.info.recorded_at = out.info.effective_at = absl::FromUnixSeconds(1'700'000'000 + sequence);
  return out;
}

struct TwoModels {
  std::unique_ptr<KvStore> store = NewMemoryKvStore();
  SharedResources shared;
  LedgerRows first{*store, 1, "acme", shared}, second{*store, 2, "acme", shared};

  void Write(LedgerRows& rows) {
    KvBatch batch;
    rows.MoveInto(batch);
    shared.Forget();
    ASSERT_TRUE(store->Write(batch).ok());
  }
  std::string Stored(uint64_t generation) {
    return store->Get(store_keys::Row(generation, "acme", "row")).value().value_or("");
  }
};

TEST(SharedResources, RowsThatAreEquallyFarAreOne) {
  TwoModels models;
  for (uint64_t sequence : {3, 5, 9}) {
    const RecordedEvent event = EventAt(sequence, std::to_string(sequence));
    const auto& in_first = models.first.Fold<Decision>("row", event);
    EXPECT_EQ(&in_first, &models.second.Fold<Decision>("row", event));
    EXPECT_EQ(in_first.inputs_size(), sequence == 3 ? 1 : sequence == 5 ? 2 : 3) << "folded in once";
  }
  models.Write(models.first);
  models.Write(models.second);
  EXPECT_FALSE(models.Stored(1).empty());
  EXPECT_EQ(models.Stored(1), models.Stored(2));
}

TEST(SharedResources, OneThatIsReadFromTheStoreJoinsTheOther) {
  TwoModels models;
  models.first.Fold<Decision>("row", EventAt(1, "a"));
  models.second.Fold<Decision>("row", EventAt(1, "a"));
  models.Write(models.first);
  models.Write(models.second);
  models.second.Discard();
  const auto& kept = models.first.Fold<Decision>("row", EventAt(2, "b"));
  EXPECT_EQ(&kept, &models.second.Fold<Decision>("row", EventAt(2, "b"))) << "the other one was first";
  models.Write(models.second);
  models.second.Discard();
  EXPECT_EQ(&models.second.Fold<Decision>("row", EventAt(3, "c")),
            &models.first.Fold<Decision>("row", EventAt(3, "c")));
  EXPECT_EQ(kept.inputs_size(), 3);
}

TEST(SharedResources, OneThatIsBehindGoesItsOwnWay) {
  TwoModels models;
  models.first.Fold<Decision>("row", EventAt(1, "a"));
  models.second.Fold<Decision>("row", EventAt(1, "a"));
  models.Write(models.first);
  models.Write(models.second);
  models.first.Fold<Decision>("row", EventAt(2, "b"));
  models.first.Fold<Decision>("row", EventAt(3, "c"));
  models.second.Discard();  // As after an entry that it could not fold in.
  const auto& behind = models.second.Fold<Decision>("row", EventAt(2, "b"));
  EXPECT_EQ(behind.inputs_size(), 2);
  EXPECT_EQ(models.first.Find<Decision>("row")->inputs_size(), 3);
  EXPECT_NE(&behind, models.first.Find<Decision>("row"));
}

TEST(SharedResources, WhatIsChangedInPlaceIsNobodyElses) {
  TwoModels models;
  models.first.Fold<Decision>("row", EventAt(1, "a"));
  models.second.Fold<Decision>("row", EventAt(1, "a"));
  models.first.Mutable<Decision>("row").set_title("mine");
  EXPECT_TRUE(models.second.Find<Decision>("row")->title().empty());
}

TEST(SharedResources, ARowThatDoesNotParseIsNotHandedOn) {
  TwoModels models;
  KvBatch batch;
  batch.Put(store_keys::Row(1, "acme", "row"), "\xff\xff");
  ASSERT_TRUE(models.store->Write(batch).ok());
  models.first.Fold<Decision>("row", EventAt(1, "a"));
  EXPECT_TRUE(absl::IsDataLoss(models.first.status()));
  EXPECT_EQ(models.second.Fold<Decision>("row", EventAt(1, "a")).inputs_size(), 1);
  EXPECT_TRUE(models.second.status().ok());
}

}  // namespace
}  // namespace parley::test
