// Two bundles of one relationship held against each other: whether one extends the other, and what came and went.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "eventstore/proof/bundle.h"

namespace parley {

struct BundleDiff {
  uint64_t earlier_size = 0;
  uint64_t later_size = 0;

  // The first sequence at which the two trees part: neither extends the other. Nothing below is filled in then.
  std::optional<uint64_t> forked_at;

  // Entries that the later one has beyond the earlier, by event type; and those of which it has the header only.
  std::map<std::string, uint64_t> appended;
  uint64_t appended_withheld = 0;

  // A sealed part that both readers may read and only one of the bundles has.
  struct Part {
    uint64_t sequence = 0;
    int part = 0;
    std::string person;                 // Resource name; empty for the record itself.
    std::optional<uint64_t> erased_in;  // The Erased entry of that person in the later bundle.
  };
  std::vector<Part> gone;  // The earlier one has it; without erased_in it was hidden.
  std::vector<Part> came;  // The later one has it.

  // A signature that stands under only one of the bundles' notes of a size. `key` is "name+key id in hex".
  struct Signature {
    uint64_t size = 0;
    std::string key;
  };
  std::vector<Signature> signatures_gone;
  std::vector<Signature> signatures_added;
  std::vector<uint64_t> checkpoints_gone;  // Sizes of notes that only the earlier one has.

  // One extends the other and nothing is hidden.
  bool good() const;
};

// The one with fewer entries counts as the earlier; of equals, `a`. INVALID_ARGUMENT where they are of different origins, a file is
// damaged, or the entries of one do not hash to its checkpoint: verify it then. Signatures are compared, not checked. Memory: a tile of
// each, and what is listed.
absl::StatusOr<BundleDiff> DiffBundles(const BundleDir& a, const BundleDir& b);

}  // namespace parley
