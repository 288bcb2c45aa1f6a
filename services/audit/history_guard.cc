#include "services/audit/history_guard.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "services/audit/cosigners.h"
#include "services/key/key.h"

namespace parley {

absl::Status CheckNoneBehind(const EventLog& log, absl::Span<const SignedSize> sizes) {
  std::string behind;
  for (const auto& [ledger, entries] : sizes) {
    PARLEY_ASSIGN_OR_RETURN(const uint64_t end, log.NextSequence(ledger));
    if (entries <= end) continue;
    behind += "\n  " + ledger.str() + ": " + std::to_string(end) + " entries here, " + std::to_string(entries) +
              " under the newest signed checkpoint";
  }
  if (behind.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "the history here is shorter than what was signed: was the store restored from an old backup? It is not served, "
      "since what followed would contradict what others hold. Restore a newer backup; deploy/custody.md says what else "
      "there is:" +
      behind);
}

absl::Status HistoryGuard::Compare(const LedgerId& ledger, const Checkpoint& claimed) const {
  const auto with = [&](Reject reject, uint64_t size) -> absl::Status {
    return std::move(reject).With("relationship", "relationships/" + ledger.str()).With("size", std::to_string(size));
  };
  PARLEY_ASSIGN_OR_RETURN(const uint64_t end, log_->NextSequence(ledger));
  if (claimed.size > end) {
    return with(Reject(v1::REASON_HISTORY_BEHIND, "the history here has " + std::to_string(end) +
                                                      " entries, fewer than a signed checkpoint of " +
                                                      std::to_string(claimed.size) + " covers"),
                claimed.size);
  }
  PARLEY_ASSIGN_OR_RETURN(const std::string root, tree_->Root(ledger, claimed.size));
  if (root == claimed.root) return absl::OkStatus();
  return with(Reject(v1::REASON_HISTORY_FORKED, "the history here is not the one that a signed checkpoint of " +
                                                    std::to_string(claimed.size) + " entries covers"),
              claimed.size);
}

absl::Status HistoryGuard::CheckKept(const LedgerId& ledger) {
  PARLEY_RETURN_IF_ERROR(Trust(ledger));
  PARLEY_ASSIGN_OR_RETURN(const auto outside, store_->NoteOutside(ledger));
  PARLEY_ASSIGN_OR_RETURN(const auto newest, store_->Newest(ledger));
  PARLEY_ASSIGN_OR_RETURN(const auto fork, store_->Fork(ledger));
  std::optional<Checkpoint> compared;
  for (const std::string& note : {outside.value_or(""), newest ? newest->note() : "", fork.value_or("")}) {
    if (note.empty()) continue;
    PARLEY_ASSIGN_OR_RETURN(const Checkpoint kept, CheckpointOf(note));
    if (compared == kept) continue;
    PARLEY_RETURN_IF_ERROR(Remember(ledger, Compare(ledger, kept)));
    compared = kept;
  }
  if (!outside || (newest && newest->note() == *outside)) return absl::OkStatus();
  PARLEY_ASSIGN_OR_RETURN(const Checkpoint covered, CheckpointOf(*outside));
  if (covered.size == 0) return absl::OkStatus();
  PARLEY_ASSIGN_OR_RETURN(const auto last, log_->Read(ledger, covered.size - 1, {.entries = 1}));
  if (last.empty()) return absl::InternalError("the log ends before it ends");
  // When it was made is not in a note: not before its last entry.
  return store_->TakeFromOutside(ledger, FromProto(last[0].header.recorded_at()));
}

absl::Status HistoryGuard::CheckSeen(const LedgerId& ledger, const std::string& seen) {
  const auto note = SignedNote::Parse(seen);
  const auto claimed = CheckpointOf(seen);
  if (!note.ok() || !claimed.ok()) return InvalidField("seen", "not a checkpoint");
  const std::string origin = keys_->OriginOf(ledger);
  if (claimed->origin != origin) return InvalidField("seen", "not a checkpoint of this relationship");
  ReadView view(*read_store_, ledger);
  PARLEY_ASSIGN_OR_RETURN(const Cosigners known, Cosigners::Read(view, ledger));
  std::vector<NoteVerifierKey> keys;
  uint32_t registered = 0;
  for (const v1::Key& key : known.keys()) {
    if (!key.party_id().empty()) continue;
    registered = std::max(registered, LogKeyGeneration(key.name().substr(key.name().rfind('/') + 1)));
    if (!ValidAt(key, claimed->size)) continue;
    if (auto verifier = NoteVerifierKey::Parse(key.vkey()); verifier.ok()) keys.push_back(*std::move(verifier));
  }
  // Later ones may be missing from a record that was put back to an earlier state.
  for (const LogKeys::Generation& generation : keys_->generations()) {
    if (generation.number <= registered) continue;
    PARLEY_ASSIGN_OR_RETURN(NoteVerifierKey later,
                            NoteVerifierKey::Make(origin, NoteKeyType::kEd25519, generation.public_key));
    keys.push_back(std::move(later));
  }
  const auto by =
      std::find_if(keys.begin(), keys.end(), [&](const NoteVerifierKey& key) { return note->Verify(key).ok(); });
  if (by == keys.end()) return InvalidField("seen", "not signed by the log");
  const absl::Status status = Compare(ledger, *claimed);
  // Kept without the signatures of others, which nobody has looked at.
  PARLEY_ASSIGN_OR_RETURN(SignedNote bare, SignedNote::Make(note->text()));
  for (const NoteSignature& signature : note->signatures()) {
    if (signature.name == by->name() && signature.key_id == by->key_id()) bare.Add(signature);
  }
  if (ReasonOf(status) == v1::REASON_HISTORY_BEHIND) {
    PARLEY_RETURN_IF_ERROR(store_->PutOutside(ledger, claimed->size, bare.ToString()));
  } else if (ReasonOf(status) == v1::REASON_HISTORY_FORKED) {
    PARLEY_RETURN_IF_ERROR(store_->PutFork(ledger, bare.ToString()));
  }
  return Remember(ledger, status);
}

absl::Status HistoryGuard::Remember(const LedgerId& ledger, absl::Status found) {
  if (ReasonOf(found) == v1::REASON_HISTORY_BEHIND || ReasonOf(found) == v1::REASON_HISTORY_FORKED) {
    std::lock_guard lock(mu_);
    distrusted_.emplace(ledger, found);
  }
  return found;
}

absl::Status HistoryGuard::Trust(const LedgerId& ledger) const {
  std::lock_guard lock(mu_);
  const auto it = distrusted_.find(ledger);
  return it == distrusted_.end() ? absl::OkStatus() : it->second;
}

}  // namespace parley
