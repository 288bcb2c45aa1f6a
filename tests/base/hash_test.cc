#include "eventstore/base/hash.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "eventstore/base/random.h"

namespace parley {
namespace {

std::string Hex(std::string_view bytes) { return absl::BytesToHexString({bytes.data(), bytes.size()}); }

// FIPS 180-2, appendix B.
TEST(Sha256, MatchesThePublishedExamples) {
  EXPECT_EQ(Hex(Sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Hex(Sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Hex(Sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

// RFC 4231, test cases 1, 2 and 6.
TEST(HmacSha256, MatchesThePublishedExamples) {
  EXPECT_EQ(Hex(HmacSha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(Hex(HmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(Hex(HmacSha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacSha256, OfNoKeyIsNotOfTheKeyBefore) {
  const std::string of_nothing = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
  EXPECT_EQ(Hex(HmacSha256("", "")), of_nothing);
  EXPECT_NE(Hex(HmacSha256("Jefe", "")), of_nothing);
  EXPECT_EQ(Hex(HmacSha256(std::string_view(), std::string_view())), of_nothing);
}

TEST(Commitment, IsTheDocumentedHash) {
  const std::string salt(32, 's');
  EXPECT_EQ(Commitment(salt, "content"), Sha256(std::string("parley/commit/v1\0", 17) + salt + "content"));
  EXPECT_NE(Commitment(salt, "content"), Commitment(std::string(32, 't'), "content"));
  EXPECT_NE(Commitment(salt, "content"), Commitment(salt, "other content"));
}

TEST(ConstantTimeEqual, ComparesLikeEquality) {
  EXPECT_TRUE(ConstantTimeEqual("", ""));
  EXPECT_TRUE(ConstantTimeEqual(std::string("a\0b", 3), std::string("a\0b", 3)));
  EXPECT_FALSE(ConstantTimeEqual(std::string("a\0b", 3), std::string("a\0c", 3)));
  EXPECT_FALSE(ConstantTimeEqual("a", "ab"));
}

TEST(SeededRandom, IsTheSameOnEveryMachine) {
  // The demo's history is promised to be the same everywhere, so these bytes are: SHA-256("parley/seeded/42/0") and on.
  SeededRandom random(42);
  EXPECT_EQ(random.Bytes(32), Sha256("parley/seeded/42/0"));
  EXPECT_EQ(random.Bytes(40), Sha256("parley/seeded/42/1") + Sha256("parley/seeded/42/2").substr(0, 8));
  SeededRandom other(43);
  EXPECT_NE(SeededRandom(42).Bytes(32), other.Bytes(32));
}

TEST(SystemRandom, DoesNotRepeat) {
  SystemRandom random;
  EXPECT_EQ(random.Bytes(32).size(), 32u);
  EXPECT_NE(random.Bytes(32), random.Bytes(32));
}

TEST(Ids, AreTwentyBase32Characters) {
  SeededRandom random(1);
  const std::string id = RandomId(random);
  EXPECT_EQ(id.size(), 20u);
  EXPECT_EQ(id.find_first_not_of("abcdefghijklmnopqrstuvwxyz234567"), std::string::npos);
  EXPECT_NE(RandomId(random), id);
  EXPECT_EQ(IdFromDigest(std::string(32, '\x1f')), std::string(20, '7'));
  EXPECT_EQ(IdFromDigest(std::string(20, '\x20')), std::string(20, 'a'));
}

}  // namespace
}  // namespace parley
