// The log's own keys: made, registered in each record, rotated, lost.
#include "services/audit/log_keys.h"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "eventstore/proof/key_statement.h"
#include "services/aggregate/ledger_state.h"
#include "services/key/key.h"
#include "tests/command/node.h"
#include "tests/support/scratch_dir.h"
#include "tests/support/world.h"

namespace parley::test {
namespace {

class LogKeysTest : public testing::Test {
 protected:
  void SetUp() override {
    Establish("acme");
    keys_ = Open();
  }

  void Establish(const std::string& ledger) {
    auto establish = Parse<v1::EstablishRelationshipRequest>(R"pb(
      display_name: "A"
      archetype: ARCHETYPE_TRANSACTIONAL
      stage: STAGE_OPERATING
      parties { party_id: "buyer" kind: PARTY_KIND_BUYER display_name: "B" first_member: "bea" }
      parties { party_id: "provider" kind: PARTY_KIND_PROVIDER display_name: "P" first_member: "pat" })pb");
    establish.set_relationship_id(ledger);
    ASSERT_TRUE(node_.Call<v1::Relationship>("bea", establish).ok());
  }
  absl::StatusOr<std::unique_ptr<LogKeys>> TryOpen(bool notes_exist = false,
                                                   const std::string& domain = "log.example") {
    return LogKeys::Open({.secrets_dir = secrets_.path(),
                          .log_domain = domain,
                          .log = node_.log.get(),
                          .pipeline = node_.pipeline.get(),
                          .random = &node_.random,
                          .notes_exist = notes_exist});
  }
  std::unique_ptr<LogKeys> Open(bool notes_exist = false) {
    auto keys = TryOpen(notes_exist);
    EXPECT_TRUE(keys.ok()) << keys.status();
    return keys.ok() ? *std::move(keys) : nullptr;
  }
  uint64_t Entries() { return *node_.log->NextSequence(acme_); }
  v1::Key Find(const std::string& id) {
    LedgerState state(acme_);
    EXPECT_TRUE(FoldTail(*node_.log, state).ok());
    const auto* key = state.Find<v1::Key>("relationships/acme/keys/" + id);
    return key ? *key : v1::Key();
  }
  std::string Seed(int generation) { return secrets_ / ("log-key-" + std::to_string(generation) + ".seed"); }
  void Lose(int generation) { std::filesystem::remove(Seed(generation)); }
  void SayLost(int generation) { std::ofstream(secrets_ / ("log-key-" + std::to_string(generation) + ".lost")); }
  static bool Precondition(const absl::Status& status) {
    return status.code() == absl::StatusCode::kFailedPrecondition;
  }

  const LedgerId acme_{"acme"};
  ScratchDir secrets_;
  std::unique_ptr<MemoryEngine> engine_ = NewMemoryEngine();
  Node node_{engine_.get()};
  std::unique_ptr<LogKeys> keys_;
};

TEST_F(LogKeysTest, TheFirstIsMadeForThisUserOnlyAndKept) {
  const LogKeys::Generation first = keys_->newest();
  EXPECT_EQ(first.number, 1u);
  EXPECT_EQ(first.public_key.size(), 32u);
  struct stat file;
  ASSERT_EQ(::stat(Seed(1).c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
  EXPECT_EQ(file.st_size, 32);
  EXPECT_EQ(Open()->newest().public_key, first.public_key);
}

TEST_F(LogKeysTest, StandsInEachRecordUnderItsOwnOrigin) {
  Establish("other");
  EXPECT_TRUE(Precondition(keys_->KeyFor(acme_, 1).status()));
  for (const char* ledger : {"acme", "other"}) {
    ASSERT_TRUE(keys_->EnsureRegistered(LedgerId(ledger)).ok());
    const auto key = keys_->KeyFor(LedgerId(ledger), *node_.log->NextSequence(LedgerId(ledger)));
    ASSERT_TRUE(key.ok()) << key.status();
    EXPECT_EQ(key->verifier().name(), "log.example/relationships/" + std::string(ledger));
    EXPECT_EQ(key->verifier().name(), keys_->OriginOf(LedgerId(ledger)));
    EXPECT_EQ(key->verifier().public_key(), keys_->newest().public_key);
  }
  const v1::Key key = Find("log-1");
  EXPECT_EQ(key.vkey(), keys_->KeyFor(acme_, Entries())->verifier().ToString());
  EXPECT_EQ(key.party_id() + key.statement() + key.previous(), "");
}

TEST_F(LogKeysTest, IsRegisteredOnce) {
  ASSERT_TRUE(keys_->EnsureRegistered(acme_).ok());
  const uint64_t entries = Entries();
  ASSERT_TRUE(keys_->EnsureRegistered(acme_).ok());
  ASSERT_TRUE(Open()->EnsureRegistered(acme_).ok());
  EXPECT_EQ(Entries(), entries);
  EXPECT_EQ(keys_->EnsureRegistered(LedgerId("nowhere")).code(), absl::StatusCode::kNotFound);
}

TEST_F(LogKeysTest, ValidityGoesBySize) {
  ASSERT_TRUE(keys_->EnsureRegistered(acme_).ok());
  const std::string first = keys_->newest().public_key;
  const uint64_t registered = Find("log-1").registered_in();
  ASSERT_TRUE(keys_->Rotate().ok());
  const std::string second = keys_->newest().public_key;
  ASSERT_NE(first, second);
  // Made, but not in this record yet.
  EXPECT_EQ(keys_->KeyFor(acme_, Entries())->verifier().public_key(), first);
  ASSERT_TRUE(keys_->EnsureRegistered(acme_).ok());
  const uint64_t next = Find("log-2").registered_in();
  EXPECT_FALSE(keys_->KeyFor(acme_, registered).ok());
  EXPECT_EQ(keys_->KeyFor(acme_, registered + 1)->verifier().public_key(), first);
  EXPECT_EQ(keys_->KeyFor(acme_, next)->verifier().public_key(), first);
  EXPECT_EQ(keys_->KeyFor(acme_, next + 1)->verifier().public_key(), second);
  EXPECT_EQ(keys_->KeyFor(acme_, Entries())->verifier().public_key(), second);
}

TEST_F(LogKeysTest, EachIsLedToByTheOneBefore) {
  ASSERT_TRUE(keys_->EnsureRegistered(acme_).ok());
  // Two rotations without a checkpoint between them: the record goes over in one step.
  EXPECT_EQ(keys_->Rotate()->number, 2u);
  const auto third = keys_->Rotate();
  ASSERT_TRUE(third.ok());
  EXPECT_EQ(third->number, 3u);
  EXPECT_EQ(third->public_key, keys_->newest().public_key);
  ASSERT_TRUE(keys_->EnsureRegistered(acme_).ok());
  EXPECT_EQ(Find("log-1").state(), v1::KEY_STATE_REPLACED);
  EXPECT_EQ(Find("log-2").state(), v1::KEY_STATE_UNSPECIFIED);
  const v1::Key key = Find("log-3");
  EXPECT_EQ(key.state(), v1::KEY_STATE_IN_USE);
  EXPECT_EQ(key.previous(), "relationships/acme/keys/log-1");
  const absl::Status led =
      VerifyKeyStatement(key.statement(), "relationships/acme", *NoteVerifierKey::Parse(key.vkey()),
                         *NoteVerifierKey::Parse(Find("log-1").vkey()));
  EXPECT_TRUE(led.ok()) << led;
  // A relationship that begins now begins with the newest.
  Establish("young");
  ASSERT_TRUE(keys_->EnsureRegistered(LedgerId("young")).ok());
  EXPECT_TRUE(keys_->KeyFor(LedgerId("young"), 2).ok());
}

TEST_F(LogKeysTest, NoneIsMadeInPlaceOfOneThatIsMissing) {
  Lose(1);
  const auto keys = TryOpen(true);
  EXPECT_TRUE(Precondition(keys.status()));
  EXPECT_NE(keys.status().message().find("log-key-1.seed"), std::string::npos) << keys.status();
  EXPECT_FALSE(std::filesystem::exists(Seed(1)));
  // Nothing was ever signed: one is as good as another.
  EXPECT_TRUE(TryOpen(false).ok());
}

TEST_F(LogKeysTest, ASeedThatIsNoneIsSaid) {
  std::ofstream(Seed(1)) << "short";
  EXPECT_EQ(TryOpen().status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(LogKeysTest, TheNextAfterOneThatIsLostComesWithoutAStatement) {
  ASSERT_TRUE(keys_->EnsureRegistered(acme_).ok());
  Lose(1);
  SayLost(1);
  const auto keys = Open(true);
  ASSERT_NE(keys, nullptr);
  EXPECT_EQ(keys->newest().number, 2u);
  EXPECT_TRUE(Precondition(keys->KeyFor(acme_, Entries()).status()));
  ASSERT_TRUE(keys->EnsureRegistered(acme_).ok());
  EXPECT_EQ(Find("log-2").previous(), "relationships/acme/keys/log-1");
  EXPECT_EQ(Find("log-2").statement(), "");
  EXPECT_TRUE(keys->KeyFor(acme_, Entries()).ok());
  // Opened again, nothing more is made.
  EXPECT_EQ(Open(true)->newest().number, 2u);
}

TEST_F(LogKeysTest, AnOlderSeedThatIsMissingIsAskedFor) {
  ASSERT_TRUE(keys_->EnsureRegistered(acme_).ok());
  ASSERT_TRUE(keys_->Rotate().ok());
  Lose(1);
  const auto keys = Open(true);
  ASSERT_NE(keys, nullptr);
  const uint64_t entries = Entries();
  const absl::Status refused = keys->EnsureRegistered(acme_);
  EXPECT_TRUE(Precondition(refused));
  EXPECT_NE(refused.message().find("log-key-1.seed"), std::string::npos) << refused;
  EXPECT_EQ(Entries(), entries);
}

// Secrets restored from a copy that is too old.
TEST_F(LogKeysTest, ARecordThatIsAheadOfTheSeedsIsNotSetBack) {
  ASSERT_TRUE(keys_->EnsureRegistered(acme_).ok());
  ASSERT_TRUE(keys_->Rotate().ok());
  ASSERT_TRUE(keys_->EnsureRegistered(acme_).ok());
  Establish("young");
  ASSERT_TRUE(keys_->EnsureRegistered(LedgerId("young")).ok());
  Lose(2);
  const auto keys = Open(true);
  ASSERT_NE(keys, nullptr);
  EXPECT_TRUE(Precondition(keys->EnsureRegistered(acme_)));
  EXPECT_FALSE(keys->KeyFor(acme_, Entries()).ok());
  // "young" never had an earlier one: the rules refuse to go back.
  EXPECT_FALSE(keys->EnsureRegistered(LedgerId("young")).ok());
}

TEST_F(LogKeysTest, AnotherSeedOrDomainThanTheRecordsIsSaid) {
  ASSERT_TRUE(keys_->EnsureRegistered(acme_).ok());
  const auto moved = TryOpen(true, "elsewhere.example");
  ASSERT_TRUE(moved.ok());
  EXPECT_TRUE(Precondition((*moved)->EnsureRegistered(acme_)));
  EXPECT_TRUE(Precondition((*moved)->KeyFor(acme_, Entries()).status()));
  Lose(1);
  std::ofstream(Seed(1)) << std::string(32, 'x');
  const auto swapped = Open(true);
  ASSERT_NE(swapped, nullptr);
  EXPECT_TRUE(Precondition(swapped->EnsureRegistered(acme_)));
  EXPECT_TRUE(Precondition(swapped->KeyFor(acme_, Entries()).status()));
}

}  // namespace
}  // namespace parley::test
