#include "services/verify/key_ring.h"

#include <algorithm>

#include "eventstore/base/status.h"
#include "eventstore/proof/key_statement.h"

namespace parley {
namespace {

bool Same(const NoteVerifierKey& a, const NoteVerifierKey& b) { return a.ToString() == b.ToString(); }

}  // namespace

absl::Status KeyRing::Add(const std::string& name, uint64_t sequence, const v1::KeyEvent& event) {
  const auto found = std::find_if(keys_.begin(), keys_.end(), [&](const Key& key) { return key.name == name; });
  if (event.kind_case() != v1::KeyEvent::kRegistered) {
    if (found == keys_.end()) return absl::InvalidArgumentError("ends a key that was never registered: " + name);
    if (!found->ended_in) found->ended_in = sequence;
    return absl::OkStatus();
  }
  if (found != keys_.end()) return absl::InvalidArgumentError("registers a key again: " + name);
  const v1::KeyEvent::Registered& registered = event.registered();
  PARLEY_ASSIGN_OR_RETURN(NoteVerifierKey key, NoteVerifierKey::Parse(registered.vkey()));
  Key added{.name = name, .party_id = registered.party_id(), .key = std::move(key), .registered_in = sequence};
  for (size_t i = 0; i < keys_.size(); ++i) {
    // A key that was out of use by then signs for nobody: whoever revoked it may have lost it to others.
    if (keys_[i].name != registered.previous() || keys_[i].party_id != added.party_id || keys_[i].ended_in) continue;
    if (VerifyKeyStatement(registered.statement(), relationship_, added.key, keys_[i].key).ok()) added.previous = i;
  }
  keys_.push_back(std::move(added));
  return absl::OkStatus();
}

bool KeyRing::Registered(const NoteVerifierKey& trusted) const {
  return std::any_of(keys_.begin(), keys_.end(), [&](const Key& key) { return Same(key.key, trusted); });
}

bool KeyRing::Follows(size_t index, const NoteVerifierKey& trusted) const {
  // `previous` always points to an earlier key, so this ends.
  for (std::optional<size_t> at = index; at; at = keys_[*at].previous) {
    if (Same(keys_[*at].key, trusted)) return true;
  }
  return false;
}

std::vector<NoteVerifierKey> KeyRing::ValidAt(const NoteVerifierKey& trusted, uint64_t size) const {
  if (!Registered(trusted)) return {trusted};
  std::vector<NoteVerifierKey> valid;
  for (size_t i = 0; i < keys_.size(); ++i) {
    if (keys_[i].ValidAt(size) && Follows(i, trusted)) valid.push_back(keys_[i].key);
  }
  return valid;
}

std::vector<NoteVerifierKey> KeyRing::Following(const NoteVerifierKey& trusted) const {
  std::vector<NoteVerifierKey> following = {trusted};
  for (size_t i = 0; i < keys_.size(); ++i) {
    if (Follows(i, trusted) && !Same(keys_[i].key, trusted)) following.push_back(keys_[i].key);
  }
  return following;
}

std::vector<NoteVerifierKey> KeyRing::LogKeysAt(uint64_t size) const {
  std::vector<NoteVerifierKey> valid;
  for (const Key& key : keys_) {
    if (key.party_id.empty() && key.ValidAt(size)) valid.push_back(key.key);
  }
  return valid;
}

}  // namespace parley
