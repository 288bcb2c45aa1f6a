// Each thing that can be wrong is made wrong, and found.
#include "eventstore/fsck.h"

#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "eventstore/group.h"
#include "eventstore/index_rows.h"
#include "eventstore/kv_memory.h"
#include "eventstore/log_store.h"
#include "eventstore/memory_engine.h"
#include "gmock/gmock.h"
#include "tests/eventstore/log_fixture.h"

namespace parley {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

class FsckTest : public testing::Test {
 protected:
  // Appends to the engine past the log, so that what the log would refuse can be there.
  void Plant(const std::vector<Commit>& commits, uint32_t shard = 0) {
    EngineRecord record;
    record.position = {ShardId{shard}, engine_.End(ShardId{shard}).value()};
    std::vector<std::string> bytes;
    for (const Commit& commit : commits) {
      v1::StoredCommit stored;
      for (const auto& entry : commit.entries) *stored.add_entries() = entry;
      record.entries += commit.entries.size();
      bytes.push_back(Canonical(stored));
    }
    record.bytes = EncodeGroup({bytes.begin(), bytes.end()});
    ASSERT_EQ(engine_.Append(record), AppendOutcome::kWon);
  }
  // Opens the log once, so that the index is there.
  void BuildIndex() {
    const auto log = OpenLogStore({.engine = &engine_, .index = index_.get()});
    ASSERT_TRUE(log.ok()) << log.status();
  }
  void PlantGoodLog() {
    Plant({MakeCommit({.request_id = "r1"}, 2), MakeCommit({.ledger = "bolt", .id = "d2"})});
    Plant({MakeCommit({.sequence = 2, .id = "d3", .request_id = "r2"})});
    Plant({MakeCommit({.ledger = "bolt", .sequence = 1, .request_id = "r1"}, 3)});
    BuildIndex();
  }
  FsckReport Check(uint32_t shards = 1) {
    const auto report = Fsck(engine_, *index_, {.shards = shards});
    EXPECT_TRUE(report.ok()) << report.status();
    return report.value_or(FsckReport());
  }
  std::vector<std::string> Problems(uint32_t shards = 1) {
    std::vector<std::string> out;
    for (const FsckFinding& finding : Check(shards).findings) {
      out.push_back(absl::StrCat(std::string(FsckProblemName(finding.problem)), " ", finding.ledger, " ",
                                 finding.position.offset));
    }
    return out;
  }
  void PutRow(const std::string& key, const std::optional<std::string>& value) {
    KvBatch batch;
    value ? batch.Put(key, *value) : batch.Delete(key);
    ASSERT_TRUE(index_->Write(batch).ok());
  }

  MemoryEngine engine_{"memory"};
  std::unique_ptr<KvStore> index_ = NewMemoryKvStore();
};

TEST_F(FsckTest, AGoodLogIsClean) {
  PlantGoodLog();
  const FsckReport report = Check();
  EXPECT_TRUE(report.clean()) << report.findings[0].detail;
  EXPECT_EQ(report.records, 3u);
  EXPECT_EQ(report.commits, 4u);
  EXPECT_EQ(report.entries, 7u);
  EXPECT_EQ(report.ledgers, 2u);
  EXPECT_GT(report.index_rows, 15u);
}

TEST_F(FsckTest, AnIndexThatLagsOrIsMissingIsNoProblem) {
  PlantGoodLog();
  Plant({MakeCommit({.sequence = 3, .request_id = "r9"})});
  EXPECT_THAT(Problems(), IsEmpty());
  index_ = NewMemoryKvStore();
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(FsckTest, AFlippedBitIsFoundAndTheRestChecked) {
  PlantGoodLog();
  engine_.FlipBit({ShardId{0}, 3}, 50);
  EXPECT_THAT(Problems(), ElementsAre("record unreadable acme 3"));
  EXPECT_EQ(Check().entries, 6u);
  index_ = NewMemoryKvStore();
  EXPECT_THAT(Problems(), ElementsAre("record unreadable  3"));
}

TEST_F(FsckTest, AChangedPartIsFound) {
  PlantGoodLog();
  v1::StoredGroup group;
  ASSERT_TRUE(engine_
                  .Read({ShardId{0}, 3},
                        [&](EngineRecord record) {
                          EXPECT_TRUE(group.ParseFromString(record.bytes));
                          return false;
                        })
                  .ok());
  group.mutable_commits(0)->mutable_entries(0)->mutable_parts(0)->mutable_salt()->at(0) ^= 1;
  engine_.Replace({ShardId{0}, 3}, Canonical(group));
  EXPECT_THAT(Problems(), ElementsAre("commitment mismatch acme 3"));
}

TEST_F(FsckTest, ASealedPartMayBeMissingOnceItsPersonWasErased) {
  const std::string ann = "relationships/acme/persons/ann";
  const std::string bob = "relationships/acme/persons/bob";
  const std::string key(32, 'k');
  for (uint64_t sequence = 0; sequence < 2; ++sequence) {
    Commit commit =
        MakeCommit({.sequence = sequence, .personal = {{ann, "x.a", "Ann", key}, {bob, "x.b", "Bob", key}}});
    if (sequence == 1) commit.entries[0].mutable_parts(1)->clear_sealed();
    Plant({commit});
  }
  EXPECT_THAT(Problems(), ElementsAre("sealed part missing acme 1"));
  const auto erase = [&](const std::string& ledger, uint64_t sequence, const std::string& person) {
    SeededRandom random(sequence);
    NewEntry entry{.ledger = LedgerId(ledger), .sequence = sequence, .recorded_at = kDay};
    entry.record.set_stream(person);
    entry.record.set_event_type("person.erased");
    *entry.record.mutable_effective_at() = ToProto(kDay);
    Plant({{.ledger = LedgerId(ledger), .entries = {EncodeEntry(entry, random)}}});
  };
  erase("acme", 2, bob);
  erase("bolt", 0, "relationships/bolt/persons/ann");
  EXPECT_THAT(Problems(), ElementsAre("sealed part missing acme 1")) << "someone else was erased";
  erase("acme", 3, ann);
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(FsckTest, ASealedPartThatIsAnotherIsFound) {
  Commit commit = MakeCommit({.personal = {{"p", "x.a", "Ann", std::string(32, 'k')}}});
  commit.entries[0].mutable_parts(1)->mutable_sealed()->back() ^= 1;
  Plant({commit});
  EXPECT_THAT(Problems(), ElementsAre("commitment mismatch acme 0"));
}

TEST_F(FsckTest, AnEntryThatDoesNotDecodeIsFound) {
  Commit commit = MakeCommit({}, 2);
  commit.entries[1].clear_parts();
  Plant({commit});
  EXPECT_THAT(Problems(), ElementsAre("entry unreadable acme 1"));
}

TEST_F(FsckTest, AGapAndARepetitionInALedgerAreFound) {
  Plant({MakeCommit({})});
  Plant({MakeCommit({.sequence = 2})});
  Plant({MakeCommit({.sequence = 2})});
  EXPECT_THAT(Problems(), ElementsAre("sequence broken acme 1", "sequence broken acme 2"));
}

TEST_F(FsckTest, TwoLedgersInOneCommitAreFound) {
  Commit commit = MakeCommit({}, 2);
  commit.entries[1] = MakeEntry({.ledger = "bolt", .sequence = 1});
  Plant({commit});
  EXPECT_THAT(Problems(), ElementsAre("record unreadable  0"));
}

TEST_F(FsckTest, ALedgerInTwoShardsIsFound) {
  const auto own = static_cast<uint32_t>(ShardOfLedger(LedgerId("acme"), 2));
  Plant({MakeCommit({})}, own);
  Plant({MakeCommit({.sequence = 1})}, 1 - own);
  EXPECT_THAT(Problems(2), Contains("wrong shard acme 0"));
}

TEST_F(FsckTest, TimesThatGoBackAreFound) {
  Plant({MakeCommit({.recorded_at = kDay + absl::Seconds(1)})});
  Plant({MakeCommit({.sequence = 1, .recorded_at = kDay})});
  Plant({MakeCommit({.sequence = 2, .recorded_at = kDay + absl::Seconds(1), .effective_at = kDay - absl::Seconds(1)})});
  Plant({MakeCommit(
      {.sequence = 3, .id = "d2", .recorded_at = kDay + absl::Seconds(1), .effective_at = kDay - absl::Seconds(1)})});
  EXPECT_THAT(Problems(), ElementsAre("recorded_at went back acme 1", "effective_at went back acme 2"));
}

TEST_F(FsckTest, AStreamOfAnotherLedgerOrOwnerIsFound) {
  SeededRandom random(1);
  uint64_t sequence = 0;
  for (const std::string stream : {"relationships/bolt/decisions/d1", "relationships/acme/parties/buyer/drafts/d1",
                                   "decisions/d1", "relationships/acme/decisions/d1"}) {
    NewEntry entry{.ledger = LedgerId("acme"), .sequence = sequence++, .recorded_at = kDay};
    entry.record.set_stream(stream);
    *entry.record.mutable_effective_at() = ToProto(kDay);
    Plant({{.ledger = LedgerId("acme"), .entries = {EncodeEntry(entry, random)}}});
  }
  EXPECT_THAT(Problems(), ElementsAre("stream mismatch acme 0", "stream mismatch acme 1", "stream mismatch acme 2"));
}

TEST_F(FsckTest, ARequestThatWroteTwiceIsFound) {
  Plant({MakeCommit({.request_id = "r1"}, 2)});
  Plant({MakeCommit({.sequence = 2, .actor = "bob", .request_id = "r1"})});
  Plant({MakeCommit({.sequence = 3, .request_id = "r1"})});
  EXPECT_THAT(Problems(), ElementsAre("request repeated acme 3"));
}

TEST_F(FsckTest, EveryRowOfTheIndexCounts) {
  PlantGoodLog();
  std::vector<Row> rows;
  ASSERT_TRUE(index_
                  ->Scan("", "",
                         [&](std::string_view key, std::string_view value) {
                           rows.emplace_back(key, value);
                           return true;
                         })
                  .ok());
  for (const auto& [key, value] : rows) {
    if (key == MetaKey()) continue;  // Without it the index is another log's, and dropped.
    PutRow(key, std::nullopt);
    EXPECT_FALSE(Check().clean()) << key << " missing";
    std::string changed = value + "x";
    PutRow(key, changed);
    EXPECT_FALSE(Check().clean()) << key << " longer";
    if (!value.empty()) {
      changed = value;
      changed.back() ^= 1;
      PutRow(key, changed);
      EXPECT_FALSE(Check().clean()) << key << " changed";
    }
    PutRow(key, value);
    EXPECT_TRUE(Check().clean());
  }
}

TEST_F(FsckTest, ARowThatNothingImpliesIsFound) {
  PlantGoodLog();
  PutRow(RequestKey(LedgerId("acme"), "ann", "r7"), "x");
  EXPECT_THAT(Problems(), ElementsAre("index row extra  0"));
}

TEST_F(FsckTest, AnIndexAheadOfTheLogIsFound) {
  PlantGoodLog();
  MemoryEngine empty("memory");
  const auto report = Fsck(empty, *index_, {});
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->findings.at(0).problem, FsckProblem::kIndexAhead);
}

TEST_F(FsckTest, FindingsAreCountedBeyondTheListsEnd) {
  Plant({MakeCommit({})});
  for (int i = 0; i < 5; ++i) Plant({MakeCommit({})});
  const auto report = Fsck(engine_, *index_, {.max_findings = 2});
  EXPECT_EQ(report->findings.size(), 2u);
  EXPECT_EQ(report->problems, 5u);
}

}  // namespace
}  // namespace parley
