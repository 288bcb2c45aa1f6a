// What was erased is in no file, whichever one it was in, and whenever the power goes.
#include <rocksdb/env.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "eventstore/fsck.h"
#include "eventstore/kv_memory.h"
#include "eventstore/log_store.h"
#include "eventstore/rocks_engine.h"
#include "gmock/gmock.h"
#include "tests/eventstore/log_fixture.h"
#include "tests/support/fault_fs.h"
#include "tests/support/scratch_dir.h"

namespace parley {
namespace {

using Fault = FaultFs::Fault;
using testing::IsEmpty;

// Nothing in it repeats, so no compression hides it.
std::string Noise(size_t bytes) {
  static SystemRandom random;
  return random.Bytes(bytes);
}

class RocksPurge : public testing::Test {
 protected:
  void Open() {
    engine_.reset();
    auto engine = OpenRocksEngine({.path = dir_.path(), .random = &random_, .write_buffer_bytes = 64 << 10});
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
  }
  void Append(size_t records) {
    for (size_t i = 0; i < records; ++i) {
      const uint64_t offset = engine_->End(ShardId{0}).value();
      ASSERT_EQ(engine_->Append({{ShardId{0}, offset}, 1, Noise(3000)}), AppendOutcome::kWon);
    }
  }
  // Appends a record that holds a marker of its own. Its offset.
  uint64_t AppendMarked() {
    markers_.push_back(Noise(64));
    const uint64_t offset = engine_->End(ShardId{0}).value();
    EXPECT_EQ(engine_->Append({{ShardId{0}, offset}, 1, Noise(500) + markers_.back() + Noise(500)}),
              AppendOutcome::kWon);
    return offset;
  }
  void Redact(uint64_t offset) {
    const absl::Status redacted = engine_->Redact({{ShardId{0}, offset}, 1, "redacted"});
    ASSERT_TRUE(redacted.ok()) << redacted;
  }
  void Purge() {
    const absl::Status purged = engine_->Purge();
    ASSERT_TRUE(purged.ok()) << purged;
  }
  // In how many files a marker is. RocksDB may delete some meanwhile.
  size_t FilesWith(const std::string& marker) {
    size_t found = 0;
    std::error_code gone;
    for (const auto& file : std::filesystem::directory_iterator(dir_.path())) {
      if (!file.is_regular_file(gone)) continue;
      std::stringstream content;
      content << std::ifstream(file.path(), std::ios::binary).rdbuf();
      found += content.str().find(marker) != std::string::npos;
    }
    return found;
  }
  std::set<std::string> SortedFiles() {
    std::set<std::string> files;
    for (const auto& file : std::filesystem::directory_iterator(dir_.path())) {
      if (file.path().extension() == ".sst") files.insert(file.path().filename());
    }
    return files;
  }

  test::ScratchDir dir_;
  SystemRandom random_;
  std::unique_ptr<Engine> engine_;
  std::vector<std::string> markers_;
};

TEST_F(RocksPurge, FromTheWriteAheadLog) {
  Open();
  Append(1);
  const uint64_t offset = AppendMarked();
  EXPECT_EQ(FilesWith(markers_[0]), 1u);
  Redact(offset);
  EXPECT_EQ(FilesWith(markers_[0]), 1u) << "this is why it must be purged";
  Purge();
  EXPECT_EQ(FilesWith(markers_[0]), 0u);
  Open();
  EXPECT_EQ(FilesWith(markers_[0]), 0u);
}

// In files of every age: at the bottom, above it, in the buffer.
TEST_F(RocksPurge, FromEveryLevel) {
  Open();
  std::vector<uint64_t> marked;
  for (int age = 0; age < 12; ++age) {
    marked.push_back(AppendMarked());
    Append(40);
    if (age % 3 == 2) Open();
  }
  for (const std::string& marker : markers_) EXPECT_GE(FilesWith(marker), 1u);
  const size_t files = SortedFiles().size();
  EXPECT_GT(files, 5u);
  for (size_t i = 0; i < marked.size(); i += 2) Redact(marked[i]);
  Purge();
  for (size_t i = 0; i < marked.size(); ++i) {
    EXPECT_EQ(FilesWith(markers_[i]), i % 2) << i;
    EXPECT_TRUE(engine_
                    ->Read({ShardId{0}, marked[i]},
                           [&](EngineRecord record) {
                             EXPECT_EQ(record.position.offset, marked[i]);
                             EXPECT_EQ(record.bytes == "redacted", i % 2 == 0);
                             return false;
                           })
                    .ok());
  }
}

// Redacted once more, after what was left of it had been moved down.
TEST_F(RocksPurge, AnEarlierRedactionToo) {
  Open();
  const uint64_t offset = AppendMarked();
  Append(50);
  const std::string half = Noise(64);
  ASSERT_TRUE(engine_->Redact({{ShardId{0}, offset}, 1, half}).ok());
  Purge();
  EXPECT_EQ(FilesWith(markers_[0]), 0u);
  EXPECT_EQ(FilesWith(half), 1u);
  Append(50);
  Redact(offset);
  Purge();
  EXPECT_EQ(FilesWith(half), 0u);
}

TEST_F(RocksPurge, WhatWasRedactedByAnEarlierProcess) {
  Open();
  const uint64_t offset = AppendMarked();
  Append(100);
  Redact(offset);
  Append(1);
  Open();
  EXPECT_EQ(FilesWith(markers_[0]), 1u);
  Purge();
  EXPECT_EQ(FilesWith(markers_[0]), 0u);
}

TEST_F(RocksPurge, EarlierFilesAreLeftAlone) {
  Open();
  Append(400);
  const uint64_t offset = AppendMarked();
  Append(100);
  Redact(offset);
  Purge();  // Also moves everything to where it stays.
  Append(1);
  const auto before = SortedFiles();
  EXPECT_GT(before.size(), 10u);
  Redact(offset);
  Purge();
  const auto after = SortedFiles();
  size_t same = 0;
  for (const std::string& name : before) same += after.contains(name);  // A file is never written twice.
  EXPECT_GT(same, before.size() / 2);
  Purge();
  EXPECT_EQ(SortedFiles(), after) << "nothing is left to purge";
}

constexpr char kAnn[] = "relationships/acme/persons/ann";

// A log on a disk that fails, with one person's parts in three records, and the erasure of that person.
class ErasingMachine {
 public:
  ErasingMachine() {
    Boot();
    for (uint64_t i = 0; i < 3; ++i) {
      Commit commit = MakeCommit({.sequence = 2 * i, .personal = {{kAnn, "x", Noise(100), Noise(32)}}});
      const std::string ballast = Noise(20'000);
      commit.entries.push_back(MakeEntry({.sequence = 2 * i + 1, .event = ballast}));
      for (int k = 0; k < 2; ++k) before_.push_back(commit.entries[static_cast<size_t>(k)]);
      parts_.push_back({2 * i, 1});
      EXPECT_TRUE(AppendAndWait(*log_, commit).ok());
    }
    NewEntry erased{.ledger = LedgerId("acme"), .sequence = 6, .recorded_at = kDay};
    erased.record.set_stream(kAnn);
    erased.record.set_event_type("person.erased");
    *erased.record.mutable_effective_at() = ToProto(kDay);
    before_.push_back(EncodeEntry(erased, random_));
    EXPECT_TRUE(AppendAndWait(*log_, {.ledger = LedgerId("acme"), .entries = {before_.back()}}).ok());
  }

  void Boot() {
    log_.reset();
    engine_.reset();
    auto engine =
        OpenRocksEngine({.path = "/log", .random = &random_, .env = env_.get(), .write_buffer_bytes = 64 << 10});
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
    auto log = OpenLogStore({.engine = engine_.get(), .index = index_.get()});
    ASSERT_TRUE(log.ok()) << log.status();
    log_ = *std::move(log);
  }
  void Crash(bool torn) {
    fs_.CutPower();
    log_.reset();
    engine_.reset();
    fs_.Restart(torn);
    Boot();
  }
  absl::Status Erase() { return log_->EraseParts(LedgerId("acme"), parts_); }

  // What is wrong; with `erased`, parts that are not erased are, too.
  std::vector<std::string> Check(bool erased) {
    std::vector<std::string> wrong;
    const auto entries = ReadAll(*log_, "acme");
    if (!entries.ok()) return {entries.status().ToString()};
    if (entries->size() != before_.size()) return {"entries are missing"};
    for (size_t i = 0; i < before_.size(); ++i) {
      v1::StoredEntry without = before_[i];
      const bool personal = without.parts_size() > 1;
      if (personal) without.mutable_parts(1)->clear_sealed();
      const std::string now = Canonical((*entries)[i].stored);
      if (now != Canonical(without) && (erased || now != Canonical(before_[i]))) {
        wrong.push_back(absl::StrCat("entry ", i, " is neither as before nor erased"));
      }
      if (erased && personal && FileHolds(before_[i].parts(1).sealed())) {
        wrong.push_back(absl::StrCat("a file holds what entry ", i, " was"));
      }
    }
    const auto report = Fsck(*engine_, *index_, {});
    for (const FsckFinding& finding : report->findings) {
      wrong.push_back(std::string(FsckProblemName(finding.problem)) + finding.detail);
    }
    return wrong;
  }
  FaultFs& fs() { return fs_; }
  EventLog& log() { return *log_; }

 private:
  bool FileHolds(const std::string& bytes) {
    std::vector<std::string> names;
    EXPECT_TRUE(env_->GetChildren("/log", &names).ok());
    for (const std::string& name : names) {
      std::string content;
      if (!rocksdb::ReadFileToString(env_.get(), "/log/" + name, &content).ok()) continue;
      if (content.find(bytes) != std::string::npos) return true;
    }
    return false;
  }

  SystemRandom random_;
  FaultFs fs_;
  std::unique_ptr<rocksdb::Env> env_ = fs_.NewEnv();
  std::unique_ptr<KvStore> index_ = NewMemoryKvStore();
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<EventLog> log_;
  std::vector<v1::StoredEntry> before_;
  std::vector<PartRef> parts_;
};

TEST(ErasingMachine, TheCheckNotices) {
  ErasingMachine machine;
  EXPECT_THAT(machine.Check(false), IsEmpty());
  EXPECT_EQ(machine.Check(true).size(), 6u) << "three parts are there, and in files";
  ASSERT_TRUE(machine.Erase().ok());
  EXPECT_THAT(machine.Check(true), IsEmpty());
}

struct FaultParam {
  const char* name;
  Fault fault;
  bool torn;
};

class ErasureFaults : public testing::TestWithParam<FaultParam> {};

TEST_P(ErasureFaults, LeaveEachRecordOldOrRedacted) {
  uint64_t points = 0;
  for (bool hit = true; hit; ++points) {
    SCOPED_TRACE(points);
    ErasingMachine machine;
    machine.fs().Arm(GetParam().fault, points + 1);
    absl::Status erased = machine.Erase();
    hit = machine.fs().Count(GetParam().fault) > points;
    ASSERT_TRUE(hit || erased.ok()) << erased;
    if (erased.ok() && !machine.fs().off()) {
      ASSERT_THAT(machine.Check(true), IsEmpty());
    }
    if (GetParam().fault == Fault::kPowerCut) {
      machine.Crash(GetParam().torn);
      ASSERT_THAT(machine.Check(false), IsEmpty());
    }
    // Whatever is left, the erasure done again completes it, and the log goes on.
    for (int attempt = 0; !(erased = machine.Erase()).ok() && attempt < 3;) ++attempt;
    ASSERT_TRUE(erased.ok()) << erased;
    ASSERT_THAT(machine.Check(true), IsEmpty());
    while (!AppendAndWait(machine.log(), MakeCommit({.ledger = "bolt"})).ok()) {
      ASSERT_LE(machine.log().NextSequence(LedgerId("bolt")).value(), 1u);
      if (machine.log().NextSequence(LedgerId("bolt")).value() == 1) break;
    }
    machine.Crash(false);
    ASSERT_THAT(machine.Check(true), IsEmpty());
    EXPECT_EQ(ReadAll(machine.log(), "bolt")->size(), 1u);
  }
  EXPECT_GT(points, 10u);
}

INSTANTIATE_TEST_SUITE_P(Faults, ErasureFaults,
                         testing::Values(FaultParam{"WriteFails", Fault::kWriteFails, false},
                                         FaultParam{"SyncFails", Fault::kSyncFails, false},
                                         FaultParam{"PowerCut", Fault::kPowerCut, false},
                                         FaultParam{"PowerCutTorn", Fault::kPowerCut, true}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace parley
