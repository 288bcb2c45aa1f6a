// What an agent does that is lied to: it says the verdict, and signs nothing.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/time/time.h"
#include "eventstore/base/clock.h"
#include "eventstore/base/hash.h"
#include "parley/v1/decision.pb.h"
#include "tests/e2e/dishonest_server.h"
#include "tests/e2e/relationship_server.h"
#include "tests/support/bundle_builder.h"

namespace parley {
namespace {

namespace fs = std::filesystem;

using test::BundleBuilder;
using test::Ran;
using test::TestBundle;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class DishonestServerTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string seed = Sha256("buyer 2");
    std::ofstream(dir_ / "key") << "parley/cosigner-key/v1\nname buyer.example/acme\nseed "
                                << absl::BytesToHexString(seed) << "\n";
    fs::permissions(dir_ / "key", fs::perms::owner_read | fs::perms::owner_write);
    server_.Register("buyer", Key().verifier());
  }
  static NoteSigningKey Key() {
    return test::TestKey("buyer.example/acme", NoteKeyType::kEd25519Cosignature, "buyer 2");
  }
  // The buyer's agent, given the server's present story.
  Ran Agent(const TestBundle& story) {
    server_.Serve(story);
    return test::RunParley(server_.port(), "bea",
                           {"cosign", "relationships/acme", "--key", dir_ / "key", "--state", dir_ / "state"});
  }
  void ExpectRefused(const TestBundle& story, const std::string& verdict) {
    const size_t before = server_.cosigned().size();
    const Ran ran = Agent(story);
    EXPECT_EQ(ran.exit_code, kExitRefused) << ran.out;
    EXPECT_THAT(ran.err, HasSubstr("not cosigned: " + verdict + "\n"));
    EXPECT_EQ(server_.cosigned().size(), before);
    size_t kept = 0;
    for (const auto& note : fs::directory_iterator(dir_ / "state/cosigned")) kept += note.is_regular_file();
    EXPECT_EQ(kept, before);
    // What was sent is kept as evidence, and what was there before is what it was.
    EXPECT_EQ(fs::exists(dir_ / "state/bundle.refused"), verdict != "truncated")
        << "nothing is fetched that is shorter";
    if (before > 0) {
      EXPECT_EQ(test::ReadTestBundle(dir_ / "state/bundle").files, cosigned_.files);
    } else {
      EXPECT_FALSE(fs::exists(dir_ / "state/bundle/manifest"));
    }
  }
  // The record as it was before its last input was given, under a checkpoint of its own.
  static BundleBuilder Shorter() {
    BundleBuilder record;
    record.entries.resize(record.Find("decision.input_given", 1));
    record.AppendDigest();
    record.Resign();
    return record;
  }

  test::ScratchDir dir_;
  test::DishonestServer server_;
  TestBundle cosigned_;
};

TEST_F(DishonestServerTest, AnHonestStoryIsCosigned) {
  const BundleBuilder good;
  const Ran ran = Agent(good.Bundle("buyer"));
  EXPECT_EQ(ran.exit_code, kExitOk) << ran.err;
  ASSERT_EQ(server_.cosigned().size(), 1u);
  const auto note = SignedNote::Parse(server_.cosigned()[0]);
  ASSERT_TRUE(note.ok()) << note.status();
  EXPECT_EQ(note->text(), good.notes.back().text());
  const auto time = note->Verify(Key().verifier());
  ASSERT_TRUE(time.ok()) << time.status();
  EXPECT_THAT(ran.err, HasSubstr("the log's key is taken on trust now"));
}

TEST_F(DishonestServerTest, WhatWasSignedOnceIsSentAgainAsItWas) {
  BundleBuilder record;
  auto uncosigned = SignedNote::Make(record.notes.back().text());
  uncosigned->Add(record.notes.back().signatures()[0]);
  record.notes.back() = *uncosigned;
  const TestBundle story = record.Bundle("buyer");
  server_.LoseNextAnswer();
  EXPECT_EQ(Agent(story).exit_code, kExitUnavailable);
  EXPECT_EQ(Agent(story).exit_code, kExitOk);
  ASSERT_EQ(server_.cosigned().size(), 2u);
  EXPECT_EQ(server_.cosigned()[0], server_.cosigned()[1]);
}

TEST_F(DishonestServerTest, SignaturesThatNobodyMadeAreNotKept) {
  TestBundle story = BundleBuilder().Bundle("buyer");
  ASSERT_EQ(Agent(story).exit_code, kExitOk);
  // Its own cosignature is under the note by now, and another that claims to be the provider's.
  auto note = SignedNote::Parse(server_.cosigned()[0]);
  NoteSignature forged = note->signatures()[2];
  ASSERT_EQ(forged.name, "provider.example/acme");
  auto other = SignedNote::Make(note->text());
  for (const NoteSignature& s : note->signatures()) {
    if (s.name != forged.name) other->Add(s);
  }
  forged.signature.back() ^= 1;
  forged.key_id.back() ^= 1;
  other->Add(forged);
  story.files["checkpoint"] = other->ToString();
  const Ran ran = Agent(story);
  EXPECT_EQ(ran.exit_code, kExitOk) << ran.err;
  EXPECT_THAT(ran.out, StartsWith("nothing new since"));
}

TEST_F(DishonestServerTest, AShorterStoryThanTheOneCosigned) {
  ASSERT_EQ(Agent(BundleBuilder().Bundle("buyer")).exit_code, kExitOk);
  cosigned_ = test::ReadTestBundle(dir_ / "state/bundle");
  ExpectRefused(Shorter().Bundle("buyer"), "truncated");
}

TEST_F(DishonestServerTest, AnotherStoryThanTheOneCosigned) {
  const Ran first = Agent(Shorter().Bundle("buyer"));
  ASSERT_EQ(first.exit_code, kExitOk) << first.err;
  cosigned_ = test::ReadTestBundle(dir_ / "state/bundle");
  BundleBuilder fork;
  fork.RewriteEvent<v1::DecisionEvent>(fork.Find("decision.input_given"),
                                       [](v1::DecisionEvent& e) { e.mutable_input_given()->set_text("rather not"); });
  fork.RecomputeDigests();
  fork.Resign();
  ExpectRefused(fork.Bundle("buyer"), "forked");
}

TEST_F(DishonestServerTest, AContentThatWasAltered) {
  BundleBuilder record;
  record.entries[record.Find("decision.decided")].mutable_parts(0)->set_salt(std::string(32, 'x'));
  ExpectRefused(record.Bundle("buyer"), "altered");
}

TEST_F(DishonestServerTest, AnErasureThatNobodyOrdered) {
  BundleBuilder record;
  record.entries[record.Find("person.commented", 1)].mutable_parts(1)->Clear();
  ExpectRefused(record.Bundle("buyer"), "hidden");
}

TEST_F(DishonestServerTest, AnotherLogsSignature) {
  BundleBuilder record;
  auto note = SignedNote::Make(record.notes.back().text());
  ASSERT_TRUE(note->Sign(test::TestKey(test::kOrigin, NoteKeyType::kEd25519, "somebody")).ok());
  record.notes.back() = *note;
  ExpectRefused(record.Bundle("buyer"), "bad-signature");
}

TEST_F(DishonestServerTest, AnEntryPassedOffAsThePartysOwn) {
  BundleBuilder record;
  // The provider's own objective under the buyer's name, contents withheld.
  const size_t at = record.Find("objective.stated", 2);
  record.Rewrite(at, [](v1::EntryHeader& header, v1::Record&) { header.set_owner("buyer"); });
  record.Resign();
  record.entries[at].clear_parts();
  const Ran ran = Agent(record.Bundle("buyer"));
  EXPECT_EQ(ran.exit_code, kExitRefused);
  EXPECT_THAT(ran.err, HasSubstr("not cosigned: "));
  EXPECT_TRUE(server_.cosigned().empty());
}

TEST_F(DishonestServerTest, ARecordThatDoesNotSayWhatTheDashboardsSaid) {
  BundleBuilder record;
  record.entries.resize(record.Find("digest.recorded", 1));
  record.Resign();
  ExpectRefused(record.Bundle("buyer"), "divergent");
}

// A key of the provider's, the server says; then what is kept from the provider would be kept from the buyer's agent.
TEST_F(DishonestServerTest, AnotherPartysStory) {
  server_.Register("provider", Key().verifier());
  ExpectRefused(BundleBuilder().Bundle("provider"), "not ours");
  EXPECT_FALSE(fs::exists(dir_ / "state/policy")) << "nothing is learnt from what was refused";
}

TEST_F(DishonestServerTest, TheStoryOfAnotherRelationship) {
  server_.Serve(BundleBuilder().Bundle("buyer"));
  const Ran ran =
      test::RunParley(server_.port(), "bea", {"cosign", "other", "--key", dir_ / "key", "--state", dir_ / "state"});
  EXPECT_EQ(ran.exit_code, kExitRefused);
  EXPECT_THAT(ran.err, HasSubstr("not cosigned: another record\n"));
  EXPECT_TRUE(server_.cosigned().empty());
}

TEST_F(DishonestServerTest, AStoryFromTheFuture) {
  BundleBuilder record;
  const int64_t tomorrow = absl::ToUnixSeconds(SystemClock().Now() + absl::Hours(24));
  record.AppendDigest();
  record.Rewrite(record.entries.size() - 1,
                 [&](v1::EntryHeader& header, v1::Record&) { header.mutable_recorded_at()->set_seconds(tomorrow); });
  record.Resign();
  ExpectRefused(record.Bundle("buyer"), "backdated");
}

TEST_F(DishonestServerTest, OneAgentAtATime) {
  ASSERT_EQ(Agent(BundleBuilder().Bundle("buyer")).exit_code, kExitOk);
  const int fd = open((dir_ / "state/lock").c_str(), O_WRONLY | O_CLOEXEC);
  ASSERT_EQ(flock(fd, LOCK_EX | LOCK_NB), 0);
  const Ran ran = Agent(BundleBuilder().Bundle("buyer"));
  EXPECT_EQ(ran.exit_code, kExitUnavailable);
  EXPECT_THAT(ran.err, HasSubstr("another agent is at work"));
  close(fd);
  EXPECT_EQ(Agent(BundleBuilder().Bundle("buyer")).exit_code, kExitOk);
}

TEST_F(DishonestServerTest, APathThatLeadsElsewhere) {
  TestBundle story = BundleBuilder().Bundle("buyer");
  story.files["checkpoint/../../../escaped"] = "x";
  const Ran ran = Agent(story);
  EXPECT_EQ(ran.exit_code, kExitRefused);
  EXPECT_THAT(ran.err, HasSubstr("no bundle has a file"));
  EXPECT_FALSE(fs::exists(dir_ / "escaped"));
  EXPECT_TRUE(server_.cosigned().empty());
}

}  // namespace
}  // namespace parley
