#include <optional>
#include <utility>
#include <vector>

#include "eventstore/base/status.h"
#include "eventstore/proof/bundle.h"
#include "eventstore/proof/merkle.h"
#include "eventstore/proof/tlog_proof.h"
#include "services/audit/audit.h"

namespace parley {

absl::Status Audit::Answer(const Caller& caller, const v1::GetReceiptRequest& request,
                           v1::GetReceiptResponse& response) {
  PARLEY_ASSIGN_OR_RETURN(const LedgerId ledger, RelationshipNamed(request.name(), "name"));
  ReadView view(*options_.read_store, ledger);
  PARLEY_ASSIGN_OR_RETURN(const v1::Membership member, RequireMember(view, caller, ledger));
  PARLEY_ASSIGN_OR_RETURN(const auto entries, options_.log->Read(ledger, request.sequence(), {.entries = 1}));
  if (entries.empty()) {
    return Reject(v1::REASON_NOT_FOUND, "the relationship has no entry " + std::to_string(request.sequence()));
  }
  const Entry& entry = entries[0];

  PARLEY_ASSIGN_OR_RETURN(const Cosigners cosigners, Cosigners::Read(view, ledger));
  std::optional<Checkpoint> checkpoint;
  TlogProof proof;
  absl::Status status;
  v1::ProofState state = v1::PROOF_STATE_CHECKPOINTED;
  PARLEY_RETURN_IF_ERROR(
      options_.store->ForEach(ledger, request.sequence() + 1, [&](uint64_t size, const v1::CheckpointRecord& record) {
        const auto note = SignedNote::Parse(record.note());
        status = note.status();
        if (!note.ok()) return false;
        const bool final = cosigners.Final(*note, size);
        if (final) state = v1::PROOF_STATE_COSIGNED;
        if (final || !checkpoint) {
          auto parsed = Checkpoint::Parse(note->text());
          status = parsed.status();
          if (!parsed.ok()) return false;
          checkpoint = *std::move(parsed);
          proof.checkpoint = record.note();
        }
        return !final;
      }));
  PARLEY_RETURN_IF_ERROR(status);
  if (!checkpoint) {
    return Reject(v1::REASON_NOT_CHECKPOINTED, "no checkpoint covers the entry yet: make one, or wait for the next");
  }
  PARLEY_ASSIGN_OR_RETURN(const NodeReader nodes, options_.tree->Nodes(ledger, checkpoint->size));
  proof.index = request.sequence();
  PARLEY_ASSIGN_OR_RETURN(proof.hashes, InclusionProof(request.sequence(), checkpoint->size, nodes));
  // What the server hands out it has verified.
  const auto proven = proof.Verify(entry.stored.header());
  if (!proven.ok()) {
    return Reject(v1::REASON_HISTORY_FORKED, "the history here is not the one that the signed checkpoint of " +
                                                 std::to_string(checkpoint->size) + " entries covers");
  }
  const bool withheld = !entry.joint() && !ReadsPrivateOf(member, entry.header.owner());
  response.set_header(entry.stored.header());
  response.set_stored_entry(ForReader(entry.stored, withheld).SerializeAsString());
  response.set_proof(proof.ToText());
  response.set_state(state);
  return absl::OkStatus();
}

absl::Status Audit::Answer(const Caller& caller, const v1::GetConsistencyProofRequest& request,
                           v1::GetConsistencyProofResponse& response) {
  PARLEY_ASSIGN_OR_RETURN(const LedgerId ledger, RelationshipNamed(request.name(), "name"));
  ReadView view(*options_.read_store, ledger);
  PARLEY_RETURN_IF_ERROR(RequireMember(view, caller, ledger).status());
  if (request.from_size() == 0)
    return InvalidField("from_size", "must be 1 or more: nothing is proven of an empty tree");
  if (request.from_size() > request.to_size()) return InvalidField("from_size", "must be at most to_size");
  PARLEY_ASSIGN_OR_RETURN(const auto record, options_.store->Get(ledger, request.to_size()));
  if (!record) return InvalidField("to_size", "must be the size of a checkpoint");
  PARLEY_ASSIGN_OR_RETURN(const NodeReader nodes, options_.tree->Nodes(ledger, request.to_size()));
  PARLEY_ASSIGN_OR_RETURN(const auto hashes, ConsistencyProof(request.from_size(), request.to_size(), nodes));
  for (const std::string& hash : hashes) response.add_hashes(hash);
  return absl::OkStatus();
}

}  // namespace parley
