// Merkle trees as RFC 6962 (section 2.1) has them: hashes, proofs of inclusion and of consistency, and their verification.
// Pure: where nodes are kept is the caller's business.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace parley {

// Hashes are 32 bytes.
std::string LeafHash(std::string_view leaf);                          // SHA-256(0x00 || leaf)
std::string NodeHash(std::string_view left, std::string_view right);  // SHA-256(0x01 || left || right)
std::string EmptyRoot();                                              // SHA-256("")

// A full subtree: the leaves [index << level, (index + 1) << level).
struct NodeId {
  uint32_t level = 0;
  uint64_t index = 0;
  auto operator<=>(const NodeId&) const = default;
};

// The hash of a full subtree that lies within the tree.
using NodeReader = std::function<absl::StatusOr<std::string>(NodeId)>;

// Grows a tree leaf by leaf, keeping only the roots of its full subtrees: one hash per one-bit of the size.
class MerkleFrontier {
 public:
  MerkleFrontier() = default;
  // Goes on from `size` leaves, reading the roots that are needed.
  static absl::StatusOr<MerkleFrontier> Resume(uint64_t size, const NodeReader& read);

  // Adds a leaf; `completed` is told of every full subtree that this completes, the leaf itself first.
  void Append(std::string leaf_hash, const std::function<void(NodeId, const std::string&)>& completed = nullptr);
  uint64_t size() const { return size_; }
  std::string Root() const;

 private:
  uint64_t size_ = 0;
  std::vector<std::string> roots_;  // From the largest subtree to the smallest.
};

// The root of the tree's first `size` leaves.
absl::StatusOr<std::string> RootAt(uint64_t size, const NodeReader& read);
// The hashes that prove leaf `index` to be in the tree of `size` leaves; OUT_OF_RANGE where it is not.
absl::StatusOr<std::vector<std::string>> InclusionProof(uint64_t index, uint64_t size, const NodeReader& read);
// The hashes that prove the tree of `size1` leaves to be a prefix of that of `size2`; OUT_OF_RANGE unless
// 1 <= size1 <= size2.
absl::StatusOr<std::vector<std::string>> ConsistencyProof(uint64_t size1, uint64_t size2, const NodeReader& read);

// OK, or INVALID_ARGUMENT with the reason. Algorithms of RFC 9162, sections 2.1.3.2 and 2.1.4.2. Nothing is consistent with
// an empty tree in a way that would say anything, so size1 = 0 is refused.
absl::Status VerifyInclusion(uint64_t index, uint64_t size, std::string_view leaf_hash,
                             const std::vector<std::string>& proof, std::string_view root);
absl::Status VerifyConsistency(uint64_t size1, uint64_t size2, std::string_view root1, std::string_view root2,
                               const std::vector<std::string>& proof);

}  // namespace parley
