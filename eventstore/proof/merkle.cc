#include "eventstore/proof/merkle.h"

#include <bit>

#include "eventstore/base/hash.h"
#include "eventstore/base/status.h"

namespace parley {
namespace {

constexpr size_t kHashBytes = 32;

// The largest power of two that is less than n; n is at least 2.
uint64_t SplitPoint(uint64_t n) { return uint64_t{1} << (std::bit_width(n - 1) - 1); }

// The hash over the leaves [from, to), which starts where a subtree of its size may start.
absl::StatusOr<std::string> RangeHash(uint64_t from, uint64_t to, const NodeReader& read) {
  const uint64_t n = to - from;
  if (std::has_single_bit(n)) {
    const auto level = static_cast<uint32_t>(std::countr_zero(n));
    return read({level, from >> level});
  }
  const uint64_t middle = from + SplitPoint(n);
  PARLEY_ASSIGN_OR_RETURN(const std::string left, RangeHash(from, middle, read));
  PARLEY_ASSIGN_OR_RETURN(const std::string right, RangeHash(middle, to, read));
  return NodeHash(left, right);
}

// PATH of RFC 6962, section 2.1.1.
absl::Status AddPath(uint64_t index, uint64_t from, uint64_t to, const NodeReader& read,
                     std::vector<std::string>& proof) {
  if (to - from == 1) return absl::OkStatus();
  const uint64_t middle = from + SplitPoint(to - from);
  const bool left = index < middle;
  PARLEY_RETURN_IF_ERROR(left ? AddPath(index, from, middle, read, proof) : AddPath(index, middle, to, read, proof));
  PARLEY_ASSIGN_OR_RETURN(std::string sibling, left ? RangeHash(middle, to, read) : RangeHash(from, middle, read));
  proof.push_back(std::move(sibling));
  return absl::OkStatus();
}

// SUBPROOF of RFC 6962, section 2.1.2. `whole`: the range is all of the smaller tree, whose root the verifier has.
absl::Status AddSubproof(uint64_t size1, uint64_t from, uint64_t to, bool whole, const NodeReader& read,
                         std::vector<std::string>& proof) {
  if (size1 == to) {
    if (whole) return absl::OkStatus();
    PARLEY_ASSIGN_OR_RETURN(std::string hash, RangeHash(from, to, read));
    proof.push_back(std::move(hash));
    return absl::OkStatus();
  }
  const uint64_t middle = from + SplitPoint(to - from);
  const bool left = size1 <= middle;
  PARLEY_RETURN_IF_ERROR(left ? AddSubproof(size1, from, middle, whole, read, proof)
                              : AddSubproof(size1, middle, to, false, read, proof));
  PARLEY_ASSIGN_OR_RETURN(std::string sibling, left ? RangeHash(middle, to, read) : RangeHash(from, middle, read));
  proof.push_back(std::move(sibling));
  return absl::OkStatus();
}

absl::Status Refused(std::string_view why) { return absl::InvalidArgumentError(std::string(why)); }

}  // namespace

std::string LeafHash(std::string_view leaf) {
  std::string input(1, '\0');
  input.append(leaf);
  return Sha256(input);
}

std::string NodeHash(std::string_view left, std::string_view right) {
  std::string input(1, '\1');
  input.reserve(1 + 2 * kHashBytes);
  input.append(left).append(right);
  return Sha256(input);
}

std::string EmptyRoot() { return Sha256(""); }

absl::StatusOr<MerkleFrontier> MerkleFrontier::Resume(uint64_t size, const NodeReader& read) {
  MerkleFrontier frontier;
  frontier.size_ = size;
  uint64_t from = 0;
  for (int level = 63; level >= 0; --level) {
    if ((size >> level & 1) == 0) continue;
    PARLEY_ASSIGN_OR_RETURN(std::string root, read({static_cast<uint32_t>(level), from >> level}));
    frontier.roots_.push_back(std::move(root));
    from += uint64_t{1} << level;
  }
  return frontier;
}

void MerkleFrontier::Append(std::string leaf_hash, const std::function<void(NodeId, const std::string&)>& completed) {
  const uint64_t leaf = size_++;
  std::string hash = std::move(leaf_hash);
  uint32_t level = 0;
  if (completed) completed({level, leaf}, hash);
  // Every one-bit at the end of the old size is a full subtree that the new one completes.
  for (uint64_t bits = leaf; bits & 1; bits >>= 1) {
    hash = NodeHash(roots_.back(), hash);
    roots_.pop_back();
    ++level;
    if (completed) completed({level, leaf >> level}, hash);
  }
  roots_.push_back(std::move(hash));
}

std::string MerkleFrontier::Root() const {
  if (roots_.empty()) return EmptyRoot();
  std::string hash = roots_.back();
  for (size_t i = roots_.size() - 1; i-- > 0;) hash = NodeHash(roots_[i], hash);
  return hash;
}

absl::StatusOr<std::string> RootAt(uint64_t size, const NodeReader& read) {
  if (size == 0) return EmptyRoot();
  return RangeHash(0, size, read);
}

absl::StatusOr<std::vector<std::string>> InclusionProof(uint64_t index, uint64_t size, const NodeReader& read) {
  if (index >= size) return absl::OutOfRangeError("the tree has no such leaf");
  std::vector<std::string> proof;
  PARLEY_RETURN_IF_ERROR(AddPath(index, 0, size, read, proof));
  return proof;
}

absl::StatusOr<std::vector<std::string>> ConsistencyProof(uint64_t size1, uint64_t size2, const NodeReader& read) {
  if (size1 < 1 || size1 > size2) return absl::OutOfRangeError("the sizes must be 1 <= size1 <= size2");
  std::vector<std::string> proof;
  PARLEY_RETURN_IF_ERROR(AddSubproof(size1, 0, size2, true, read, proof));
  return proof;
}

absl::Status VerifyInclusion(uint64_t index, uint64_t size, std::string_view leaf_hash,
                             const std::vector<std::string>& proof, std::string_view root) {
  if (index >= size) return Refused("the leaf lies outside the tree");
  if (leaf_hash.size() != kHashBytes) return Refused("the leaf hash is not of 32 bytes");
  uint64_t fn = index;
  uint64_t sn = size - 1;
  std::string hash(leaf_hash);
  for (const std::string& sibling : proof) {
    if (sn == 0) return Refused("the proof is too long");
    if (sibling.size() != kHashBytes) return Refused("the proof holds a hash that is not of 32 bytes");
    if ((fn & 1) == 1 || fn == sn) {
      hash = NodeHash(sibling, hash);
      while ((fn & 1) == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      hash = NodeHash(hash, sibling);
    }
    fn >>= 1;
    sn >>= 1;
  }
  if (sn != 0) return Refused("the proof is too short");
  if (hash != root) return Refused("the proof leads to another root");
  return absl::OkStatus();
}

absl::Status VerifyConsistency(uint64_t size1, uint64_t size2, std::string_view root1, std::string_view root2,
                               const std::vector<std::string>& proof) {
  if (size1 == 0) return Refused("consistency with an empty tree says nothing");
  if (size1 > size2) return Refused("the first tree is the larger one");
  if (size1 == size2) {
    if (!proof.empty()) return Refused("trees of one size need no proof");
    return root1 == root2 ? absl::OkStatus() : Refused("trees of one size have different roots");
  }
  if (proof.empty()) return Refused("the proof is empty");
  for (const std::string& hash : proof) {
    if (hash.size() != kHashBytes) return Refused("the proof holds a hash that is not of 32 bytes");
  }
  // A first tree that is a full subtree stands for itself: its root is left out of the proof.
  const bool full = std::has_single_bit(size1);
  uint64_t fn = size1 - 1;
  uint64_t sn = size2 - 1;
  while (fn & 1) {
    fn >>= 1;
    sn >>= 1;
  }
  std::string first = full ? std::string(root1) : proof[0];
  std::string second = first;
  for (size_t i = full ? 0 : 1; i < proof.size(); ++i) {
    if (sn == 0) return Refused("the proof is too long");
    if ((fn & 1) == 1 || fn == sn) {
      first = NodeHash(proof[i], first);
      second = NodeHash(proof[i], second);
      while ((fn & 1) == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      second = NodeHash(second, proof[i]);
    }
    fn >>= 1;
    sn >>= 1;
  }
  if (sn != 0) return Refused("the proof is too short");
  if (first != root1) return Refused("the proof does not lead to the first root");
  if (second != root2) return Refused("the proof does not lead to the second root");
  return absl::OkStatus();
}

}  // namespace parley
