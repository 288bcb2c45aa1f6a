#include "eventstore/proof/key_statement.h"

#include <gtest/gtest.h>

#include "eventstore/proof/ed25519.h"

namespace parley::test {
namespace {

constexpr char kAcme[] = "relationships/acme";

NoteVerifierKey KeyOf(NoteKeyType type, char seed, const std::string& name = "acme.example/buyer") {
  return *NoteVerifierKey::Make(name, type, *Ed25519PublicKey(std::string(32, seed)));
}
std::string Signed(const NoteVerifierKey& next, const std::string& relationship = kAcme, char seed = 'a') {
  return *SignKeyStatement(relationship, next, "acme.example/buyer", std::string(32, seed));
}

TEST(KeyStatement, IsANoteOfThreeLines) {
  const NoteVerifierKey next = KeyOf(NoteKeyType::kEd25519Cosignature, 'b');
  const auto note = SignedNote::Parse(Signed(next));
  ASSERT_TRUE(note.ok()) << note.status();
  EXPECT_EQ(note->text(), "parley/key/v1\nrelationships/acme\n" + next.ToString() + "\n");
  EXPECT_TRUE(note->Verify(KeyOf(NoteKeyType::kEd25519, 'a')).ok());
}

// A cosigning key signs its statement plainly, under its own name.
TEST(KeyStatement, VerifiesUnderAKeyOfEitherType) {
  const NoteVerifierKey next = KeyOf(NoteKeyType::kEd25519Cosignature, 'b');
  const std::string statement = Signed(next);
  EXPECT_TRUE(VerifyKeyStatement(statement, kAcme, next, KeyOf(NoteKeyType::kEd25519Cosignature, 'a')).ok());
  EXPECT_TRUE(VerifyKeyStatement(statement, kAcme, next, KeyOf(NoteKeyType::kEd25519, 'a')).ok());
}

TEST(KeyStatement, SaysNothingOfAnythingElse) {
  const NoteVerifierKey next = KeyOf(NoteKeyType::kEd25519Cosignature, 'b');
  const NoteVerifierKey previous = KeyOf(NoteKeyType::kEd25519Cosignature, 'a');
  const auto refused = [&](const std::string& statement) {
    return VerifyKeyStatement(statement, kAcme, next, previous).code() == absl::StatusCode::kInvalidArgument;
  };
  EXPECT_FALSE(refused(Signed(next)));
  EXPECT_TRUE(refused(""));
  EXPECT_TRUE(refused("statement"));
  EXPECT_TRUE(refused(Signed(next, "relationships/other")));
  EXPECT_TRUE(refused(Signed(KeyOf(NoteKeyType::kEd25519Cosignature, 'c'))));
  EXPECT_TRUE(refused(Signed(KeyOf(NoteKeyType::kEd25519, 'b'))));  // The same 32 bytes, another type.
  EXPECT_TRUE(refused(Signed(next, kAcme, 'c')));                   // Signed by another key of that name.
  EXPECT_TRUE(refused(*SignKeyStatement(kAcme, next, "another.name", std::string(32, 'a'))));
  std::string flipped = Signed(next);
  flipped[flipped.size() - 10] ^= 1;
  EXPECT_TRUE(refused(flipped));
}

// What a cosigning key says of a checkpoint cannot be taken for a statement: it signs other bytes.
TEST(KeyStatement, ACosignatureIsNone) {
  const NoteVerifierKey next = KeyOf(NoteKeyType::kEd25519Cosignature, 'b');
  const auto cosigner =
      *NoteSigningKey::Make("acme.example/buyer", NoteKeyType::kEd25519Cosignature, std::string(32, 'a'));
  SignedNote note = *SignedNote::Make(KeyStatementText(kAcme, next));
  ASSERT_TRUE(note.Cosign(cosigner, 1'800'000'000).ok());
  EXPECT_FALSE(VerifyKeyStatement(note.ToString(), kAcme, next, cosigner.verifier()).ok());
}

TEST(KeyStatement, IsSignedByAKey) {
  const NoteVerifierKey next = KeyOf(NoteKeyType::kEd25519Cosignature, 'b');
  EXPECT_FALSE(SignKeyStatement(kAcme, next, "a name", std::string(32, 'a')).ok());
  EXPECT_FALSE(SignKeyStatement(kAcme, next, "name", "short").ok());
}

}  // namespace
}  // namespace parley::test
