// What passes for a party's own in a record, held against what that party knows it wrote.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "eventstore/proof/bundle.h"

namespace parley {

struct OwnEntries {
  std::string party;
  // Request ids that the party's clients sent; null: not known.
  const std::set<std::string>* request_ids = nullptr;
};

// OK where every entry from `from` on that names the party as its owner can be its own: what it holds is there, and it was recorded for
// that party, or by the system, for a deadline of the party's. With request ids, besides: every entry recorded for the party, joint
// ones included, answers to one of them. PERMISSION_DENIED names the first that does not; INVALID_ARGUMENT where a tile is damaged.
// The bundle is one for that party as its reader, and verified: then what the system may do was decided again.
absl::Status CheckOwnEntries(const BundleDir& bundle, uint64_t from, const OwnEntries& own);

}  // namespace parley
