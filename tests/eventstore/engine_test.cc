// The small contract that an engine owes the log.
#include "eventstore/engine.h"
#include "eventstore/base/status.h"
#include "eventstore/rocks_engine.h"
#include "gmock/gmock.h"
#include "tests/eventstore/log_backend.h"
#include "tests/eventstore/log_fixture.h"
#include "tests/support/scratch_dir.h"

namespace parley {
namespace {

using testing::ElementsAre;

class EngineContract : public testing::TestWithParam<BackendParam> {
 protected:
  static EngineRecord Record(uint64_t offset, uint32_t entries, const std::string& bytes, uint32_t shard = 0) {
    return {{ShardId{shard}, offset}, entries, bytes};
  }
  std::vector<std::string> ReadFrom(uint64_t offset, uint32_t shard = 0) {
    std::vector<std::string> out;
    const auto status = engine_->Read({ShardId{shard}, offset}, [&](EngineRecord record) {
      EXPECT_EQ(record.position.shard, ShardId{shard});
      out.push_back(absl::StrCat(record.position.offset, "+", record.entries, " ", record.bytes));
      return true;
    });
    EXPECT_TRUE(status.ok()) << status;
    return out;
  }
  void Reopen() {
    backend_->Close();
    engine_ = &backend_->Open();
  }

  std::unique_ptr<LogBackend> backend_ = GetParam().make();
  Engine* engine_ = &backend_->Open();
};

TEST_P(EngineContract, AnOffsetIsTakenOnce) {
  EXPECT_EQ(engine_->Append(Record(0, 2, "a")), AppendOutcome::kWon);
  EXPECT_EQ(engine_->Append(Record(2, 1, "b")), AppendOutcome::kWon);
  for (int round = 0; round < 2; ++round, Reopen()) {
    EXPECT_EQ(engine_->Append(Record(0, 2, "a")), AppendOutcome::kWon) << "the same again settles what was not known";
    EXPECT_EQ(engine_->Append(Record(0, 2, "x")), AppendOutcome::kTaken);
    EXPECT_EQ(engine_->Append(Record(1, 1, "x")), AppendOutcome::kTaken);
    EXPECT_EQ(engine_->Append(Record(2, 1, "a")), AppendOutcome::kTaken);
    EXPECT_EQ(engine_->Append(Record(7, 1, "x")), AppendOutcome::kUnknown) << "beyond the end";
    EXPECT_EQ(engine_->End(ShardId{0}).value(), 3u);
    EXPECT_THAT(ReadFrom(0), ElementsAre("0+2 a", "2+1 b"));
  }
}

TEST_P(EngineContract, ReadsFromTheRecordThatHoldsTheOffset) {
  uint64_t offset = 0;
  for (uint32_t entries : {1u, 300u, 1u}) {
    ASSERT_EQ(engine_->Append(Record(offset, entries, absl::StrCat(entries))), AppendOutcome::kWon);
    offset += entries;
  }
  EXPECT_THAT(ReadFrom(1), ElementsAre("1+300 300", "301+1 1"));
  EXPECT_THAT(ReadFrom(300), ElementsAre("1+300 300", "301+1 1"));
  EXPECT_THAT(ReadFrom(301), ElementsAre("301+1 1"));
  EXPECT_THAT(ReadFrom(302), ElementsAre());
  EXPECT_THAT(ReadFrom(1000), ElementsAre());
}

TEST_P(EngineContract, ShardsDoNotMeet) {
  EXPECT_EQ(engine_->Append(Record(0, 1, "zero", 0)), AppendOutcome::kWon);
  EXPECT_EQ(engine_->Append(Record(0, 2, "two", 2)), AppendOutcome::kWon);
  EXPECT_THAT(ReadFrom(0, 0), ElementsAre("0+1 zero"));
  EXPECT_THAT(ReadFrom(0, 1), ElementsAre());
  EXPECT_THAT(ReadFrom(1, 2), ElementsAre("0+2 two"));
  EXPECT_EQ(engine_->End(ShardId{1}).value(), 0u);
  EXPECT_EQ(engine_->End(ShardId{2}).value(), 2u);
}

TEST_P(EngineContract, KeepsItsIncarnation) {
  const std::string incarnation = engine_->incarnation();
  EXPECT_FALSE(incarnation.empty());
  Reopen();
  EXPECT_EQ(engine_->incarnation(), incarnation);
}

TEST_P(EngineContract, WhatFollowsADamagedRecordCanBeRead) {
  ASSERT_EQ(engine_->Append(Record(0, 1, std::string(200, 'a'))), AppendOutcome::kWon);
  ASSERT_EQ(engine_->Append(Record(1, 1, "b")), AppendOutcome::kWon);
  backend_->Close();
  backend_->FlipBit({ShardId{0}, 0});
  engine_ = &backend_->Open();
  const auto visit = [](EngineRecord) { return true; };
  EXPECT_EQ(ReasonOf(engine_->Read({ShardId{0}, 0}, visit)), v1::REASON_LEDGER_QUARANTINED);
  EXPECT_THAT(ReadFrom(1), ElementsAre("1+1 b"));
}

TEST_P(EngineContract, ARedactedRecordStandsWhereTheOldOneStood) {
  for (uint64_t offset = 0; offset < 6; offset += 2) {
    ASSERT_EQ(engine_->Append(Record(offset, 2, absl::StrCat("record ", offset))), AppendOutcome::kWon);
  }
  ASSERT_TRUE(engine_->Redact(Record(2, 2, "redacted")).ok());
  for (int round = 0; round < 3; ++round) {
    EXPECT_THAT(ReadFrom(0), ElementsAre("0+2 record 0", "2+2 redacted", "4+2 record 4"));
    EXPECT_THAT(ReadFrom(3), ElementsAre("2+2 redacted", "4+2 record 4"));
    EXPECT_EQ(engine_->End(ShardId{0}).value(), 6u);
    EXPECT_EQ(engine_->Append(Record(2, 2, "redacted")), AppendOutcome::kWon);
    EXPECT_EQ(engine_->Append(Record(2, 2, "record 2")), AppendOutcome::kTaken) << "what it was is not known any more";
    if (round == 0) Reopen();
    ASSERT_TRUE(engine_->Purge().ok());
  }
  EXPECT_EQ(engine_->Append(Record(6, 1, "next")), AppendOutcome::kWon);
}

TEST_P(EngineContract, OnlyARecordThatIsThereIsRedacted) {
  ASSERT_EQ(engine_->Append(Record(0, 2, "a")), AppendOutcome::kWon);
  for (const EngineRecord& wrong : {Record(0, 1, "x"), Record(1, 1, "x"), Record(2, 1, "x"), Record(0, 2, "x", 1)}) {
    EXPECT_EQ(engine_->Redact(wrong).code(), absl::StatusCode::kInternal) << wrong.position.offset;
  }
  EXPECT_THAT(ReadFrom(0), ElementsAre("0+2 a"));
  EXPECT_THAT(ReadFrom(0, 1), ElementsAre());
}

INSTANTIATE_TEST_SUITE_P(Engines, EngineContract,
                         testing::Values(BackendParam{"Memory", NewMemoryBackend},
                                         BackendParam{"Rocks", NewRocksBackend}),
                         [](const auto& info) { return info.param.name; });

TEST(RocksEngine, EveryNewLogIsAnotherIncarnation) {
  SystemRandom random;
  test::ScratchDir dir;
  const auto one = OpenRocksEngine({.path = dir / "one", .random = &random});
  const auto two = OpenRocksEngine({.path = dir / "two", .random = &random});
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_NE((*one)->incarnation(), (*two)->incarnation());
}

TEST(RocksEngine, OneProcessAtATime) {
  SystemRandom random;
  test::ScratchDir dir;
  const auto first = OpenRocksEngine({.path = dir.path(), .random = &random});
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(ReasonOf(OpenRocksEngine({.path = dir.path(), .random = &random}).status()), v1::REASON_LOG_UNAVAILABLE);
}

}  // namespace
}  // namespace parley
