// Rows of several kinds in one pass, out of a read store that is put together by hand.
#include "services/query/scan_rows.h"

#include <gtest/gtest.h>

#include "eventstore/base/status.h"
#include "eventstore/kv_memory.h"
#include "parley/v1/relationship.pb.h"
#include "projections/store_keys.h"

namespace parley {
namespace {

class ScanRowsTest : public ::testing::Test {
 protected:
  ScanRowsTest() {
    v1::ProjectionCatalog catalog;
    catalog.set_live(7);
    catalog.add_generations()->set_number(7);
    Put(store_keys::Catalog("model"), catalog.SerializeAsString());
  }
  void Put(const std::string& key, const std::string& value) {
    KvBatch batch;
    batch.Put(key, value);
    ASSERT_TRUE(store_->Write(batch).ok());
  }
  void PutParty(const std::string& ledger, const std::string& key) {
    v1::Party party;
    party.set_party_id(key);
    Put(store_keys::Row(7, ledger, key), party.SerializeAsString());
  }
  absl::Status Scan() {
    ReadView view(*store_);
    return ScanRows(view, "model", LedgerId("acme"), RowsInto{"d/", d_}, RowsInto{"b/", b_});
  }
  static std::vector<std::string> Ids(const std::vector<v1::Party>& parties) {
    std::vector<std::string> out;
    for (const v1::Party& party : parties) out.push_back(party.party_id());
    return out;
  }

  std::unique_ptr<KvStore> store_ = NewMemoryKvStore();
  std::vector<v1::Party> b_, d_;
};

TEST_F(ScanRowsTest, EachKindGetsItsOwnInOrder) {
  for (const char* key : {"a/1", "b/2", "b/1", "c/1", "d/1", "d/9", "e/1", "b"}) PutParty("acme", key);
  PutParty("acmf", "b/3");
  ASSERT_TRUE(Scan().ok());
  EXPECT_EQ(Ids(b_), (std::vector<std::string>{"b/1", "b/2"}));
  EXPECT_EQ(Ids(d_), (std::vector<std::string>{"d/1", "d/9"}));
}

TEST_F(ScanRowsTest, KindsWithoutRowsStayEmpty) {
  for (const char* key : {"a/1", "c/1", "e/1"}) PutParty("acme", key);
  ASSERT_TRUE(Scan().ok());
  EXPECT_TRUE(b_.empty());
  EXPECT_TRUE(d_.empty());
}

TEST_F(ScanRowsTest, ARowThatDoesNotParseIsDataLoss) {
  PutParty("acme", "b/1");
  Put(store_keys::Row(7, "acme", "b/2"), "\xff\xff");
  EXPECT_TRUE(absl::IsDataLoss(Scan()));
}

TEST_F(ScanRowsTest, OnlyRowsThatAreAskedForMustParse) {
  Put(store_keys::Row(7, "acme", "c/1"), "\xff\xff");
  Put(store_keys::Row(7, "acme", "e/1"), "\xff\xff");
  EXPECT_TRUE(Scan().ok());
}

TEST_F(ScanRowsTest, AStoppedModelIsNotRead) {
  PutParty("acme", "b/1");
  v1::ProjectionQuarantine quarantine;
  quarantine.set_sequence(3);
  Put(store_keys::Quarantine(7, "acme"), quarantine.SerializeAsString());
  EXPECT_EQ(ReasonOf(Scan()), v1::REASON_PROJECTION_STOPPED);
  EXPECT_TRUE(b_.empty());
}

}  // namespace
}  // namespace parley
