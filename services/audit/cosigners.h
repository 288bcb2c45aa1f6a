// Whose cosignatures count, as a relationship's own record says.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "eventstore/base/ids.h"
#include "eventstore/proof/note.h"
#include "parley/v1/key.pb.h"
#include "projections/read_view.h"

namespace parley {

// One moment of a relationship's parties and their keys. Immutable.
class Cosigners {
 public:
  static absl::StatusOr<Cosigners> Read(ReadView& view, const LedgerId& ledger);

  // Entries that this was read from: it says nothing of larger trees.
  uint64_t known_size() const { return known_size_; }
  // Every key that was ever registered, the log's (party_id empty) included.
  const std::vector<v1::Key>& keys() const { return keys_; }

  // Parties that cosigned this note of a tree of `size` under a key valid there.
  std::set<std::string> Of(const SignedNote& note, uint64_t size) const;
  // Whether these are every buyer and every provider with a key valid at that size, and at least one of each.
  bool Complete(const std::set<std::string>& cosigned, uint64_t size) const;
  // Both in one: false, too, for sizes that are not known.
  bool Final(const SignedNote& note, uint64_t size) const;

 private:
  uint64_t known_size_ = 0;
  std::vector<v1::Key> keys_;
  std::set<std::string> buyers_;
  std::set<std::string> providers_;
};

}  // namespace parley
