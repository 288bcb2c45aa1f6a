#include "eventstore/proof/tlog_proof.h"

#include <gtest/gtest.h>

#include <map>

#include "eventstore/proof/merkle.h"

namespace parley {
namespace {

constexpr char kOrigin[] = "parley.example/relationships/acme";

NoteSigningKey Key(char fill, std::string_view name = kOrigin, NoteKeyType type = NoteKeyType::kEd25519) {
  return *NoteSigningKey::Make(name, type, std::string(32, fill));
}

std::string Leaf(uint64_t i) { return "leaf " + std::to_string(i); }

// The receipt of leaf `index` of a tree of `size`.
TlogProof Receipt(uint64_t index, uint64_t size, const NoteSigningKey& key = Key('l')) {
  std::map<NodeId, std::string> nodes;
  MerkleFrontier frontier;
  while (frontier.size() < size) {
    frontier.Append(LeafHash(Leaf(frontier.size())), [&](NodeId id, const std::string& hash) { nodes[id] = hash; });
  }
  TlogProof proof;
  proof.index = index;
  proof.hashes =
      InclusionProof(index, size, [&](NodeId id) -> absl::StatusOr<std::string> { return nodes.at(id); }).value();
  SignedNote note = *SignedNote::Make(Checkpoint{kOrigin, size, frontier.Root()}.ToText());
  EXPECT_TRUE(note.Sign(key).ok());
  EXPECT_TRUE(note.Cosign(Key('w', "bea", NoteKeyType::kEd25519Cosignature), 1'800'000'000).ok());
  proof.checkpoint = note.ToString();
  return proof;
}

TEST(TlogProof, TextIsThatOfTheSpecification) {
  TlogProof proof;
  proof.index = 73894;
  proof.hashes = {std::string(32, '\0'), std::string(32, '\xff')};
  proof.checkpoint = "example.com/log\n109482\n" + std::string(43, 'A') + "=\n\n\u2014 example.com/log AAAAAAA=\n";
  EXPECT_EQ(proof.ToText(),
            "c2sp.org/tlog-proof@v1\n"
            "index 73894\n"
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
            "//////////////////////////////////////////8=\n"
            "\n"
            "example.com/log\n"
            "109482\n"
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
            "\n"
            "\u2014 example.com/log AAAAAAA=\n");
  const auto parsed = TlogProof::Parse(proof.ToText());
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->index, proof.index);
  EXPECT_EQ(parsed->hashes, proof.hashes);
  EXPECT_EQ(parsed->checkpoint, proof.checkpoint);
}

TEST(TlogProof, EveryLeafOfATreeIsProven) {
  for (uint64_t size = 1; size < 20; ++size) {
    for (uint64_t index = 0; index < size; ++index) {
      const auto proof = TlogProof::Parse(Receipt(index, size).ToText());
      ASSERT_TRUE(proof.ok()) << proof.status();
      const auto checkpoint = proof->Verify(Leaf(index), Key('l').verifier());
      ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
      EXPECT_EQ(checkpoint->size, size);
      EXPECT_FALSE(proof->Verify(Leaf(index + 1), Key('l').verifier()).ok());
    }
  }
}

TEST(TlogProof, WhatDoesNotHoldIsRefused) {
  const NoteVerifierKey log = Key('l').verifier();
  const TlogProof good = Receipt(5, 13);
  ASSERT_TRUE(good.Verify(Leaf(5), log).ok());
  TlogProof bad = good;
  bad.index = 4;
  EXPECT_FALSE(bad.Verify(Leaf(5), log).ok());
  bad = good;
  bad.hashes[1][0] ^= 1;
  EXPECT_FALSE(bad.Verify(Leaf(5), log).ok());
  bad = good;
  bad.hashes.pop_back();
  EXPECT_FALSE(bad.Verify(Leaf(5), log).ok());
  EXPECT_FALSE(good.Verify(Leaf(5), Key('x').verifier()).ok()) << "another key under the same name";
  EXPECT_FALSE(good.Verify(Leaf(5), Key('l', "parley.example/relationships/other").verifier()).ok());
  EXPECT_FALSE(good.Verify(Leaf(5), Key('l', kOrigin, NoteKeyType::kEd25519Cosignature).verifier()).ok());
  EXPECT_FALSE(Receipt(5, 13, Key('x')).Verify(Leaf(5), log).ok()) << "signed by somebody else";
  EXPECT_TRUE(Receipt(5, 13, Key('x')).Verify(Leaf(5)).ok()) << "signatures were not asked for";
  EXPECT_FALSE(good.Verify(Leaf(6)).ok());
}

TEST(TlogProof, NothingElseParses) {
  const std::string good = Receipt(5, 13).ToText();
  const auto replaced = [&](const std::string& what, const std::string& with) {
    std::string text = good;
    text.replace(text.find(what), what.size(), with);
    return text;
  };
  ASSERT_TRUE(TlogProof::Parse(good).ok());
  for (const std::string& text :
       {std::string(), replaced("@v1", "@v2"), replaced("index 5", "index 05"), replaced("index 5", "index -5"),
        replaced("index 5", "extra AAAA\nindex 5"), replaced("index 5\n", ""), replaced("index 5\n", "index 5\nAAAA\n"),
        replaced("=\n", "\n"), replaced("\n\n", "\n"), replaced("\n", "\r\n"), good.substr(0, good.size() - 1),
        replaced("\n13\n", "\n013\n"), good + "x"}) {
    EXPECT_FALSE(TlogProof::Parse(text).ok()) << text;
  }
  std::string many = "c2sp.org/tlog-proof@v1\nindex 0\n";
  for (int i = 0; i < 100; ++i) many += std::string(43, 'A') + "=\n";
  EXPECT_FALSE(TlogProof::Parse(many + good.substr(good.find("\n\n") + 1)).ok());
}

}  // namespace
}  // namespace parley
