// Whether a bundle's tiles of hashes are what its headers give.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "eventstore/proof/bundle.h"
#include "eventstore/proof/merkle.h"
#include "services/verify/findings.h"

namespace parley {

// Is told of a tree's full subtrees as it grows (MerkleFrontier::Append) and compares each tile of hashes once it is full, the partial
// ones in the end. Holds one tile for each level.
class HashTileCheck {
 public:
  // Both outlive this.
  HashTileCheck(const BundleDir& bundle, Findings& findings) : bundle_(bundle), findings_(findings) {}

  void Completed(NodeId node, const std::string& hash);
  // The tree has `size` leaves.
  void Finish(uint64_t size);

 private:
  void Compare(uint32_t level, uint64_t index, const std::string& expected);

  const BundleDir& bundle_;
  Findings& findings_;
  std::map<uint32_t, std::string> tiles_;  // By level: the hashes of the tile that is being filled.
};

}  // namespace parley
