// Two parties' agents over a real server, and what each of them keeps.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "eventstore/proof/bundle.h"
#include "eventstore/proof/note.h"
#include "parley/v1/audit.pb.h"
#include "parley/v1/decision.pb.h"
#include "tests/e2e/relationship_server.h"

namespace parley {
namespace {

namespace fs = std::filesystem;

using test::Ran;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class CosignE2e : public test::RelationshipServer {
 protected:
  // A key for the party, registered. Its vkey.
  std::string MakeKey(const std::string& principal, const std::string& party, const std::string& file) {
    std::string vkey = Do(principal, {"cosign", "keygen", "--name", party + ".example", "--out", dir_ / file});
    vkey.pop_back();
    return vkey;
  }
  void Register(const std::string& principal, const std::string& party, const std::string& vkey) {
    Do(principal, {"keys", "register", "acme", "--party-id", party, "--vkey", vkey});
  }
  void RegisterBoth() {
    Register("bea", "buyer", MakeKey("bea", "buyer", "buyer.key"));
    Register("pat", "provider", MakeKey("pat", "provider", "provider.key"));
  }
  std::vector<std::string> Agent(const std::string& party, std::vector<std::string> more = {}) {
    std::vector<std::string> args = {"cosign", "acme", "--key", dir_ / (party + ".key"), "--state", dir_ / party};
    args.insert(args.end(), more.begin(), more.end());
    return args;
  }
  void Propose(const std::string& id) {
    auto request = test::Parse<v1::ProposeDecisionRequest>(
        "parent: 'relationships/acme' class_id: 'staffing' options { option_id: 'yes' } options { option_id: 'no' }");
    request.set_decision_id(id);
    request.set_title(id);
    request.set_request_id(id);
    v1::ProposeDecisionResponse response;
    Call("pat", request, &response);
  }
  std::string Read(const std::string& file) {
    std::ifstream in(dir_ / file, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }
  // What is in a directory, by path.
  std::map<std::string, std::string> Tree(const std::string& directory) {
    std::map<std::string, std::string> files;
    for (const auto& file : fs::recursive_directory_iterator(dir_ / directory)) {
      if (!file.is_regular_file()) continue;
      const std::string path = file.path().lexically_relative(dir_.path()).string();
      files[path] = Read(path);
    }
    return files;
  }
  uint64_t SizeOf(const std::string& bundle) { return BundleDir::Open(dir_ / bundle)->manifest().size; }
};

TEST_F(CosignE2e, BothCosignTheSameCheckpointAndGoOn) {
  RegisterBoth();
  EXPECT_THAT(Do("bea", Agent("buyer")), HasSubstr("so did: buyer\n"));
  EXPECT_THAT(Do("pat", Agent("provider")), HasSubstr("so did: buyer, provider: final\n"));
  const uint64_t first = SizeOf("buyer/bundle");
  EXPECT_EQ(SizeOf("provider/bundle"), first);
  for (int i = 0; i < 40; ++i) Propose("d" + std::to_string(i));
  EXPECT_THAT(Do("pat", Agent("provider")), HasSubstr("so did: provider\n"));
  EXPECT_THAT(Do("bea", Agent("buyer")), HasSubstr(": final\n"));
  EXPECT_GT(SizeOf("buyer/bundle"), first + 40);
  EXPECT_EQ(SizeOf("buyer/bundle"), SizeOf("provider/bundle"));
  EXPECT_THAT(Do("bea", Agent("buyer")), StartsWith("nothing new since"));
  // The provider cosigned before the buyer did, and learns now that both have.
  EXPECT_THAT(Do("pat", Agent("provider")), StartsWith("cosigned by buyer.example, too: "));
  EXPECT_THAT(Do("pat", Agent("provider")), StartsWith("nothing new since"));
  for (const char* note : {"provider/bundle/checkpoint", "buyer/bundle/checkpoint"}) {
    const auto parsed = SignedNote::Parse(Read(note));
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(parsed->signatures().size(), 3u) << note << ": the log's, and both";
  }
  EXPECT_TRUE(BundleDir::Open(dir_ / "provider/bundle")->StrayFiles()->empty());
  // What each keeps: the notes it cosigned, the log's key, the record.
  const auto kept = Tree("buyer");
  EXPECT_TRUE(kept.contains("buyer/policy"));
  EXPECT_EQ(
      std::count_if(kept.begin(), kept.end(), [](const auto& f) { return f.first.starts_with("buyer/cosigned/"); }), 2);
  EXPECT_THAT(Do("bea", {"audit", "diff", dir_ / "buyer/bundle", dir_ / "provider/bundle"}), HasSubstr("the same"));
}

// What one party cosigned before an erasure is handed out no more: the other's agent asks for what is.
TEST_F(CosignE2e, AnErasureBetweenOnePartysRoundAndTheOthers) {
  RegisterBoth();
  Do("bea",
     {"persons", "register", "acme", "--person-id", "ann", "--party-id", "buyer", "--display-name", "Ann Archer"});
  Do("pat", Agent("provider"));
  Do("bea", {"persons", "erase", "acme/persons/ann", "--reason", "asked for it"});
  EXPECT_THAT(Do("bea", Agent("buyer")), HasSubstr("erased-with-authority"));
  EXPECT_THAT(Do("pat", Agent("provider")), HasSubstr(": final\n"));
}

TEST_F(CosignE2e, AnAgentsCopyIsWhatAFreshExportGives) {
  RegisterBoth();
  for (int i = 0; i < 10; ++i) Propose("a" + std::to_string(i));
  Do("bea", Agent("buyer"));
  // Grows past a tile, so that the copy is brought up to date and not fetched again.
  for (int i = 0; i < 250; ++i) Propose("b" + std::to_string(i));
  Do("bea",
     {"persons", "register", "acme", "--person-id", "ann", "--party-id", "buyer", "--display-name", "Ann Archer"});
  Do("bea", Agent("buyer"));
  Do("bea", {"persons", "erase", "acme/persons/ann", "--reason", "asked for it"});
  EXPECT_THAT(Do("bea", Agent("buyer")), HasSubstr("erased-with-authority"));
  Do("bea", {"audit", "export", "acme", dir_ / "fresh"});
  auto copy = Tree("buyer/bundle"), fresh = Tree("fresh");
  ASSERT_EQ(copy.size(), fresh.size());
  for (const auto& [path, bytes] : fresh) {
    const std::string other = "buyer/bundle" + path.substr(5);
    // The note was cosigned after it was fetched.
    if (path == "fresh/checkpoint" || path == "fresh/manifest") continue;
    ASSERT_TRUE(copy.contains(other)) << other;
    EXPECT_EQ(copy.at(other) == bytes, true) << path;
  }
}

TEST_F(CosignE2e, AnUnregisteredKeyIsRefusedWithWhatToDo) {
  MakeKey("bea", "buyer", "buyer.key");
  const Ran ran = Run("bea", Agent("buyer"));
  EXPECT_EQ(ran.exit_code, kExitUsage);
  EXPECT_THAT(ran.err, HasSubstr("parley keys register relationships/acme --party-id PARTY --vkey buyer.example+"));
}

TEST_F(CosignE2e, ANewKeyTakesTheOldOnesPlace) {
  RegisterBoth();
  Do("bea", Agent("buyer"));
  MakeKey("bea", "buyer", "next.key");
  const std::string statement = Do("bea", {"cosign", "rotate", "--relationship", "acme", "--key", dir_ / "buyer.key",
                                           "--new-key", dir_ / "next.key", "--print"});
  EXPECT_THAT(statement, StartsWith("parley/key/v1\nrelationships/acme\nbuyer.example+"));
  Do("bea",
     {"cosign", "rotate", "--relationship", "acme", "--key", dir_ / "buyer.key", "--new-key", dir_ / "next.key"});
  EXPECT_EQ(Run("bea", Agent("buyer")).exit_code, kExitUsage);
  fs::rename(dir_ / "next.key", dir_ / "buyer.key");
  EXPECT_THAT(Do("bea", Agent("buyer")), HasSubstr("so did: buyer\n"));
  EXPECT_THAT(Do("pat", Agent("provider")), HasSubstr(": final\n"));
}

TEST_F(CosignE2e, AGivenPolicyIsHeldTo) {
  RegisterBoth();
  Do("bea", Agent("buyer"));
  const std::string pinned = Read("buyer/policy");
  const std::string log = pinned.substr(0, pinned.find('\n'));
  const auto stranger =
      NoteSigningKey::Make(log.substr(4, log.find('+') - 4), NoteKeyType::kEd25519, std::string(32, 'x'));
  ASSERT_TRUE(stranger.ok()) << stranger.status();
  std::ofstream(dir_ / "wrong") << "log " << stranger->verifier().ToString() << "\nquorum none\n";
  const Ran wrong = Run("pat", Agent("provider", {"--trust", dir_ / "wrong", "--follow", "--interval", "1h"}));
  EXPECT_EQ(wrong.exit_code, kExitRefused) << "and it does not go on";
  EXPECT_THAT(wrong.err, HasSubstr("not cosigned: bad-signature"));
  // That others must cosign is nothing to ask of the first who does.
  const auto other = NoteSigningKey::Make("other", NoteKeyType::kEd25519Cosignature, std::string(32, 'y'));
  std::ofstream(dir_ / "right") << log << "\nwitness other " << other->verifier().ToString() << "\nquorum other\n";
  EXPECT_THAT(Do("pat", Agent("provider", {"--trust", dir_ / "right"})), HasSubstr(": final\n"));
  EXPECT_FALSE(fs::exists(dir_ / "provider/policy"));
}

TEST_F(CosignE2e, WhatWasNeverSentIsNotCosigned) {
  RegisterBoth();
  std::ofstream(dir_ / "own") << "something-else\n";
  const Ran ran = Run("bea", Agent("buyer", {"--own", dir_ / "own"}));
  EXPECT_EQ(ran.exit_code, kExitRefused);
  EXPECT_THAT(ran.err, HasSubstr("not cosigned: not ours"));
  EXPECT_THAT(ran.err, HasSubstr("was never sent"));
  EXPECT_TRUE(fs::is_empty(dir_ / "buyer/cosigned"));
}

TEST_F(CosignE2e, AServerThatForgotIsRefused) {
  RegisterBoth();
  Do("bea", Agent("buyer"));
  Stop();
  fs::copy(dir_ / "data", dir_ / "earlier", fs::copy_options::recursive);
  Start();
  Propose("late");
  Do("bea", Agent("buyer"));
  const uint64_t seen = SizeOf("buyer/bundle");
  Stop();
  // Whoever runs it has put everything back, what it signed included.
  Start("earlier");
  const Ran behind = Run("bea", Agent("buyer"));
  EXPECT_EQ(behind.exit_code, kExitRefused);
  EXPECT_THAT(behind.err, HasSubstr("HISTORY_BEHIND"));
  // Nothing can be vouched for any more, to nobody.
  EXPECT_EQ(Run("pat", Agent("provider")).exit_code, kExitRefused);
  EXPECT_EQ(SizeOf("buyer/bundle"), seen) << "what the party had it keeps";
}

TEST_F(CosignE2e, AServerThatToldAnotherStoryIsRefused) {
  RegisterBoth();
  Do("bea", Agent("buyer"));
  Stop();
  fs::copy(dir_ / "data", dir_ / "earlier", fs::copy_options::recursive);
  Start();
  Propose("one-story");
  Do("bea", Agent("buyer"));
  Stop();
  Start("earlier");
  for (int i = 0; i < 5; ++i) Propose("another-story-" + std::to_string(i));
  const Ran forked = Run("bea", Agent("buyer"));
  EXPECT_EQ(forked.exit_code, kExitRefused);
  EXPECT_THAT(forked.err, HasSubstr("HISTORY_FORKED"));
}

TEST_F(CosignE2e, ExportProveCheckAndDiff) {
  RegisterBoth();
  Propose("d1");
  const std::string exported = Do("bea", {"audit", "export", "acme", dir_ / "early"});
  EXPECT_THAT(exported, HasSubstr("Reader     buyer\n"));
  EXPECT_THAT(exported, HasSubstr("cosigned by nobody yet"));
  Do("bea", Agent("buyer"));
  Do("pat", Agent("provider"));
  const std::string receipt = Do("bea", {"audit", "prove", "acme", "0", "--out", dir_ / "receipt"});
  EXPECT_THAT(receipt, HasSubstr("relationship.established in relationships/acme\n"));
  EXPECT_THAT(receipt, HasSubstr("final"));

  // Offline from here on: no server is named that is there.
  const std::string log_line = Read("buyer/policy");
  const auto vkey = [&](const std::string& party) {
    const std::string keys = Do("bea", {"--output", "json", "keys", "list", "acme"});
    const size_t at = keys.find(party + ".example+");
    return keys.substr(at, keys.find('"', at) - at);
  };
  std::ofstream(dir_ / "trust") << log_line.substr(0, log_line.find('\n')) << "\nwitness buyer " << vkey("buyer")
                                << "\nwitness provider " << vkey("provider")
                                << "\ngroup both all buyer provider\nquorum both\n";
  const auto offline = [&](std::vector<std::string> args) { return test::RunParley(1, "nobody", std::move(args)); };
  const Ran good = offline({"audit", "check-receipt", dir_ / "receipt", "--trust", dir_ / "trust"});
  EXPECT_EQ(good.exit_code, kExitOk) << good.err;
  EXPECT_THAT(good.out, HasSubstr("Receipt   good\n"));
  const std::string entry = Read("receipt.entry");
  std::ofstream(dir_ / "receipt.entry", std::ios::binary) << entry.substr(0, entry.size() - 1) << '!';
  EXPECT_EQ(offline({"audit", "check-receipt", dir_ / "receipt", "--trust", dir_ / "trust"}).exit_code, kExitRefused);

  Propose("d2");
  Do("bea", {"audit", "create-checkpoint", "acme"});
  Do("bea", {"audit", "export", "acme", dir_ / "late", "--as-auditor"});
  const Ran diff = offline({"audit", "diff", dir_ / "late", dir_ / "early"});
  EXPECT_EQ(diff.exit_code, kExitOk) << diff.err;
  EXPECT_THAT(diff.out, HasSubstr("consistent: the later one extends the earlier"));
  EXPECT_THAT(diff.out, HasSubstr("1 decision.proposed\n"));
  EXPECT_THAT(diff.out, HasSubstr("Signed      buyer.example+"));
  EXPECT_THAT(Do("bea", {"audit", "export", "acme", dir_ / "early"}), HasSubstr("were there"));
}

TEST_F(CosignE2e, ExportsGoOnAndSayWhatTheyCannotDo) {
  Propose("d1");
  Do("bea", {"audit", "export", "acme", dir_ / "bundle"});
  // A transfer that broke off: manifest and notes are not there yet.
  const uint64_t size = SizeOf("bundle");
  fs::remove(dir_ / "bundle/manifest");
  fs::remove(dir_ / "bundle/checkpoint");
  fs::create_directory(dir_ / "bundle/partial");
  std::ofstream(dir_ / "bundle/partial/manifest")
      << "parley/bundle/v1\norigin parley.localhost/relationships/acme\nreader parties/buyer\nsize " << size << "\n\n";
  Do("bea", {"audit", "export", "acme", dir_ / "bundle"});
  EXPECT_TRUE(BundleDir::Open(dir_ / "bundle").ok());

  const Ran other = Run("bea", {"audit", "export", "acme", dir_ / "bundle", "--as-auditor"});
  EXPECT_EQ(other.exit_code, kExitRefused);
  EXPECT_THAT(other.err, HasSubstr("holds a bundle for buyer"));
  const Ran theirs = Run("bea", {"audit", "export", "acme", dir_ / "theirs", "--reader", "provider"});
  EXPECT_EQ(theirs.exit_code, kExitRefused);
  EXPECT_THAT(theirs.err, HasSubstr("NOT_YOUR_PARTY"));
  const Ran stranger = Run("stranger", {"audit", "export", "acme", dir_ / "none", "--as-auditor"});
  EXPECT_EQ(stranger.exit_code, kExitRefused);
  EXPECT_THAT(stranger.err, HasSubstr("NOT_FOUND"));
  const Ran no_size = Run("bea", {"audit", "export", "acme", dir_ / "sized", "--size", "3"});
  EXPECT_EQ(no_size.exit_code, kExitRefused);
  EXPECT_THAT(no_size.err, HasSubstr("NOT_CHECKPOINTED"));
}

TEST_F(CosignE2e, KeysOfPeopleAreReleasedToTheirAdministrators) {
  Do("bea",
     {"persons", "register", "acme", "--person-id", "ann", "--party-id", "buyer", "--display-name", "Ann Archer"});
  Do("bea", {"persons", "register", "acme/parties/buyer", "--person-id", "own", "--party-id", "buyer", "--display-name",
             "Only Ours"});
  Do("pat",
     {"persons", "register", "acme", "--person-id", "pia", "--party-id", "provider", "--display-name", "Pia Pence"});
  EXPECT_THAT(Do("bea", {"audit", "keys", "acme", "--out", dir_ / "keys", "--days", "30"}),
              StartsWith("keys of 2 people"));
  v1::PersonKeys keys;
  ASSERT_TRUE(keys.ParseFromString(Read("keys")));
  EXPECT_EQ(keys.relationship(), "relationships/acme");
  EXPECT_EQ(keys.keys(0).person(), "relationships/acme/parties/buyer/persons/own");
  EXPECT_EQ(keys.keys(1).person(), "relationships/acme/persons/ann");
  EXPECT_EQ(keys.keys(1).key().size(), 32u);
  EXPECT_EQ(fs::status(dir_ / "keys").permissions(), fs::perms::owner_read | fs::perms::owner_write);
  Do("bea", {"persons", "erase", "acme/persons/ann", "--reason", "asked for it"});
  EXPECT_THAT(Do("bea", {"audit", "keys", "acme", "--out", dir_ / "keys"}), StartsWith("keys of 1 people"));
  const Ran theirs = Run("bea", {"audit", "keys", "acme", "--out", dir_ / "none", "--person", "acme/persons/pia"});
  EXPECT_EQ(theirs.exit_code, kExitRefused);
  EXPECT_FALSE(fs::exists(dir_ / "none"));
}

}  // namespace
}  // namespace parley
