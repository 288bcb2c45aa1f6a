// The malicious-operator suite over a store on disk: the operator gets at the engine's records behind the server's back, then the server's
// own exporter makes the bundle.
#include <filesystem>

#include "eventstore/base/status.h"
#include "eventstore/group.h"
#include "eventstore/kv_memory.h"
#include "eventstore/kv_rocks.h"
#include "eventstore/log_store.h"
#include "eventstore/rocks_engine.h"
#include "services/audit/export.h"
#include "tests/audit/malicious_cases.h"
#include "tests/audit/verify_fixture.h"

namespace parley::test {
namespace {

const LedgerId kLedger("acme");

std::string GroupOf(const std::vector<v1::StoredEntry>& entries, size_t from, size_t count) {
  std::vector<std::string> bytes;
  for (size_t i = from; i < from + count; ++i) bytes.push_back(entries[i].SerializeAsString());
  std::vector<std::string> commits;
  for (const std::string& entry : bytes) commits.push_back(EncodeCommit({entry}));
  return EncodeGroup({commits.begin(), commits.end()});
}

// A server's directory of log, derived rows and checkpoints.
class MaliciousStore : public VerifyTest, public testing::WithParamInterface<Tampering> {
 protected:
  MaliciousStore() {
    MakeLog(Good().entries);
    KeepNotes(Good().notes);
    // The tree was made when the store was good.
    Open();
    EXPECT_TRUE(tree_->Extend(kLedger, Good().entries.size()).ok());
    Close();
  }

  std::unique_ptr<Engine> OpenEngine() {
    auto engine = OpenRocksEngine({.path = scratch_ / "log", .random = &random_});
    EXPECT_TRUE(engine.ok()) << engine.status();
    return *std::move(engine);
  }
  void MakeLog(const std::vector<v1::StoredEntry>& entries) {
    std::filesystem::remove_all(scratch_ / "log");
    const auto engine = OpenEngine();
    constexpr size_t kTogether = 50;
    for (size_t from = 0; from < entries.size(); from += kTogether) {
      const size_t count = std::min(kTogether, entries.size() - from);
      ASSERT_EQ(engine->Append({.position = {.offset = from},
                                .entries = static_cast<uint32_t>(count),
                                .bytes = GroupOf(entries, from, count)}),
                AppendOutcome::kWon);
    }
  }
  void KeepNotes(const std::vector<SignedNote>& notes) {
    kept_ = NewMemoryKvStore();
    notes_dir_ = std::make_unique<ScratchDir>();
    checkpoints_ = std::make_unique<CheckpointStore>(kept_.get(), notes_dir_->path());
    for (const SignedNote& note : notes) {
      v1::CheckpointRecord record;
      record.set_note(note.ToString());
      ASSERT_TRUE(checkpoints_->Put(kLedger, Checkpoint::Parse(note.text())->size, record).ok());
    }
  }

  // What the operator does to the records: in place where there are as many entries as before, else the whole log anew.
  void Tamper(const std::vector<v1::StoredEntry>& entries) {
    if (entries.size() != Good().entries.size()) {
      MakeLog(entries);
      return;
    }
    const auto engine = OpenEngine();
    std::vector<EngineRecord> changed;
    ASSERT_TRUE(engine
                    ->Read({},
                           [&](EngineRecord record) {
                             std::string bytes = GroupOf(entries, record.position.offset, record.entries);
                             if (bytes != record.bytes) changed.push_back({record.position, record.entries, bytes});
                             return true;
                           })
                    .ok());
    ASSERT_FALSE(changed.empty());
    for (const EngineRecord& record : changed) ASSERT_TRUE(engine->Redact(record).ok());
  }

  void Open() {
    engine_ = OpenEngine();
    index_ = NewMemoryKvStore();
    auto derived = OpenRocksKvStore(scratch_ / "derived");
    ASSERT_TRUE(derived.ok()) << derived.status();
    derived_ = *std::move(derived);
    auto log = OpenLogStore({.engine = engine_.get(), .index = index_.get()});
    ASSERT_TRUE(log.ok()) << log.status();
    log_ = *std::move(log);
    tree_ = std::make_unique<LedgerTree>(log_.get(), derived_.get());
  }
  void Close() {
    tree_.reset();
    log_.reset();
    derived_.reset();
    engine_.reset();
  }

  // What the server exports; or why it does not.
  absl::StatusOr<TestBundle> Export(uint64_t size) {
    Open();
    auto bundle = ExportFiles(size);
    Close();
    return bundle;
  }
  absl::StatusOr<TestBundle> ExportFiles(uint64_t size) {
    PARLEY_ASSIGN_OR_RETURN(const auto source,
                            BundleExport::Open({log_.get(), checkpoints_.get(), tree_.get()},
                                               {.ledger = kLedger, .reader = GetParam().reader, .size = size}));
    TestBundle bundle;
    bundle.manifest = {.origin = kOrigin, .reader = GetParam().reader, .size = size};
    while (true) {
      PARLEY_ASSIGN_OR_RETURN(const auto piece, source->Next());
      if (!piece) break;
      bundle.files[piece->path()] += piece->data();
    }
    bundle.RemakeManifest();
    return bundle;
  }

  SeededRandom random_{9};
  std::unique_ptr<KvStore> kept_, index_, derived_;
  std::unique_ptr<ScratchDir> notes_dir_;
  std::unique_ptr<CheckpointStore> checkpoints_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<EventLog> log_;
  std::unique_ptr<LedgerTree> tree_;
};

TEST_P(MaliciousStore, Naive) {
  BundleBuilder b = Good();
  GetParam().tamper(b);
  Tamper(b.entries);
  const auto bundle = Export(Good().entries.size());
  if (!GetParam().naive_on_disk) {
    // The server itself sees that something is missing, and vouches for nothing.
    EXPECT_FALSE(bundle.ok());
    return;
  }
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  const VerifyReport report = Verify(*bundle, Good().BothMustSign());
  EXPECT_EQ(report.verdict, *GetParam().naive_on_disk) << Describe(report);
}

TEST_P(MaliciousStore, SignedAgain) {
  BundleBuilder b = Good();
  GetParam().tamper(b);
  Tamper(b.entries);
  b.Resign();
  KeepNotes(b.notes);
  const auto bundle = Export(b.entries.size());
  if (std::string_view(GetParam().name) == "HideRecord") {
    EXPECT_FALSE(bundle.ok());  // The server cannot read what is not there.
    return;
  }
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  VerifyReport report = Verify(*bundle, Good().BothMustSign());
  EXPECT_EQ(report.verdict, GetParam().both_must_sign) << Describe(report);
  report = Verify(*bundle, Good().LogAlone());
  EXPECT_EQ(report.verdict, GetParam().log_alone) << Describe(report);
}

INSTANTIATE_TEST_SUITE_P(Each, MaliciousStore, testing::ValuesIn(Tamperings()),
                         [](const auto& info) { return std::string(info.param.name); });

// Nobody tampered: the same bytes come out as an honest exporter makes them.
class HonestStore : public MaliciousStore {};
TEST_P(HonestStore, ExportsWhatIsThere) {
  const auto bundle = Export(Good().entries.size());
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  EXPECT_EQ(bundle->files, Good().Bundle(GetParam().reader).files);
  EXPECT_EQ(Verify(*bundle, Good().BothMustSign()).verdict, kGoodVerdict);
}
INSTANTIATE_TEST_SUITE_P(Each, HonestStore,
                         testing::Values(Tampering{.name = "Buyer", .reader = "buyer"},
                                         Tampering{.name = "Provider", .reader = "provider"},
                                         Tampering{.name = "Auditor", .reader = ""}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace parley::test
