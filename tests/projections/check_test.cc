#include "projections/check.h"

#include <gtest/gtest.h>

#include "eventstore/kv_memory.h"
#include "projections/runner.h"
#include "projections/store_keys.h"
#include "tests/support/test_log.h"

namespace parley::test {
namespace {

class CheckReadStoreTest : public testing::Test {
 protected:
  CheckReadStoreTest() {
    log_.AddRandomHistory(3, 100, 4);
    Follow();
    log_.AddRandomHistory(3, 50, 5);  // Not folded in yet: no fault.
  }
  void Follow() {
    auto runner = Runner::Start({.log = &log_.log(), .store = store_.get(), .projections = AllProjections()});
    EXPECT_TRUE(runner.ok());
    EXPECT_TRUE(WaitUntilCaughtUp(**runner, log_));
    for (const auto& status : (*runner)->Status()) live_[status.name] = status.catalog.live();
  }
  std::vector<std::string> Findings() {
    auto findings = CheckReadStore(log_.log(), *store_, *NewMemoryKvStore(), AllProjections());
    EXPECT_TRUE(findings.ok()) << findings.status();
    return *std::move(findings);
  }
  void Write(const std::string& key, const std::string& value) {
    KvBatch batch;
    batch.Put(key, value);
    ASSERT_TRUE(store_->Write(batch).ok());
  }

  TestLog log_;
  std::unique_ptr<KvStore> store_ = NewMemoryKvStore();
  std::map<std::string, uint64_t> live_;
};

TEST_F(CheckReadStoreTest, FindsNothingWhereNothingIsWrong) {
  EXPECT_EQ(Findings(), std::vector<std::string>());
  Follow();
  EXPECT_EQ(Findings(), std::vector<std::string>());
  log_.AddUnknown("l1");
  log_.Propose("l1", "behind-the-poison");
  Follow();
  EXPECT_EQ(Findings(), std::vector<std::string>()) << "a ledger that stopped has what stands before it";
}

TEST_F(CheckReadStoreTest, FindsARowTooManyARowTooFewAndARowThatDiffers) {
  const uint64_t resources = live_["resources"];
  Write(store_keys::Row(resources, "l0", "zzz"), "");
  EXPECT_EQ(Findings().size(), 1u);
  std::string some_row;
  const std::string first = store_keys::Row(live_["decision-register"], "l2", "");
  ASSERT_TRUE(store_
                  ->Scan(first, PrefixEnd(first),
                         [&](std::string_view key, std::string_view) {
                           some_row = key;
                           return false;
                         })
                  .ok());
  ASSERT_NE(some_row, "");
  Write(some_row, "something else");
  EXPECT_EQ(Findings().size(), 2u);
  ASSERT_TRUE(store_
                  ->DeleteRange(store_keys::Row(live_["overview"], "l1", ""),
                                store_keys::Row(live_["overview"], "l1", "overview/"))
                  .ok());
  EXPECT_EQ(Findings().size(), 3u);
}

TEST_F(CheckReadStoreTest, FindsAStoreThatClaimsTooMuch) {
  std::string next;
  AppendOrdered(next, 10'000);
  Write(store_keys::Applied(live_["resources"], "l0"), next);
  ASSERT_EQ(Findings().size(), 1u);
  EXPECT_NE(Findings()[0].find("claims"), std::string::npos);
}

}  // namespace
}  // namespace parley::test
