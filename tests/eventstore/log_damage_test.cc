// What cannot be read is told, never skipped, and stops no more than it must.
#include "eventstore/base/status.h"
#include "gmock/gmock.h"
#include "tests/eventstore/log_contract.h"

namespace parley {
namespace {

using testing::ElementsAre;

class LogDamage : public LogContract {};

TEST_P(LogDamage, AFlippedBitIsNoticedAndStopsOnlyTheLedgersOfItsRecord) {
  MustAppend(MakeCommit({.ledger = "before"}, 2));
  MustAppend(MakeCommit({.ledger = "hurt", .event = std::string(300, 'x')}, 2));
  MustAppend(MakeCommit({.ledger = "after"}, 2));
  MustAppend(MakeCommit({.ledger = "hurt", .sequence = 2}));
  Close();
  backend_->FlipBit({ShardId{0}, 2});
  Open();
  EXPECT_EQ(ReasonOf(ReadAll(*log_, "hurt").status()), v1::REASON_LEDGER_QUARANTINED);
  EXPECT_EQ(log_->Read(LedgerId("hurt"), 2, {})->size(), 1u);
  EXPECT_EQ(ReadAll(*log_, "before")->size(), 2u);
  EXPECT_EQ(ReadAll(*log_, "after")->size(), 2u);
  const auto subscription = log_->Subscribe({ShardId{0}, 0});
  std::vector<std::string> seen;
  for (int i = 0; i < 10; ++i) {
    const auto entries = subscription->Poll({});
    ASSERT_TRUE(entries.ok()) << entries.status();
    for (const auto& entry : *entries) {
      seen.push_back(
          absl::StrCat(entry->header.ledger(), " ", entry->sequence(), entry->damage.ok() ? "" : " damaged"));
    }
  }
  EXPECT_THAT(seen,
              ElementsAre("before 0", "before 1", "hurt 0 damaged", "hurt 1 damaged", "after 0", "after 1", "hurt 2"));
}

TEST_P(LogDamage, WithoutTheIndexARecordThatCannotBeReadStopsTheLogInsteadOfBeingSkipped) {
  MustAppend(MakeCommit({.event = std::string(300, 'x')}));
  MustAppend(MakeCommit({.sequence = 1}));
  Close();
  backend_->FlipBit({ShardId{0}, 0});
  index_ = NewMemoryKvStore();
  engine_ = &backend_->Open();
  EXPECT_EQ(OpenLogStore({.engine = engine_, .index = index_.get()}).status().code(), absl::StatusCode::kDataLoss);
}

TEST_P(LogDamage, AnEntryThatDoesNotDecodeMakesItsLedgerReadOnly) {
  MustAppend(MakeCommit({.ledger = "hurt"}, 3));
  MustAppend(MakeCommit({.ledger = "well"}));
  Close();
  backend_->Replace({ShardId{0}, 0}, [](std::string bytes) {
    v1::StoredGroup group;
    EXPECT_TRUE(group.ParseFromString(bytes));
    group.mutable_commits(0)->mutable_entries(1)->mutable_parts(0)->set_content("\xff\xff\xff");
    return group.SerializeAsString();
  });
  index_ = NewMemoryKvStore();
  Open();
  EXPECT_EQ(log_->Read(LedgerId("hurt"), 0, {})->size(), 1u) << "what stands before it is still read";
  EXPECT_EQ(ReasonOf(log_->Read(LedgerId("hurt"), 1, {}).status()), v1::REASON_LEDGER_QUARANTINED);
  EXPECT_EQ(log_->ReadStream(LedgerId("hurt"), StreamOf("hurt"), 0, {})->size(), 1u);
  EXPECT_EQ(ReasonOf(log_->ReadStream(LedgerId("hurt"), StreamOf("hurt"), 1, {}).status()),
            v1::REASON_LEDGER_QUARANTINED);
  EXPECT_EQ(ReasonOf(AppendAndWait(*log_, MakeCommit({.ledger = "hurt", .sequence = 3})).status()),
            v1::REASON_LEDGER_QUARANTINED);
  MustAppend(MakeCommit({.ledger = "well", .sequence = 1}));
  const auto entries = log_->ReadShard({ShardId{0}, 0}, {});
  ASSERT_EQ(entries->size(), 5u);
  EXPECT_FALSE((*entries)[1].damage.ok());
  EXPECT_EQ((*entries)[1].header.ledger(), "hurt");
  EXPECT_EQ((*entries)[1].sequence(), 1u);
  EXPECT_TRUE((*entries)[2].damage.ok());
}

TEST_P(LogDamage, WhatCannotBeReadIsKnownAtTheNextOpeningToo) {
  for (const char* ledger : {"hurt", "hurt-too", "well"}) MustAppend(MakeCommit({.ledger = ledger}, 3));
  Close();
  for (const uint64_t record : {0, 3}) {
    backend_->Replace({ShardId{0}, record}, [](std::string bytes) {
      v1::StoredGroup group;
      EXPECT_TRUE(group.ParseFromString(bytes));
      for (int entry : {1, 2})
        group.mutable_commits(0)->mutable_entries(entry)->mutable_parts(0)->set_content("\xff\xff");
      return group.SerializeAsString();
    });
  }
  index_ = NewMemoryKvStore();
  Open();  // Here it is found.
  Close();
  Open();
  for (const char* ledger : {"hurt", "hurt-too"}) {
    EXPECT_EQ(ReasonOf(AppendAndWait(*log_, MakeCommit({.ledger = ledger, .sequence = 3})).status()),
              v1::REASON_LEDGER_QUARANTINED);
    EXPECT_EQ(log_->ReadStream(LedgerId(ledger), StreamOf(ledger), 0, {})->size(), 1u);
    EXPECT_EQ(ReasonOf(log_->ReadStream(LedgerId(ledger), StreamOf(ledger), 1, {}).status()),
              v1::REASON_LEDGER_QUARANTINED);
  }
  EXPECT_EQ(log_->NextSequence(LedgerId("well")).value(), 3u);
  MustAppend(MakeCommit({.ledger = "well", .sequence = 3}));
}

INSTANTIATE_TEST_SUITE_P(Engines, LogDamage,
                         testing::Values(BackendParam{"Memory", NewMemoryBackend},
                                         BackendParam{"Rocks", NewRocksBackend}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace parley
