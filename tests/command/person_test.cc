// What is written of people, and where it is not.
#include "services/person/person.h"

#include <gtest/gtest.h>

#include "eventstore/base/proto_util.h"
#include "tests/command/node.h"
#include "tests/support/world.h"

namespace parley::test {
namespace {

constexpr char kDana[] = "relationships/acme/persons/dana";
constexpr char kName[] = "Dana Quistgaard";

v1::RegisterPersonRequest Register(const std::string& name = kName) {
  auto request = Parse<v1::RegisterPersonRequest>(
      "parent: 'relationships/acme' person_id: 'dana' party_id: 'provider' email: 'dana@example.org'");
  request.set_display_name(name);
  return request;
}

v1::CommentOnPersonRequest Comment(const std::string& text) {
  v1::CommentOnPersonRequest request;
  request.set_name(kDana);
  request.set_text(text);
  return request;
}

// Every byte that the node keeps, but for its keys.
std::string EverythingIn(Node& node) {
  std::string bytes;
  for (uint64_t next = 0;;) {
    const auto entries = node.log->Read(LedgerId("acme"), next, {});
    EXPECT_TRUE(entries.ok()) << entries.status();
    if (!entries.ok() || entries->empty()) break;
    for (const Entry& entry : *entries) bytes += Canonical(entry.stored);
    next = entries->back().sequence() + 1;
  }
  for (KvStore* store : {node.index.get(), node.snapshots.get()}) {
    const absl::Status scanned = store->Scan("", "", [&](std::string_view key, std::string_view value) {
      bytes.append(key).append(value);
      return true;
    });
    EXPECT_TRUE(scanned.ok()) << scanned;
  }
  return bytes;
}

class PersonCommandTest : public testing::Test {
 protected:
  void SetUp() override { EstablishChartered(node_); }

  Entry Last() {
    const auto entries = node_.log->Read(LedgerId("acme"), *node_.log->NextSequence(LedgerId("acme")) - 1, {});
    EXPECT_TRUE(entries.ok() && entries->size() == 1);
    return entries->at(0);
  }

  std::unique_ptr<MemoryEngine> engine_ = NewMemoryEngine();
  Node node_{engine_.get()};
};

TEST_F(PersonCommandTest, TextsAreSealedBesideTheRecord) {
  const auto answer = node_.Call<v1::Person>("petra", Register());
  ASSERT_TRUE(answer.ok()) << answer.status();
  const auto& person = static_cast<const v1::Person&>(*answer->resource);
  EXPECT_EQ(person.sealed_in(), *answer->sequence);
  EXPECT_EQ(person.display_name(), "");  // The pipeline knows none; whoever shows the answer puts it in.

  const Entry entry = Last();
  ASSERT_EQ(entry.stored.parts_size(), 3);
  EXPECT_TRUE(VerifyCommitments(entry).ok());
  EXPECT_EQ(entry.record.event(), Canonical(Parse<v1::PersonEvent>("registered { party_id: 'provider' }")));
  EXPECT_EQ(entry.record.personal_parts(0).person(), kDana);
  EXPECT_EQ(entry.record.personal_parts(0).field(), "registered.display_name");
  const auto key = node_.keys->Find(kDana);
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(*OpenPart(entry, 1, *key), kName);
  EXPECT_EQ(*OpenPart(entry, 2, *key), "dana@example.org");
}

TEST_F(PersonCommandTest, NothingElseHoldsThem) {
  ASSERT_TRUE(node_.Call<v1::Person>("petra", Register()).ok());
  // Enough for the snapshot that a worker keeps when it ends.
  for (int i = 0; i < 120; ++i) {
    ASSERT_TRUE(node_.Call<v1::Person>("bill", Comment("a remark worth sealing")).ok());
  }
  node_.pipeline.reset();
  const std::string everything = EverythingIn(node_);
  EXPECT_NE(everything.find("snapshot/"), std::string::npos);
  EXPECT_NE(everything.find(kDana), std::string::npos);
  for (const char* text : {kName, "Quistgaard", "dana@example.org", "a remark worth sealing"}) {
    EXPECT_EQ(everything.find(text), std::string::npos) << text;
  }
}

TEST_F(PersonCommandTest, ValidatingMakesNoKey) {
  const uint64_t before = *node_.log->NextSequence(LedgerId("acme"));
  auto request = Register();
  request.set_validate_only(true);
  const auto answer = node_.Call<v1::Person>("petra", request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(static_cast<const v1::Person&>(*answer->resource).party_id(), "provider");
  EXPECT_TRUE(absl::IsNotFound(node_.keys->Find(kDana).status()));
  EXPECT_EQ(*node_.log->NextSequence(LedgerId("acme")), before);
}

// Whoever holds the key of fingerprints could otherwise try names on them after the erasure.
TEST_F(PersonCommandTest, FingerprintsDependOnNoText) {
  auto request = Register();
  request.set_request_id("r1");
  const auto first = node_.Call<v1::Person>("petra", request);
  ASSERT_TRUE(first.ok()) << first.status();
  request.set_display_name("Somebody Else");
  const auto repeat = node_.Call<v1::Person>("petra", request);
  ASSERT_TRUE(repeat.ok()) << repeat.status();
  EXPECT_EQ(*repeat->sequence, *first->sequence);
  request.set_principal("petra");
  EXPECT_EQ(ReasonOf(node_.Call<v1::Person>("petra", request).status()), v1::REASON_REQUEST_ID_REUSED);
}

}  // namespace
}  // namespace parley::test
