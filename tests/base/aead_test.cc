#include "eventstore/base/aead.h"

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace parley {
namespace {

struct Vector {
  const char* name;
  const char* key;
  const char* nonce;
  const char* additional;
  const char* plain;
  const char* hidden;
  const char* tag;
};

// McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B: the cases that have a key of 256 bits and a nonce
// of 96.
constexpr char kKey[] = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
constexpr char kZeros[] = "0000000000000000000000000000000000000000000000000000000000000000";
const Vector kVectors[] = {
    {"Case13", kZeros, "000000000000000000000000", "", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
    {"Case14", kZeros, "000000000000000000000000", "", "00000000000000000000000000000000",
     "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919"},
    {"Case15", kKey, "cafebabefacedbaddecaf888", "",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad",
     "b094dac5d93471bdec1a502270e3cc6c"},
    {"Case16", kKey, "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
     "76fc6ece0f4e1768cddf8853bb2d551b"},
};

std::string Hex(const char* text) { return absl::HexStringToBytes(text); }

class Vectors : public testing::TestWithParam<Vector> {};

TEST_P(Vectors, SealAndOpen) {
  const Vector& v = GetParam();
  const std::string sealed = AeadSeal(Hex(v.key), Hex(v.nonce), Hex(v.additional), Hex(v.plain));
  EXPECT_EQ(absl::BytesToHexString(sealed), absl::StrCat(v.nonce, v.hidden, v.tag));
  EXPECT_EQ(AeadOpen(Hex(v.key), Hex(v.additional), sealed), Hex(v.plain));
}

INSTANTIATE_TEST_SUITE_P(Aead, Vectors, testing::ValuesIn(kVectors), [](const auto& info) { return info.param.name; });

TEST(Aead, NoBitMayBeAnother) {
  const std::string key = Hex(kKey);
  const std::string sealed = AeadSeal(key, std::string(12, 'n'), "more", "plain text");
  ASSERT_TRUE(AeadOpen(key, "more", sealed).has_value());
  for (size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
    std::string changed = sealed;
    changed[bit / 8] ^= static_cast<char>(1 << bit % 8);
    EXPECT_EQ(AeadOpen(key, "more", changed), std::nullopt) << bit;
  }
  for (size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_EQ(AeadOpen(key, "more", sealed.substr(0, size)), std::nullopt) << size;
  }
  EXPECT_EQ(AeadOpen(key, "more", sealed + "x"), std::nullopt);
}

TEST(Aead, NeedsTheSameKeyAndAdditionalData) {
  const std::string key = Hex(kKey);
  const std::string sealed = AeadSeal(key, std::string(12, 'n'), "more", "plain text");
  EXPECT_EQ(AeadOpen(Hex(kZeros), "more", sealed), std::nullopt);
  EXPECT_EQ(AeadOpen(key, "mor", sealed), std::nullopt);
  EXPECT_EQ(AeadOpen(key, "", sealed), std::nullopt);
  EXPECT_EQ(AeadOpen(key.substr(1), "more", sealed), std::nullopt);
}

}  // namespace
}  // namespace parley
