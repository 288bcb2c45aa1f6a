// kill -9 of parleyd at random moments while people are erased, others spoken of: once the server serves again, nothing of whoever is
// erased on record is left in any file, and nothing else that was told is lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "eventstore/base/hash.h"
#include "eventstore/base/random.h"
#include "parley/v1/person.grpc.pb.h"
#include "parley/v1/relationship.grpc.pb.h"
#include "services/server/fsck.h"
#include "services/server/store.h"
#include "tests/support/parleyd.h"
#include "tests/support/server_rpc.h"

namespace parley::test {
namespace {

using testing::IsEmpty;
using Persons = v1::PersonService::Stub;
using Relationships = v1::RelationshipService::Stub;

constexpr char kAcme[] = "relationships/acme";
constexpr int kPeoplePerRound = 12;

std::string NameOf(int i) { return std::string(kAcme) + "/persons/p" + std::to_string(i); }
std::string DisplayName(int i) { return "Quendolin Person-" + std::to_string(i) + " Zwart"; }
std::string Remark(int i, int n) { return "remark " + std::to_string(n) + " about " + DisplayName(i); }

// What was told about one person.
struct Known {
  bool registered = false;
  int comments = 0;     // Acknowledged.
  bool asked = false;   // An erasure was asked for; whether it is on record shows.
  bool erased = false;  // It was acknowledged.
};

class ErasureKill : public testing::Test {
 protected:
  void Start() {
    server_ = std::make_unique<Parleyd>(dir_ / "data");
    const int port = server_->WaitForPort();
    ASSERT_NE(port, 0) << server_->Log();
    channel_ = Connect(port);
  }
  template <class Stub, class Request, class Response>
  bool Call(const char* who, grpc::Status (Stub::*rpc)(grpc::ClientContext*, const Request&, Response*),
            const Request& request, Response* response) {
    Stub stub(channel_);
    return CallAs(who, stub, rpc, request, response).ok();
  }

  void Establish() {
    v1::EstablishRelationshipRequest request;
    request.set_relationship_id("acme");
    request.set_display_name("Acme");
    request.set_archetype(v1::ARCHETYPE_MANAGED_SERVICE);
    request.set_stage(v1::STAGE_OPERATING);
    const auto add = [&](const char* id, v1::PartyKind kind, const char* first) {
      v1::Party& party = *request.add_parties();
      party.set_party_id(id);
      party.set_kind(kind);
      party.set_display_name(id);
      party.set_first_member(first);
    };
    add("buyer", v1::PARTY_KIND_BUYER, "bea");
    add("provider", v1::PARTY_KIND_PROVIDER, "pat");
    v1::EstablishRelationshipResponse established;
    ASSERT_TRUE(Call("bea", &Relationships::EstablishRelationship, request, &established));
    for (const auto& [who, party] : {std::pair("bea", "buyer"), std::pair("pat", "provider")}) {
      v1::AcceptPartyRequest accept;
      accept.set_name(kAcme);
      accept.set_party_id(party);
      v1::AcceptPartyResponse accepted;
      ASSERT_TRUE(Call(who, &Relationships::AcceptParty, accept, &accepted));
    }
  }

  void Register(int i) {
    v1::RegisterPersonRequest request;
    request.set_parent(kAcme);
    request.set_person_id("p" + std::to_string(i));
    request.set_party_id("provider");
    request.set_display_name(DisplayName(i));
    v1::RegisterPersonResponse response;
    ASSERT_TRUE(Call("pat", &Persons::RegisterPerson, request, &response)) << server_->Log();
    known_[i].registered = true;
  }
  void Comment(int i) {
    v1::CommentOnPersonRequest request;
    request.set_name(NameOf(i));
    request.set_text(Remark(i, known_[i].comments));
    v1::CommentOnPersonResponse response;
    if (Call("bea", &Persons::CommentOnPerson, request, &response)) ++known_[i].comments;
  }
  void Erase(int i) {
    v1::ErasePersonRequest request;
    request.set_name(NameOf(i));
    request.set_reason("asked to");
    v1::ErasePersonResponse response;
    const bool answered = Call("pat", &Persons::ErasePerson, request, &response);
    std::lock_guard lock(mu_);
    known_[i].asked = true;
    if (!answered) return;
    known_[i].erased = true;
    ++answered_;
    answers_.notify_all();
  }

  // What of the people in the record is there, and ought to be. The sealed parts of those that are not erased; the server is down.
  void NoteParts() {
    SystemRandom random;
    const auto store = OpenStore(dir_ / "data", random);
    ASSERT_TRUE(store.ok()) << store.status();
    for (uint64_t next = 0;;) {
      const auto entries = store->log->Read(LedgerId("acme"), next, {});
      ASSERT_TRUE(entries.ok()) << entries.status();
      if (entries->empty()) return;
      for (const Entry& entry : *entries) {
        for (int part = 0; part < entry.record.personal_parts_size(); ++part) {
          const std::string& sealed = entry.stored.parts(part + 1).sealed();
          if (!sealed.empty()) sealed_[entry.record.personal_parts(part).person()].insert(sealed);
        }
      }
      next = entries->back().sequence() + 1;
    }
  }

  // Everything that was told holds, as the server that runs says, and nothing is left in files of whoever is erased.
  void Check() {
    std::set<std::string> needles;
    for (auto& [i, known] : known_) {
      SCOPED_TRACE(NameOf(i));
      v1::GetPersonRequest request;
      request.set_name(NameOf(i));
      v1::GetPersonResponse response;
      ASSERT_TRUE(Call("bea", &Persons::GetPerson, request, &response));
      const v1::Person& person = response.person();
      const bool erased = person.state() == v1::PERSON_STATE_ERASED;
      EXPECT_TRUE(erased || !known.erased) << "an erasure that was acknowledged is lost";
      EXPECT_TRUE(known.asked || !erased) << "nobody asked for it";
      EXPECT_GE(person.comments_size(), known.comments);
      EXPECT_EQ(person.display_name(), erased ? "" : DisplayName(i));
      for (int n = 0; n < known.comments; ++n) {
        EXPECT_EQ(person.comments(n).text(), erased ? "" : Remark(i, n));
      }
      known.comments = person.comments_size();  // One may have been recorded and not answered.
      if (!erased) continue;
      known.erased = true;
      needles.insert(sealed_[NameOf(i)].begin(), sealed_[NameOf(i)].end());
    }
    shown_ += needles.size();
    for (const auto& file : std::filesystem::recursive_directory_iterator(dir_ / "data")) {
      if (!file.is_regular_file()) continue;
      std::ifstream in(file.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(in), {}};
      EXPECT_EQ(bytes.find("Quendolin"), std::string::npos) << file.path();
      for (const std::string& needle : needles) {
        ASSERT_EQ(bytes.find(needle), std::string::npos) << file.path() << " holds what was erased";
      }
    }
  }

  ScratchDir dir_;
  std::unique_ptr<Parleyd> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::mutex mu_;
  std::condition_variable answers_;
  size_t answered_ = 0;  // Erasures, in this round.
  std::map<int, Known> known_;
  std::map<std::string, std::set<std::string>> sealed_;  // By person.
  size_t shown_ = 0;                                     // Ciphertexts that were looked for.
};

TEST_F(ErasureKill, NothingIsLeftAndNothingElseIsLost) {
  const int kills = std::getenv("PARLEY_LONG") ? 100 : 6;
  uint64_t seed = 0;
  SystemRandom system;
  for (const char c : system.Bytes(sizeof(seed))) seed = seed << 8 | static_cast<unsigned char>(c);
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_NO_FATAL_FAILURE(Establish());
  int next = 0;
  int cut_short = 0;
  for (int kill = 0; kill < kills; ++kill) {
    const int first = next;
    for (; next < first + kPeoplePerRound; ++next) {
      ASSERT_NO_FATAL_FAILURE(Register(next));
      Comment(next);
    }
    // What is to be looked for.
    ASSERT_EQ(server_->Terminate(absl::Seconds(30)), 0) << server_->Log();
    ASSERT_NO_FATAL_FAILURE(NoteParts());
    ASSERT_NO_FATAL_FAILURE(Start());
    // Two erase until the server is gone, some of them at the same time.
    const auto erase = [&](int from) {
      for (int i = from; i < first + kPeoplePerRound - 4; i += 2) Erase(i);
    };
    std::unique_lock lock(mu_);
    answered_ = 0;
    const size_t random_answers = random() % 8;
    std::thread one(erase, first), two(erase, first + 1);
    answers_.wait_for(lock, std::chrono::milliseconds(random() % 500), [&] { return answered_ >= random_answers; });
    lock.unlock();
    server_->Kill();
    one.join();
    two.join();
    // One that is picking up the pieces is not spared either.
    if (random() % 2 == 0) {
      Parleyd starting(dir_ / "data");
      std::unique_lock waiting(mu_);
      answers_.wait_for(waiting, std::chrono::milliseconds(random() % 200), [] { return false; });
    }
    for (const auto& [i, known] : known_) cut_short += known.asked && !known.erased;
    ASSERT_NO_FATAL_FAILURE(Start());
    Comment(next - 1);  // Is taken again.
    ASSERT_NO_FATAL_FAILURE(Check());
    if (HasFailure()) return;
  }
  ASSERT_EQ(server_->Terminate(absl::Seconds(30)), 0) << server_->Log();
  EXPECT_TRUE(RunFsck(dir_ / "data").value());
  std::cout << kills << " kills: " << next << " people, " << cut_short << " erasures without an answer, " << shown_
            << " ciphertexts looked for" << std::endl;
  EXPECT_GT(shown_, 0u);
}

}  // namespace
}  // namespace parley::test
