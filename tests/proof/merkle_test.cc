#include "eventstore/proof/merkle.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"

namespace parley {
namespace {

namespace fs = std::filesystem;

std::string Hex(std::string_view bytes) { return absl::BytesToHexString(std::string(bytes)); }

// A tree kept whole, and the definition of RFC 6962 word by word to compare with.
class WholeTree {
 public:
  explicit WholeTree(uint64_t size) {
    for (uint64_t i = 0; i < size; ++i) {
      leaves_.push_back("leaf " + std::to_string(i));
      frontier_.Append(LeafHash(leaves_.back()), [&](NodeId id, const std::string& hash) {
        EXPECT_TRUE(nodes_.emplace(id, hash).second) << "a node was completed twice";
      });
    }
  }
  NodeReader reader() const {
    return [this](NodeId id) -> absl::StatusOr<std::string> {
      const auto it = nodes_.find(id);
      if (it == nodes_.end()) return absl::NotFoundError("no such node");
      return it->second;
    };
  }
  // MTH.
  std::string Root(uint64_t from, uint64_t to) const {
    if (from == to) return EmptyRoot();
    if (to - from == 1) return LeafHash(leaves_[from]);
    uint64_t split = 1;
    while (split * 2 < to - from) split *= 2;
    return NodeHash(Root(from, from + split), Root(from + split, to));
  }
  const std::string& leaf(uint64_t i) const { return leaves_[i]; }
  const MerkleFrontier& frontier() const { return frontier_; }

 private:
  std::vector<std::string> leaves_;
  std::map<NodeId, std::string> nodes_;
  MerkleFrontier frontier_;
};

TEST(Merkle, HashesAreThoseOfTheRfc) {
  EXPECT_EQ(Hex(EmptyRoot()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Hex(LeafHash("")), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
}

TEST(Merkle, RootsFollowTheDefinition) {
  const WholeTree tree(70);
  for (uint64_t size = 0; size <= 70; ++size) {
    EXPECT_EQ(*RootAt(size, tree.reader()), tree.Root(0, size)) << size;
  }
  EXPECT_EQ(tree.frontier().Root(), tree.Root(0, 70));
}

TEST(Merkle, AFrontierResumesWhereItWas) {
  const WholeTree tree(70);
  for (uint64_t size = 0; size < 70; ++size) {
    auto frontier = MerkleFrontier::Resume(size, tree.reader());
    ASSERT_TRUE(frontier.ok());
    for (uint64_t i = size; i < 70; ++i) frontier->Append(LeafHash(tree.leaf(i)));
    EXPECT_EQ(frontier->Root(), tree.Root(0, 70)) << size;
  }
}

TEST(Merkle, EveryLeafIsProvenInEveryTree) {
  const WholeTree tree(40);
  for (uint64_t size = 1; size <= 40; ++size) {
    const std::string root = tree.Root(0, size);
    for (uint64_t index = 0; index < size; ++index) {
      const auto proof = InclusionProof(index, size, tree.reader());
      ASSERT_TRUE(proof.ok());
      EXPECT_TRUE(VerifyInclusion(index, size, LeafHash(tree.leaf(index)), *proof, root).ok());
      EXPECT_FALSE(VerifyInclusion(index, size, LeafHash("another"), *proof, root).ok());
      if (size > 1) {
        EXPECT_FALSE(VerifyInclusion((index + 1) % size, size, LeafHash(tree.leaf(index)), *proof, root).ok());
      }
    }
  }
  EXPECT_EQ(InclusionProof(40, 40, tree.reader()).status().code(), absl::StatusCode::kOutOfRange);
}

TEST(Merkle, EveryTreeIsConsistentWithEveryLaterOne) {
  const WholeTree tree(40);
  for (uint64_t size2 = 1; size2 <= 40; ++size2) {
    for (uint64_t size1 = 1; size1 <= size2; ++size1) {
      auto proof = ConsistencyProof(size1, size2, tree.reader());
      ASSERT_TRUE(proof.ok());
      const std::string root1 = tree.Root(0, size1);
      const std::string root2 = tree.Root(0, size2);
      EXPECT_TRUE(VerifyConsistency(size1, size2, root1, root2, *proof).ok()) << size1 << " " << size2;
      EXPECT_FALSE(VerifyConsistency(size1, size2, LeafHash("x"), root2, *proof).ok());
      EXPECT_FALSE(VerifyConsistency(size1, size2, root1, LeafHash("x"), *proof).ok());
      if (proof->empty()) continue;
      proof->back()[0] ^= 1;
      EXPECT_FALSE(VerifyConsistency(size1, size2, root1, root2, *proof).ok());
    }
  }
  EXPECT_EQ(ConsistencyProof(0, 1, tree.reader()).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(ConsistencyProof(3, 2, tree.reader()).status().code(), absl::StatusCode::kOutOfRange);
}

// transparency-dev's vectors.
std::string Decoded(const nlohmann::json& text) {
  std::string bytes;
  if (text.is_null()) return bytes;
  EXPECT_TRUE(absl::Base64Unescape(text.get<std::string>(), &bytes)) << text;
  return bytes;
}

std::vector<std::string> Hashes(const nlohmann::json& proof) {
  std::vector<std::string> hashes;
  if (!proof.is_null()) {
    for (const auto& hash : proof) hashes.push_back(Decoded(hash));
  }
  return hashes;
}

// Runs `verify` on every vector below a folder; returns how many there were, and how many of them must be refused.
std::pair<int, int> RunVectors(const std::string& folder,
                               const std::function<absl::Status(const nlohmann::json&)>& verify) {
  int count = 0;
  int negatives = 0;
  for (const auto& file : fs::recursive_directory_iterator(folder)) {
    if (file.path().extension() != ".json") continue;
    std::ifstream in(file.path());
    const auto vector = nlohmann::json::parse(in);
    const bool refused = !verify(vector).ok();
    EXPECT_EQ(refused, vector.at("wantErr").get<bool>()) << file.path();
    ++count;
    negatives += vector.at("wantErr").get<bool>();
  }
  return {count, negatives};
}

const std::string kVectors = std::string(PARLEY_SOURCE_DIR) + "/../shared/data/merkle/";

TEST(MerkleVectors, Inclusion) {
  if (!fs::exists(kVectors)) GTEST_SKIP() << "the vectors are not here: " << kVectors;
  const auto [count, negatives] = RunVectors(kVectors + "inclusion", [](const nlohmann::json& v) {
    return VerifyInclusion(v.at("leafIdx").get<uint64_t>(), v.at("treeSize").get<uint64_t>(), Decoded(v.at("leafHash")),
                           Hashes(v.at("proof")), Decoded(v.at("root")));
  });
  EXPECT_GT(count - negatives, 0);
  EXPECT_GT(negatives, 50);
}

TEST(MerkleVectors, Consistency) {
  if (!fs::exists(kVectors)) GTEST_SKIP() << "the vectors are not here: " << kVectors;
  const auto [count, negatives] = RunVectors(kVectors + "consistency", [](const nlohmann::json& v) {
    return VerifyConsistency(v.at("size1").get<uint64_t>(), v.at("size2").get<uint64_t>(), Decoded(v.at("root1")),
                             Decoded(v.at("root2")), Hashes(v.at("proof")));
  });
  EXPECT_GT(count - negatives, 0);
  EXPECT_GT(negatives, 50);
}

}  // namespace
}  // namespace parley
