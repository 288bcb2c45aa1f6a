// Which keys stand for one that is trusted, and from which size to which.
#include "services/verify/key_ring.h"

#include <gtest/gtest.h>

#include "eventstore/base/hash.h"
#include "eventstore/proof/key_statement.h"

namespace parley {
namespace {

constexpr char kRelationship[] = "relationships/acme";
constexpr char kName[] = "log.example/relationships/acme";

NoteVerifierKey Key(const std::string& seed) {
  return NoteSigningKey::Make(kName, NoteKeyType::kEd25519, Sha256(seed))->verifier();
}

v1::KeyEvent Registered(const std::string& seed, const std::string& previous = "", const std::string& signer = "") {
  v1::KeyEvent event;
  event.mutable_registered()->set_vkey(Key(seed).ToString());
  event.mutable_registered()->set_previous(previous);
  if (!signer.empty()) {
    event.mutable_registered()->set_statement(*SignKeyStatement(kRelationship, Key(seed), kName, Sha256(signer)));
  }
  return event;
}
v1::KeyEvent Replaced(const std::string& by) {
  v1::KeyEvent event;
  event.mutable_replaced()->set_by(by);
  return event;
}
v1::KeyEvent Revoked() {
  v1::KeyEvent event;
  event.mutable_revoked()->set_reason("lost");
  return event;
}

std::vector<std::string> Names(const std::vector<NoteVerifierKey>& keys) {
  std::vector<std::string> names;
  for (const NoteVerifierKey& key : keys) names.push_back(key.ToString());
  return names;
}
std::vector<std::string> Only(const std::string& seed) { return {Key(seed).ToString()}; }

TEST(KeyRing, AKeyThatIsNotRegisteredStandsForItself) {
  const KeyRing ring(kRelationship);
  EXPECT_EQ(Names(ring.ValidAt(Key("a"), 7)), Only("a"));
  EXPECT_EQ(Names(ring.Following(Key("a"))), Only("a"));
}

TEST(KeyRing, AStatementHandsTrustOnFromTheEntryOn) {
  KeyRing ring(kRelationship);
  ASSERT_TRUE(ring.Add("a", 3, Registered("a")).ok());
  ASSERT_TRUE(ring.Add("b", 10, Registered("b", "a", "a")).ok());
  ASSERT_TRUE(ring.Add("a", 11, Replaced("b")).ok());
  EXPECT_TRUE(ring.ValidAt(Key("a"), 3).empty());
  EXPECT_EQ(Names(ring.ValidAt(Key("a"), 4)), Only("a"));
  EXPECT_EQ(Names(ring.ValidAt(Key("a"), 10)), Only("a"));
  // The entry that registers the next and the one that ends this are one commit: both are valid between them.
  EXPECT_EQ(ring.ValidAt(Key("a"), 11).size(), 2u);
  EXPECT_EQ(Names(ring.ValidAt(Key("a"), 12)), Only("b"));
  // Trust goes forward only; what the log itself held valid is another question.
  EXPECT_TRUE(ring.ValidAt(Key("b"), 4).empty());
  EXPECT_EQ(Names(ring.LogKeysAt(4)), Only("a"));
}

TEST(KeyRing, WithoutAStatementANewKeyIsTrustedByNobody) {
  KeyRing ring(kRelationship);
  ASSERT_TRUE(ring.Add("a", 0, Registered("a")).ok());
  ASSERT_TRUE(ring.Add("b", 5, Registered("b", "a")).ok());
  ASSERT_TRUE(ring.Add("a", 6, Replaced("b")).ok());
  EXPECT_TRUE(ring.ValidAt(Key("a"), 9).empty());
  EXPECT_EQ(Names(ring.ValidAt(Key("b"), 9)), Only("b"));
}

TEST(KeyRing, AnotherKeysStatementIsNone) {
  KeyRing ring(kRelationship);
  ASSERT_TRUE(ring.Add("a", 0, Registered("a")).ok());
  ASSERT_TRUE(ring.Add("b", 5, Registered("b", "a", "mallory")).ok());
  EXPECT_EQ(Names(ring.ValidAt(Key("a"), 9)), Only("a"));
}

// Whoever found a key after it was revoked hands nothing on with it.
TEST(KeyRing, ARevokedKeySignsForNobody) {
  KeyRing ring(kRelationship);
  ASSERT_TRUE(ring.Add("a", 0, Registered("a")).ok());
  ASSERT_TRUE(ring.Add("a", 4, Revoked()).ok());
  ASSERT_TRUE(ring.Add("b", 5, Registered("b", "a", "a")).ok());
  EXPECT_EQ(Names(ring.ValidAt(Key("a"), 4)), Only("a"));
  EXPECT_TRUE(ring.ValidAt(Key("a"), 6).empty());
}

TEST(KeyRing, TrustGoesOnOverSeveralKeys) {
  KeyRing ring(kRelationship);
  ASSERT_TRUE(ring.Add("a", 0, Registered("a")).ok());
  ASSERT_TRUE(ring.Add("b", 2, Registered("b", "a", "a")).ok());
  ASSERT_TRUE(ring.Add("a", 3, Replaced("b")).ok());
  ASSERT_TRUE(ring.Add("c", 4, Registered("c", "b", "b")).ok());
  ASSERT_TRUE(ring.Add("b", 5, Replaced("c")).ok());
  EXPECT_EQ(Names(ring.ValidAt(Key("a"), 9)), Only("c"));
  EXPECT_EQ(ring.Following(Key("a")).size(), 3u);
  EXPECT_EQ(Names(ring.Following(Key("c"))), Only("c"));
}

TEST(KeyRing, WhatCountsForNothing) {
  KeyRing ring(kRelationship);
  ASSERT_TRUE(ring.Add("a", 0, Registered("a")).ok());
  EXPECT_FALSE(ring.Add("a", 1, Registered("b")).ok());
  EXPECT_FALSE(ring.Add("z", 1, Revoked()).ok());
  v1::KeyEvent nonsense;
  nonsense.mutable_registered()->set_vkey("no key");
  EXPECT_FALSE(ring.Add("n", 1, nonsense).ok());
  EXPECT_EQ(ring.keys().size(), 1u);
}

}  // namespace
}  // namespace parley
