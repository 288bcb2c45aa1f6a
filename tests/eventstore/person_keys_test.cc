// People's keys: kept, found again, and destroyed so that no copy of the wrapped keys opens any more.
#include "eventstore/person_keys.h"

#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "eventstore/base/aead.h"
#include "eventstore/base/status.h"
#include "eventstore/wrapped_keys.h"
#include "gmock/gmock.h"
#include "tests/eventstore/log_fixture.h"
#include "tests/support/scratch_dir.h"

namespace parley {
namespace {

using testing::ElementsAre;

constexpr char kAnn[] = "relationships/acme/persons/ann";
constexpr char kBob[] = "relationships/acme/persons/bob";
constexpr char kCyd[] = "relationships/acme/persons/cyd";

using Files = std::map<std::string, std::string>;  // Content by name.

Files FilesIn(const std::string& directory) {
  Files files;
  for (const auto& file : std::filesystem::directory_iterator(directory)) {
    if (file.path().filename() == "LOCK") continue;
    std::stringstream content;
    content << std::ifstream(file.path(), std::ios::binary).rdbuf();
    files[file.path().filename().string()] = content.str();
  }
  return files;
}

void Put(const std::string& directory, const Files& files) {
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  for (const auto& [name, content] : files) std::ofstream(directory + "/" + name, std::ios::binary) << content;
}

std::vector<std::string> NamesIn(const std::string& directory) {
  std::vector<std::string> names;
  for (const auto& [name, content] : FilesIn(directory)) names.push_back(name);
  return names;
}

class PersonKeysTest : public testing::Test {
 protected:
  PersonKeysTest() { Open(); }

  absl::Status TryOpen() {
    keys_.reset();
    auto keys = OpenPersonKeys(wrapped_, secrets_, random_);
    if (keys.ok()) keys_ = *std::move(keys);
    return keys.status();
  }
  void Open() {
    const absl::Status opened = TryOpen();
    ASSERT_TRUE(opened.ok()) << opened;
  }
  // As a crash leaves the two directories; another process then finds them so.
  absl::Status OpenAsLeft(const Files& wrapped, const Files& secrets) {
    keys_.reset();
    Put(wrapped_, wrapped);
    Put(secrets_, secrets);
    return TryOpen();
  }
  std::string KeyFor(const char* person) {
    const auto key = keys_->KeyFor(person);
    EXPECT_TRUE(key.ok()) << key.status();
    return key.value_or("");
  }
  bool Has(const char* person) {
    const auto key = keys_->Find(person);
    EXPECT_TRUE(key.ok() || ReasonOf(key.status()) == v1::REASON_NOT_FOUND) << key.status();
    return key.ok();
  }

  test::ScratchDir dir_;
  const std::string wrapped_ = dir_ / "data/person-keys";
  const std::string secrets_ = dir_ / "secrets";
  SystemRandom random_;
  std::unique_ptr<PersonKeys> keys_;
};

TEST_F(PersonKeysTest, AreMadeOnceAndFoundAgain) {
  EXPECT_FALSE(Has(kAnn));
  const std::string ann = KeyFor(kAnn);
  const std::string bob = KeyFor(kBob);
  EXPECT_EQ(ann.size(), kAeadKeyBytes);
  EXPECT_NE(ann, bob);
  for (int round = 0; round < 3; ++round, Open()) {
    EXPECT_EQ(KeyFor(kAnn), ann);
    EXPECT_EQ(keys_->Find(kAnn).value(), ann);
    EXPECT_EQ(KeyFor(kBob), bob);
    EXPECT_FALSE(Has(kCyd));
  }
  EXPECT_EQ(keys_->KeyFor("").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(keys_->KeyFor(std::string(5000, 'x')).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(PersonKeysTest, AreNowhereInTheClear) {
  const std::string ann = KeyFor(kAnn);
  for (const std::string& directory : {wrapped_, secrets_}) {
    for (const auto& [name, content] : FilesIn(directory)) EXPECT_EQ(content.find(ann), std::string::npos) << name;
  }
}

TEST_F(PersonKeysTest, TheFilesAreTheirOwnersOnly) {
  KeyFor(kAnn);
  ASSERT_TRUE(keys_->Destroy({kAnn}).ok());
  for (const std::string& directory : {wrapped_, secrets_}) {
    EXPECT_EQ(std::filesystem::status(directory).permissions(), std::filesystem::perms::owner_all);
    for (const auto& file : std::filesystem::directory_iterator(directory)) {
      EXPECT_EQ(file.status().permissions(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    }
  }
}

TEST_F(PersonKeysTest, OneProcessAtATime) {
  EXPECT_EQ(OpenPersonKeys(wrapped_, secrets_, random_).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(PersonKeysTest, DestroyedOnesAreGoneAndTheOthersStay) {
  KeyFor(kAnn);
  const std::string bob = KeyFor(kBob);
  const std::string cyd = KeyFor(kCyd);
  ASSERT_TRUE(keys_->Destroy({kAnn, kCyd, "relationships/acme/persons/nobody"}).ok());
  for (int round = 0; round < 2; ++round, Open()) {
    EXPECT_FALSE(Has(kAnn));
    EXPECT_FALSE(Has(kCyd));
    EXPECT_EQ(keys_->Find(kBob).value(), bob);
  }
  EXPECT_NE(KeyFor(kCyd), cyd) << "another person by the same name";
  EXPECT_THAT(NamesIn(wrapped_), ElementsAre("epoch-2.keys"));
  EXPECT_THAT(NamesIn(secrets_), ElementsAre("epoch-2.key"));
  ASSERT_TRUE(keys_->Destroy({kAnn}).ok());
  EXPECT_THAT(NamesIn(secrets_), ElementsAre("epoch-2.key")) << "nothing to destroy, no new epoch";
}

TEST_F(PersonKeysTest, AKeyMadeAfterwardsIsKept) {
  KeyFor(kAnn);
  ASSERT_TRUE(keys_->Destroy({kAnn}).ok());
  const std::string bob = KeyFor(kBob);
  Open();
  EXPECT_EQ(keys_->Find(kBob).value(), bob);
}

// What a backup of the wrapped keys taken before is worth afterwards.
TEST_F(PersonKeysTest, ACopyOfTheWrappedKeysOpensNothingOnceItsEpochIsOver) {
  KeyFor(kAnn);
  KeyFor(kBob);
  const Files backup = FilesIn(wrapped_);
  ASSERT_TRUE(keys_->Destroy({kAnn}).ok());
  const Files secrets = FilesIn(secrets_);
  EXPECT_EQ(OpenAsLeft(backup, secrets).code(), absl::StatusCode::kDataLoss);
  // Nor under the later key, had it been in the earlier one's place.
  EXPECT_EQ(OpenAsLeft(backup, {{"epoch-1.key", secrets.at("epoch-2.key")}}).code(), absl::StatusCode::kDataLoss);
  for (uint64_t epoch : {1, 2}) {
    EXPECT_FALSE(UnwrapKeys(backup.at("epoch-1.keys"), epoch, secrets.at("epoch-2.key")).ok());
  }
}

// Destroying writes two files, then removes two: wherever it is cut short, the keys open again, with the person or without,
// and nothing is left over of the other state.
TEST_F(PersonKeysTest, DestroyingCanBeCutShortAnywhere) {
  KeyFor(kAnn);
  const std::string bob = KeyFor(kBob);
  const Files wrapped_before = FilesIn(wrapped_);
  const Files secrets_before = FilesIn(secrets_);
  ASSERT_TRUE(keys_->Destroy({kAnn}).ok());
  const Files wrapped_after = FilesIn(wrapped_);
  const Files secrets_after = FilesIn(secrets_);
  const auto both = [](Files files, const Files& more) {
    files.insert(more.begin(), more.end());
    return files;
  };
  const std::string new_key = secrets_after.at("epoch-2.key");
  const std::string new_wrapped = wrapped_after.at("epoch-2.keys");
  struct State {
    const char* when;
    Files wrapped;
    Files secrets;
    bool ann;
  };
  const std::vector<State> states = {
      {"before", wrapped_before, secrets_before, true},
      {"half the new key", wrapped_before, both(secrets_before, {{"epoch-2.key.new", new_key.substr(0, 7)}}), true},
      {"the new key, unnamed", wrapped_before, both(secrets_before, {{"epoch-2.key.new", new_key}}), true},
      {"the new key", wrapped_before, both(secrets_before, secrets_after), true},
      {"half the new wrapped keys", both(wrapped_before, {{"epoch-2.keys.new", new_wrapped.substr(0, 50)}}),
       both(secrets_before, secrets_after), true},
      {"both new files", both(wrapped_before, wrapped_after), both(secrets_before, secrets_after), false},
      {"half overwritten", both(wrapped_before, wrapped_after),
       both(secrets_after, {{"epoch-1.key", std::string(16, 'r') + secrets_before.at("epoch-1.key").substr(16)}}),
       false},
      {"overwritten", both(wrapped_before, wrapped_after), both(secrets_after, {{"epoch-1.key", std::string(32, 'r')}}),
       false},
      {"the old key removed", both(wrapped_before, wrapped_after), secrets_after, false},
      {"after", wrapped_after, secrets_after, false},
  };
  for (const State& state : states) {
    SCOPED_TRACE(state.when);
    const absl::Status opened = OpenAsLeft(state.wrapped, state.secrets);
    ASSERT_TRUE(opened.ok()) << opened;
    EXPECT_EQ(Has(kAnn), state.ann);
    EXPECT_EQ(keys_->Find(kBob).value(), bob);
    EXPECT_THAT(NamesIn(wrapped_), ElementsAre(state.ann ? "epoch-1.keys" : "epoch-2.keys"));
    EXPECT_THAT(NamesIn(secrets_), ElementsAre(state.ann ? "epoch-1.key" : "epoch-2.key"));
    // And it can be done again.
    ASSERT_TRUE(keys_->Destroy({kAnn}).ok());
    const std::string cyd = KeyFor(kCyd);
    Open();
    EXPECT_FALSE(Has(kAnn));
    EXPECT_EQ(keys_->Find(kBob).value(), bob);
    EXPECT_EQ(keys_->Find(kCyd).value(), cyd);
  }
}

TEST_F(PersonKeysTest, BeginningCanBeCutShortAnywhere) {
  const Files wrapped = FilesIn(wrapped_);
  const Files secrets = FilesIn(secrets_);
  const std::string header = "parley/person-keys/v1 1\n";
  EXPECT_EQ(wrapped, (Files{{"epoch-1.keys", header}}));
  for (const auto& [half_wrapped, half_secrets] : std::vector<std::pair<Files, Files>>{
           {{}, {}},
           {{{"epoch-1.keys.new", "parley/"}}, {}},
           {wrapped, {}},
           {wrapped, {{"epoch-1.key.new", "half"}}},
           {wrapped, secrets},
       }) {
    const absl::Status opened = OpenAsLeft(half_wrapped, half_secrets);
    ASSERT_TRUE(opened.ok()) << opened;
    const std::string ann = KeyFor(kAnn);
    Open();
    EXPECT_EQ(KeyFor(kAnn), ann);
    EXPECT_THAT(NamesIn(wrapped_), ElementsAre("epoch-1.keys"));
    EXPECT_THAT(NamesIn(secrets_), ElementsAre("epoch-1.key"));
  }
}

// A key that was being made when the power went was never given out.
TEST_F(PersonKeysTest, ATornLastKeyIsDropped) {
  const std::string ann = KeyFor(kAnn);
  const size_t intact = FilesIn(wrapped_).at("epoch-1.keys").size();
  KeyFor(kBob);
  const Files wrapped = FilesIn(wrapped_);
  const Files secrets = FilesIn(secrets_);
  const std::string whole = wrapped.at("epoch-1.keys");
  for (size_t size = intact; size < whole.size(); ++size) {
    for (const std::string& torn :
         {whole.substr(0, size), whole.substr(0, size) + std::string(whole.size() - size, 0)}) {
      if (torn.size() == whole.size() && whole.size() - size < 8) continue;  // Hardly anything of it is missing.
      SCOPED_TRACE(size);
      const absl::Status opened = OpenAsLeft({{"epoch-1.keys", torn}}, secrets);
      ASSERT_TRUE(opened.ok()) << opened;
      EXPECT_EQ(keys_->Find(kAnn).value(), ann);
      EXPECT_FALSE(Has(kBob));
      const std::string bob = KeyFor(kBob);
      Open();
      EXPECT_EQ(keys_->Find(kAnn).value(), ann);
      EXPECT_EQ(keys_->Find(kBob).value(), bob);
    }
  }
}

// No file may grow beyond `bytes`, in this process, while this lives.
class NoRoom {
 public:
  explicit NoRoom(rlim_t bytes) {
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~NoRoom() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST_F(PersonKeysTest, AWriteThatFailsIsMendedByTheNext) {
  const std::string ann = KeyFor(kAnn);
  const std::string bob = KeyFor(kBob);
  const size_t size = FilesIn(wrapped_).at("epoch-1.keys").size();
  for (const size_t more : {0, 5, 50}) {
    {
      const NoRoom full(size + more);
      EXPECT_EQ(keys_->KeyFor(kCyd).status().code(), absl::StatusCode::kUnavailable);
      EXPECT_EQ(keys_->Find(kAnn).value(), ann);
      EXPECT_FALSE(Has(kCyd));
    }
    {
      // Enough for an epoch's key, not for the wrapped keys of the one who stays.
      const NoRoom full(40);
      EXPECT_EQ(keys_->Destroy({kAnn}).code(), absl::StatusCode::kUnavailable);
      EXPECT_TRUE(Has(kAnn)) << "not destroyed, since its key still stands";
    }
  }
  const std::string cyd = KeyFor(kCyd);
  for (int round = 0; round < 2; ++round, Open()) {
    EXPECT_EQ(keys_->Find(kAnn).value(), ann);
    EXPECT_EQ(keys_->Find(kBob).value(), bob);
    EXPECT_EQ(keys_->Find(kCyd).value(), cyd);
  }
  ASSERT_TRUE(keys_->Destroy({kAnn}).ok());
  EXPECT_FALSE(Has(kAnn));
  EXPECT_THAT(NamesIn(wrapped_), ElementsAre("epoch-2.keys"));
}

// Everything else is a loss, and said so: to go on would make it look as if people had been erased.
TEST_F(PersonKeysTest, WhatIsLostIsSaid) {
  KeyFor(kAnn);
  KeyFor(kBob);
  const Files wrapped = FilesIn(wrapped_);
  const Files secrets = FilesIn(secrets_);
  const auto damaged = [&](size_t at) {
    std::string bytes = wrapped.at("epoch-1.keys");
    bytes[at] ^= 1;
    return Files{{"epoch-1.keys", bytes}};
  };
  const size_t begin = std::string("parley/person-keys/v1 1\n").size();
  const std::string other_key(32, 'x');
  for (const auto& [what, found_wrapped, found_secrets] : std::vector<std::tuple<const char*, Files, Files>>{
           {"no epoch's key", wrapped, {}},
           {"another key", wrapped, {{"epoch-1.key", other_key}}},
           {"a key cut short", wrapped, {{"epoch-1.key", other_key.substr(1)}}},
           {"another epoch's key", wrapped, {{"epoch-2.key", secrets.at("epoch-1.key")}}},
           {"no wrapped keys", {}, secrets},
           {"wrapped keys by another name",
            {{"epoch-2.keys", wrapped.at("epoch-1.keys")}},
            {{"epoch-2.key", secrets.at("epoch-1.key")}}},
           {"wrapped keys set back", wrapped, {{"epoch-1.key", secrets.at("epoch-1.key")}, {"epoch-3.key", other_key}}},
           {"the header", damaged(3), secrets},
           {"the first record's name", damaged(begin + 20), secrets},
           {"the last record", damaged(wrapped.at("epoch-1.keys").size() - 20), secrets},
       }) {
    SCOPED_TRACE(what);
    EXPECT_EQ(OpenAsLeft(found_wrapped, found_secrets).code(), absl::StatusCode::kDataLoss);
    EXPECT_EQ(FilesIn(wrapped_), found_wrapped) << "left as it was found";
    EXPECT_EQ(FilesIn(secrets_), found_secrets);
  }
  EXPECT_TRUE(OpenAsLeft(wrapped, secrets).ok());
}

// FORMAT.md's layout once more, on purpose.
TEST_F(PersonKeysTest, AreLaidOutAsDocumented) {
  const std::string ann = KeyFor("ann");
  const std::string bytes = FilesIn(wrapped_).at("epoch-1.keys");
  const std::string record = bytes.substr(std::string("parley/person-keys/v1 1\n").size());
  ASSERT_EQ(record.size(), 4u + 4 + 4 + 3 + 12 + 32 + 16);
  EXPECT_EQ(record.substr(0, 4), std::string("\0\0\0\x43", 4));
  EXPECT_EQ(record.substr(8, 7), std::string("\0\0\0\x03"
                                             "ann",
                                             7));
  EXPECT_EQ(AeadOpen(FilesIn(secrets_).at("epoch-1.key"), "ann", record.substr(15)), ann);
}

TEST(MemoryPersonKeys, DoTheSame) {
  SeededRandom random(1);
  const auto keys = NewMemoryPersonKeys(random);
  const std::string ann = keys->KeyFor(kAnn).value();
  EXPECT_EQ(ann.size(), kAeadKeyBytes);
  EXPECT_EQ(keys->KeyFor(kAnn).value(), ann);
  EXPECT_EQ(keys->Find(kAnn).value(), ann);
  EXPECT_NE(keys->KeyFor(kBob).value(), ann);
  ASSERT_TRUE(keys->Destroy({kAnn, kCyd}).ok());
  EXPECT_EQ(ReasonOf(keys->Find(kAnn).status()), v1::REASON_NOT_FOUND);
  EXPECT_TRUE(keys->Find(kBob).ok());
}

}  // namespace
}  // namespace parley
