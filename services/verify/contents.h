// Everything in a bundle read once, hashed and checked against itself: files, leaves, tiles, roots, parts.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "eventstore/base/ids.h"
#include "eventstore/proof/bundle.h"
#include "eventstore/proof/note.h"
#include "services/verify/findings.h"
#include "services/verify/key_ring.h"
#include "services/verify/verify.h"

namespace parley {

// A checkpoint of the bundle.
struct BundleNote {
  std::string path;
  SignedNote note;
  Checkpoint checkpoint;
};

// What is needed further on; as long as there are keys, checkpoints and digests in the history, no longer.
struct BundleContents {
  explicit BundleContents(LedgerId id) : ledger(std::move(id)), keys("relationships/" + ledger.str()) {}

  LedgerId ledger;
  std::vector<BundleNote> notes;  // By size; the last is the bundle's own.
  KeyRing keys;
  std::set<uint64_t> digest_sizes;        // Sizes of which the record has digests.
  std::map<uint64_t, std::string> roots;  // At the sizes that were asked for, as far as the bundle reaches.
  // Every record that the bundle's reader may read is there and is what was committed to: the history can be replayed.
  bool readable = true;

  const BundleNote& head() const { return notes.back(); }
};

// Reads every file of `bundle`. What does not hold goes to `findings`: damaged, altered, hidden. Counts go to `report`. nullopt where so
// much is damaged that nothing more can be said. `keys` as in VerifyOptions; `sizes`: whose roots are wanted.
std::optional<BundleContents> ReadContents(const BundleDir& bundle, const v1::PersonKeys* keys,
                                           const std::set<uint64_t>& sizes, Findings& findings, VerifyReport& report);

// The ledger of "<domain>/relationships/<id>"; nullopt for anything else.
std::optional<LedgerId> LedgerOfOrigin(std::string_view origin);

}  // namespace parley
