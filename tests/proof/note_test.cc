#include "eventstore/proof/note.h"

#include <gtest/gtest.h>

#include "eventstore/proof/ed25519.h"

namespace parley {
namespace {

// The example in the documentation of Go's golang.org/x/mod/sumdb/note: made by somebody else's code.
constexpr char kPublicKey[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr char kPublicNote[] =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\u2014 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

const std::string kSeed(32, 's');
constexpr char kText[] = "parley.example/relationships/acme\n3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";

NoteSigningKey LogKey() { return *NoteSigningKey::Make("parley.example", NoteKeyType::kEd25519, kSeed); }
NoteSigningKey BuyerKey() {
  return *NoteSigningKey::Make("buyer", NoteKeyType::kEd25519Cosignature, std::string(32, 'b'));
}

TEST(Note, VerifiesWhatOthersSigned) {
  const auto key = NoteVerifierKey::Parse(kPublicKey);
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->ToString(), kPublicKey);
  const auto note = SignedNote::Parse(kPublicNote);
  ASSERT_TRUE(note.ok()) << note.status();
  EXPECT_EQ(note->ToString(), kPublicNote);
  EXPECT_TRUE(note->Verify(*key).ok());
}

TEST(Note, NoticesEveryFlippedBit) {
  const auto key = *NoteVerifierKey::Parse(kPublicKey);
  const std::string good = kPublicNote;
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    const auto note = SignedNote::Parse(bad);
    EXPECT_FALSE(note.ok() && note->Verify(key).ok()) << "bit " << bit;
  }
}

TEST(Note, SignsAndCosigns) {
  SignedNote note = *SignedNote::Make(kText);
  ASSERT_TRUE(note.Sign(LogKey()).ok());
  ASSERT_TRUE(note.Cosign(BuyerKey(), 1767225600).ok());
  const auto parsed = SignedNote::Parse(note.ToString());
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(*parsed->Verify(LogKey().verifier()), 0u);
  EXPECT_EQ(*parsed->Verify(BuyerKey().verifier()), 1767225600u);
  EXPECT_EQ(parsed->signatures()[1].signature.size(), 72u);
}

TEST(Note, ACosignatureIsBoundToItsTime) {
  SignedNote note = *SignedNote::Make(kText);
  ASSERT_TRUE(note.Cosign(BuyerKey(), 1767225600).ok());
  NoteSignature moved = note.signatures()[0];
  moved.signature[7] = static_cast<char>(moved.signature[7] ^ 1);
  SignedNote forged = *SignedNote::Make(kText);
  forged.Add(moved);
  EXPECT_EQ(forged.Verify(BuyerKey().verifier()).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Note, KeysAreNotInterchangeable) {
  SignedNote note = *SignedNote::Make(kText);
  EXPECT_FALSE(note.Sign(BuyerKey()).ok());
  EXPECT_FALSE(note.Cosign(LogKey(), 1).ok());
  ASSERT_TRUE(note.Sign(LogKey()).ok());
  EXPECT_EQ(note.Verify(BuyerKey().verifier()).status().code(), absl::StatusCode::kNotFound);
  // Another key under the same name has another id.
  const auto impostor = *NoteSigningKey::Make("parley.example", NoteKeyType::kEd25519, std::string(32, 'x'));
  EXPECT_EQ(note.Verify(impostor.verifier()).status().code(), absl::StatusCode::kNotFound);
}

TEST(Note, RefusesMalformedNotes) {
  for (const std::string& bad :
       {std::string(""), std::string("text\n"), std::string("text\n\n"), std::string("text\n\n- a AAAAAAA=\n"),
        std::string("text\n\n\u2014 a AAAA\n"), std::string("text\n\n\u2014 a+b AAAAAAA=\n"),
        std::string("text\n\n\u2014 a AAAAAAA="), std::string("te\tt\n\n\u2014 a AAAAAAA=\n"),
        std::string("text\n\n\u2014 a AAAAAAB=\n")}) {
    EXPECT_FALSE(SignedNote::Parse(bad).ok()) << bad;
  }
  for (const char* bad :
       {"", "a+b", "a+00000000+AA==", "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"}) {
    EXPECT_FALSE(NoteVerifierKey::Parse(bad).ok()) << bad;
  }
}

TEST(CheckpointText, RoundTrips) {
  const auto checkpoint = Checkpoint::Parse(kText);
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  EXPECT_EQ(checkpoint->origin, "parley.example/relationships/acme");
  EXPECT_EQ(checkpoint->size, 3u);
  EXPECT_EQ(checkpoint->root, std::string(32, '\0'));
  EXPECT_EQ(checkpoint->ToText(), kText);
}

TEST(CheckpointText, RefusesWhatIsNotOne) {
  const std::string root = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  for (const std::string& bad :
       std::vector<std::string>{"", "o\n1\n", "\n1\n" + root + "\n", "o\n01\n" + root + "\n", "o\n-1\n" + root + "\n",
                                "o\n18446744073709551616\n" + root + "\n", std::string("o\n1\nAAAA\n"), "o\n1\n" + root,
                                "o\n1\n" + root + "\nmore\n"}) {
    EXPECT_FALSE(Checkpoint::Parse(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace parley
