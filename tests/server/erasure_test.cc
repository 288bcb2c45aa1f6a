// A person is erased: nothing of them is left in any file of the server's directory, and the history still holds.
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <map>

#include "eventstore/base/clock.h"
#include "eventstore/base/random.h"
#include "parley/v1/admin.grpc.pb.h"
#include "parley/v1/person.grpc.pb.h"
#include "parley/v1/timeline.grpc.pb.h"
#include "services/command/pipeline.h"
#include "services/person/person.h"
#include "services/server/fsck.h"
#include "services/server/store.h"
#include "tests/server/server_fixture.h"
#include "tests/support/fixtures.h"

namespace parley::test {
namespace {

using Admin = v1::AdminService::Stub;
using Persons = v1::PersonService::Stub;
using Timelines = v1::TimelineService::Stub;

constexpr char kDana[] = "relationships/acme/persons/p1";
constexpr char kEli[] = "relationships/acme/persons/p2";
const std::vector<std::string> kTexts = {"Dana Quistgaard", "dana.q@example.org", "+4755512345", "punctual to a fault"};

// What must not be in a file, by what it is.
using Needles = std::map<std::string, std::string>;

class ErasureTest : public ServerTest {
 protected:
  void SetUp() override {
    Start();
    Register("p1", kTexts[0], kTexts[1], kTexts[2]);
    Register("p2", "Eli Untouched", "", "");
    // Enough for a snapshot of the relationship when the server ends.
    for (int i = 0; i < 110; ++i) Comment(kDana, kTexts[3] + " #" + std::to_string(i));
    Comment(kEli, "stays");
  }

  std::string DataDir() const { return dir_ / "data"; }
  void Restart() {
    server_.reset();
    ServerOptions options = OptionsFor(dir_);
    options.operators = {"olga"};
    auto started = Server::Start(options);
    ASSERT_TRUE(started.ok()) << started.status();
    server_ = *std::move(started);
    channel_ = Connect(server_->port());
  }

  void Register(const std::string& id, const std::string& name, const std::string& email, const std::string& phone) {
    v1::RegisterPersonRequest request;
    request.set_parent(kAcme);
    request.set_person_id(id);
    request.set_party_id("provider");
    request.set_display_name(name);
    request.set_email(email);
    request.set_phone(phone);
    v1::RegisterPersonResponse response;
    const grpc::Status status = Call("pat", &Persons::RegisterPerson, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.person().display_name(), name);
    EXPECT_EQ(response.person().email(), email);
  }
  void Comment(const std::string& name, const std::string& text) {
    v1::CommentOnPersonRequest request;
    request.set_name(name);
    request.set_text(text);
    const grpc::Status status = Call("bea", &Persons::CommentOnPerson, request);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }
  void Erase() {
    v1::ErasePersonRequest request;
    request.set_name(kDana);
    request.set_reason("asked to");
    v1::ErasePersonResponse response;
    const grpc::Status status = Call("pat", &Persons::ErasePerson, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.person().state(), v1::PERSON_STATE_ERASED);
    token_ = response.consistency_token();
  }
  v1::Person Get(const std::string& name) {
    v1::GetPersonRequest request;
    request.set_name(name);
    request.set_consistency_token(token_);
    v1::GetPersonResponse response;
    const grpc::Status status = Call("bea", &Persons::GetPerson, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.person();
  }
  // Everything that list and timeline say, as text.
  std::string Shown() {
    v1::ListPersonsRequest list;
    list.set_parent(kAcme);
    list.set_consistency_token(token_);
    v1::ListPersonsResponse people;
    EXPECT_TRUE(Call("bea", &Persons::ListPersons, list, &people).ok());
    v1::ListTimelineEntriesRequest entries;
    entries.set_parent(kAcme);
    entries.set_page_size(1000);
    v1::ListTimelineEntriesResponse timeline;
    EXPECT_TRUE(Call("bea", &Timelines::ListTimelineEntries, entries, &timeline).ok());
    return people.SerializeAsString() + timeline.SerializeAsString();
  }

  std::string Backup(const std::string& name) {
    v1::CreateBackupRequest request;
    request.set_directory(std::filesystem::absolute(dir_ / name));
    const grpc::Status status = Call("olga", &Admin::CreateBackup, request);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return request.directory();
  }

  // Which of the needles are in which file.
  std::vector<std::string> FoundInFiles(const Needles& needles) const { return FoundInFiles(DataDir(), needles); }
  static std::vector<std::string> FoundInFiles(const std::string& directory, const Needles& needles) {
    std::vector<std::string> found;
    for (const auto& file : std::filesystem::recursive_directory_iterator(directory)) {
      if (!file.is_regular_file()) continue;
      std::ifstream in(file.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(in), {}};
      for (const auto& [what, needle] : needles) {
        if (bytes.find(needle) != std::string::npos) found.push_back(what + " in " + file.path().string());
      }
    }
    return found;
  }
  // The same in everything that the stores hold, compressed in their files or not. The server must be down.
  static std::vector<std::string> FoundInStores(const Store& store, const Needles& needles) {
    std::string bytes;
    const auto entries = store.log->Read(LedgerId("acme"), 0, {.entries = 10'000, .bytes = 100 << 20});
    EXPECT_TRUE(entries.ok()) << entries.status();
    for (const Entry& entry : *entries) bytes += entry.stored.SerializeAsString();
    for (const KvStore* rows : {store.derived.get(), store.views.get()}) {
      const absl::Status scanned = rows->Scan("", "", [&](std::string_view key, std::string_view value) {
        bytes.append(key).append(value);
        return true;
      });
      EXPECT_TRUE(scanned.ok()) << scanned;
    }
    EXPECT_NE(bytes.find("snapshot/"), std::string::npos) << "no snapshot was taken: nothing is shown about them";
    std::vector<std::string> found;
    for (const auto& [what, needle] : needles) {
      if (bytes.find(needle) != std::string::npos) found.push_back(what);
    }
    return found;
  }

  static Needles Texts() {
    Needles needles;
    for (const std::string& text : kTexts) needles[text] = text;
    needles["the surname"] = "Quistgaard";
    return needles;
  }
  // Keys and ciphertexts, as they are just now. The server must be down.
  Needles Secrets() {
    SystemRandom random;
    const auto store = OpenStore(DataDir(), random);
    EXPECT_TRUE(store.ok()) << store.status();
    EXPECT_THAT(FoundInStores(*store, Texts()), testing::IsEmpty());
    Needles needles;
    needles["the person's key"] = store->person_keys->Find(kDana).value();
    for (const auto& file : std::filesystem::directory_iterator(DataDir() + "/secrets")) {
      if (!file.path().filename().string().starts_with("epoch-")) continue;
      std::ifstream in(file.path(), std::ios::binary);
      needles["the epoch's key"] = std::string{std::istreambuf_iterator<char>(in), {}};
    }
    EXPECT_EQ(needles["the epoch's key"].size(), 32u);
    const auto entries = store->log->Read(LedgerId("acme"), 0, {.entries = 10'000, .bytes = 100 << 20});
    for (const Entry& entry : *entries) {
      for (int i = 0; i < entry.record.personal_parts_size(); ++i) {
        if (entry.record.personal_parts(i).person() != kDana) continue;
        const std::string what = "part " + std::to_string(i + 1) + " of entry " + std::to_string(entry.sequence());
        // A stretch of it: a store may break a long value in two.
        needles[what] = entry.stored.parts(i + 1).sealed().substr(12, 24);
      }
    }
    EXPECT_GT(needles.size(), 110u);
    return needles;
  }

  std::string token_;
};

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST_F(ErasureTest, NothingIsLeftInAnyFile) {
  EXPECT_THAT(FoundInFiles(Texts()), IsEmpty());
  EXPECT_EQ(Get(kDana).display_name(), kTexts[0]);
  for (const std::string& text : kTexts) EXPECT_THAT(Shown(), HasSubstr(text));

  server_.reset();
  EXPECT_THAT(FoundInFiles(Texts()), IsEmpty());
  const Needles secrets = Secrets();
  EXPECT_THAT(FoundInFiles({*secrets.find("the person's key")}), IsEmpty()) << "it is kept wrapped only";
  EXPECT_EQ(FoundInFiles({*secrets.find("the epoch's key")}).size(), 1u);
  // So that what is not found below says something.
  EXPECT_GE(FoundInFiles(secrets).size(), secrets.size() - 1);

  Restart();
  EXPECT_EQ(Get(kDana).comments_size(), 110);
  EXPECT_EQ(Get(kDana).comments(7).text(), kTexts[3] + " #7");
  Needles parts = secrets;
  parts.erase("the person's key");
  parts.erase("the epoch's key");
  EXPECT_GE(FoundInFiles(Backup("before"), parts).size(), parts.size());
  Erase();
  // It is answered: it is done, in whatever the server has open, too.
  EXPECT_THAT(FoundInFiles(secrets), IsEmpty());
  EXPECT_THAT(FoundInFiles(Texts()), IsEmpty());
  const std::string after = Backup("after");
  EXPECT_THAT(FoundInFiles(after, secrets), IsEmpty());
  EXPECT_THAT(FoundInFiles(after, Texts()), IsEmpty());
  const v1::Person person = Get(kDana);
  EXPECT_EQ(person.state(), v1::PERSON_STATE_ERASED);
  EXPECT_EQ(person.display_name() + person.email() + person.phone() + person.comments(0).text(), "");
  for (const std::string& text : kTexts) EXPECT_THAT(Shown(), Not(HasSubstr(text)));
  EXPECT_EQ(Get(kEli).display_name(), "Eli Untouched");

  server_.reset();
  EXPECT_THAT(FoundInFiles(secrets), IsEmpty());
  EXPECT_THAT(FoundInFiles(Texts()), IsEmpty());
  {
    SystemRandom random;
    const auto store = OpenStore(DataDir(), random);
    ASSERT_TRUE(store.ok()) << store.status();
    EXPECT_THAT(FoundInStores(*store, secrets), IsEmpty());
    EXPECT_THAT(FoundInStores(*store, Texts()), IsEmpty());
  }
  // The history still folds to the same states and read models.
  EXPECT_TRUE(RunFsck(DataDir()).value());
  std::filesystem::remove_all(DataDir() + "/views");
  std::filesystem::remove_all(DataDir() + "/derived");
  Restart();
  EXPECT_EQ(Get(kDana).erase_reason(), "asked to");
  EXPECT_EQ(Get(kEli).comments(0).text(), "stays");
  server_.reset();
  EXPECT_TRUE(RunFsck(DataDir()).value());
}

// The server ended when the entry was on the disk, and nothing was destroyed yet.
TEST_F(ErasureTest, WhatACrashLeftIsDoneBeforeItServesAgain) {
  server_.reset();
  const Needles secrets = Secrets();
  {
    SystemRandom random;
    SystemClock clock;
    const auto store = OpenStore(DataDir(), random);
    ASSERT_TRUE(store.ok()) << store.status();
    CommandPipeline pipeline({.log = store->log.get(),
                              .snapshots = store->derived.get(),
                              .clock = &clock,
                              .random = &random,
                              .person_keys = store->person_keys.get(),
                              .fingerprint_key = store->fingerprint_key});
    auto request = std::make_shared<v1::ErasePersonRequest>();
    request->set_name(kDana);
    request->set_reason("asked to");
    std::promise<absl::Status> done;
    pipeline.Submit({.principal = "pat"},
                    MakeCommand<v1::Person>(std::shared_ptr<const v1::ErasePersonRequest>(request)), nullptr,
                    [&](const absl::StatusOr<Answer>& answer) { done.set_value(answer.status()); });
    ASSERT_TRUE(done.get_future().get().ok());
  }
  EXPECT_GE(FoundInFiles(secrets).size(), secrets.size() - 1);
  Restart();
  EXPECT_THAT(FoundInFiles(secrets), IsEmpty());
  EXPECT_EQ(Get(kDana).state(), v1::PERSON_STATE_ERASED);
}

TEST_F(ErasureTest, IsCountedUntilItIsDone) {
  server_.reset();
  ServerOptions options = OptionsFor(dir_);
  options.metrics_listen = "127.0.0.1:0";
  auto started = Server::Start(options);
  ASSERT_TRUE(started.ok()) << started.status();
  channel_ = Connect((*started)->port());
  Erase();
  const std::string metrics = HttpGet((*started)->metrics_port(), "/metrics");
  EXPECT_THAT(metrics, HasSubstr("\nparley_erasures_pending 0"));
  EXPECT_THAT(metrics, HasSubstr("\nparley_eraser_failing 0"));
}

// Of a request that only asks whether it would do, nothing is left either.
TEST_F(ErasureTest, WhatIsOnlyValidatedLeavesNothing) {
  v1::ChangePersonProfileRequest request;
  request.set_name(kDana);
  request.set_display_name("Dana Unheard-Of");
  request.set_validate_only(true);
  v1::ChangePersonProfileResponse response;
  ASSERT_TRUE(Call("pat", &Persons::ChangePersonProfile, request, &response).ok());
  EXPECT_EQ(response.person().comments(0).text(), kTexts[3] + " #0");
  server_.reset();
  EXPECT_THAT(FoundInFiles({{"the name", "Unheard-Of"}}), IsEmpty());
}

TEST_F(ErasureTest, RepeatingItIsAnsweredAlike) {
  v1::ErasePersonRequest request;
  request.set_name(kDana);
  request.set_reason("asked to");
  request.set_request_id("once");
  v1::ErasePersonResponse first, second;
  ASSERT_TRUE(Call("pat", &Persons::ErasePerson, request, &first).ok());
  ASSERT_TRUE(Call("pat", &Persons::ErasePerson, request, &second).ok());
  EXPECT_EQ(first.SerializeAsString(), second.SerializeAsString());
  request.set_request_id("twice");
  EXPECT_EQ(RefusalOf(Call("pat", &Persons::ErasePerson, request)), v1::REASON_PERSON_ERASED);
}

}  // namespace
}  // namespace parley::test
