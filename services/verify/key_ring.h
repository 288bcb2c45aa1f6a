// The keys that a record says sign it: which of them stand for a key that one trusts, and from which size to which.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "eventstore/proof/note.h"
#include "parley/v1/key.pb.h"

namespace parley {

// Follows the entries of the aggregate `keys` of one ledger. A key is valid for checkpoints of more entries than the one that
// registered it, up to the entry that replaced or revoked it. Whoever trusts a key trusts those it signed statements for,
// one after another: a key registered without such a statement stands for itself only.
class KeyRing {
 public:
  struct Key {
    std::string name;      // Resource name.
    std::string party_id;  // Empty: the log's.
    NoteVerifierKey key;
    uint64_t registered_in = 0;
    std::optional<uint64_t> ended_in;
    std::optional<size_t> previous;  // Into keys(): the key that signed a statement for this one.

    bool ValidAt(uint64_t size) const { return registered_in < size && (!ended_in || size <= *ended_in); }
  };

  // `relationship`: resource name, as statements have it.
  explicit KeyRing(std::string relationship) : relationship_(std::move(relationship)) {}

  // The event of the entry at `sequence` in the stream `name`. INVALID_ARGUMENT where its key does not parse, or where the stream has
  // another key already; the event then counts for nothing.
  absl::Status Add(const std::string& name, uint64_t sequence, const v1::KeyEvent& event);

  const std::vector<Key>& keys() const { return keys_; }

  // Keys whose signature over a tree of `size` counts as one by `trusted`: itself, as far as the record does not say otherwise,
  // and those that statements lead to from it.
  std::vector<NoteVerifierKey> ValidAt(const NoteVerifierKey& trusted, uint64_t size) const;
  // The same whatever the size, for notes of sizes that this record does not reach.
  std::vector<NoteVerifierKey> Following(const NoteVerifierKey& trusted) const;
  // Keys that the record held valid for the log at `size`, whoever trusts them: for notes of a tree that is known already.
  std::vector<NoteVerifierKey> LogKeysAt(uint64_t size) const;

 private:
  // Whether statements lead to keys_[index] from a registration of `trusted`.
  bool Follows(size_t index, const NoteVerifierKey& trusted) const;
  bool Registered(const NoteVerifierKey& trusted) const;

  const std::string relationship_;
  std::vector<Key> keys_;  // In the order of their registration.
};

}  // namespace parley
