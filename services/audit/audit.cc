#include "services/audit/audit.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "eventstore/base/ordered.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/base/resource_name.h"
#include "eventstore/base/status.h"
#include "services/key/key.h"

namespace parley {
namespace {

// The end of the year 9999, up to which Timestamp goes: whoever computes with times has no more of them.
constexpr uint64_t kLastSecond = 253'402'300'799;

absl::Status NoCheckpoint(const LedgerId& ledger) {
  return Reject(v1::REASON_NOT_FOUND, "relationships/" + ledger.str() + " has no such checkpoint yet");
}

// The good cosignature of `key` in the note, and its time; nullopt where there is none.
struct FoundSignature {
  NoteSignature signature;
  uint64_t posix_seconds = 0;
};
std::optional<FoundSignature> Find(const SignedNote& note, const v1::Key& key) {
  const auto verifier = NoteVerifierKey::Parse(key.vkey());
  if (!verifier.ok()) return std::nullopt;
  for (const NoteSignature& signature : note.signatures()) {
    if (signature.name != verifier->name() || signature.key_id != verifier->key_id()) continue;
    auto alone = SignedNote::Make(note.text());
    if (!alone.ok()) return std::nullopt;
    alone->Add(signature);
    if (const auto time = alone->Verify(*verifier); time.ok()) return FoundSignature{signature, *time};
  }
  return std::nullopt;
}

// Adds the signature to a kept note, unless that key has cosigned it already.
absl::Status Merge(const NoteSignature& added, v1::CheckpointRecord& record) {
  PARLEY_ASSIGN_OR_RETURN(SignedNote note, SignedNote::Parse(record.note()));
  const bool there = std::any_of(note.signatures().begin(), note.signatures().end(), [&](const NoteSignature& s) {
    return s.name == added.name && s.key_id == added.key_id;
  });
  if (!there) note.Add(added);
  record.set_note(note.ToString());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::SignedCheckpoint> Audit::Describe(const v1::CheckpointRecord& record,
                                                     const Cosigners& cosigners) const {
  PARLEY_ASSIGN_OR_RETURN(const SignedNote note, SignedNote::Parse(record.note()));
  PARLEY_ASSIGN_OR_RETURN(const Checkpoint checkpoint, Checkpoint::Parse(note.text()));
  v1::SignedCheckpoint out;
  out.set_size(checkpoint.size);
  out.set_root(checkpoint.root);
  out.set_note(record.note());
  *out.mutable_create_time() = record.create_time();
  for (const std::string& party : cosigners.Of(note, checkpoint.size)) out.add_cosigned_by(party);
  out.set_cosigned(cosigners.Final(note, checkpoint.size));
  *out.mutable_timestamps() = record.timestamps();
  return out;
}

absl::Status Audit::Answer(const Caller& caller, const v1::GetCheckpointRequest& request,
                           v1::GetCheckpointResponse& response) {
  PARLEY_ASSIGN_OR_RETURN(const LedgerId ledger, RelationshipNamed(request.name(), "name"));
  ReadView view(*options_.read_store, ledger);
  PARLEY_RETURN_IF_ERROR(RequireMember(view, caller, ledger).status());
  if (!request.seen().empty()) PARLEY_RETURN_IF_ERROR(options_.guard->CheckSeen(ledger, request.seen()));
  PARLEY_ASSIGN_OR_RETURN(const auto record, request.size() == 0 ? options_.store->Newest(ledger)
                                                                 : options_.store->Covering(ledger, request.size()));
  if (!record) return NoCheckpoint(ledger);
  PARLEY_ASSIGN_OR_RETURN(const Cosigners cosigners, Cosigners::Read(view, ledger));
  PARLEY_ASSIGN_OR_RETURN(*response.mutable_checkpoint(), Describe(*record, cosigners));
  return absl::OkStatus();
}

void Audit::Create(const Caller& caller, const v1::CreateCheckpointRequest& request,
                   v1::CreateCheckpointResponse* response, std::function<void(absl::Status)> done) {
  const auto ledger = RelationshipNamed(request.name(), "name");
  if (!ledger.ok()) return done(ledger.status());
  ReadView view(*options_.read_store, *ledger);
  if (const absl::Status member = RequireMember(view, caller, *ledger).status(); !member.ok()) return done(member);
  if (!request.seen().empty()) {
    const absl::Status seen = options_.guard->CheckSeen(*ledger, request.seen());
    if (!seen.ok()) return done(seen);
  }
  options_.checkpointer->Create(*ledger, [this, ledger = *ledger, response,
                                          done = std::move(done)](const absl::StatusOr<v1::CheckpointRecord>& record) {
    if (!record.ok()) return done(record.status());
    ReadView now(*options_.read_store, ledger);
    const auto cosigners = Cosigners::Read(now, ledger);
    if (!cosigners.ok()) return done(cosigners.status());
    auto described = Describe(*record, *cosigners);
    if (described.ok()) *response->mutable_checkpoint() = *std::move(described);
    done(described.status());
  });
}

absl::Status Audit::Answer(const Caller& caller, const v1::ListCheckpointsRequest& request,
                           v1::ListCheckpointsResponse& response) {
  PARLEY_ASSIGN_OR_RETURN(const LedgerId ledger, RelationshipNamed(request.parent(), "parent"));
  ReadView view(*options_.read_store, ledger);
  PARLEY_RETURN_IF_ERROR(RequireMember(view, caller, ledger).status());
  PARLEY_ASSIGN_OR_RETURN(const size_t size, PageSize(request.page_size()));
  const QueryIdentity identity = QueryIdentity().Add("checkpoints").Add(caller.principal).Add(request.parent());
  PARLEY_ASSIGN_OR_RETURN(const std::string token, page_tokens_.Decode(identity, request.page_token()));
  PARLEY_ASSIGN_OR_RETURN(const Cosigners cosigners, Cosigners::Read(view, ledger));
  uint64_t last = 0;
  absl::Status status;
  bool more = false;
  PARLEY_RETURN_IF_ERROR(options_.store->ForEach(ledger, token.empty() ? 0 : ParseOrdered(token) + 1,
                                                 [&](uint64_t at, const v1::CheckpointRecord& record) {
                                                   more = static_cast<size_t>(response.checkpoints_size()) == size;
                                                   if (more) return false;
                                                   auto described = Describe(record, cosigners);
                                                   status = described.status();
                                                   if (described.ok())
                                                     *response.add_checkpoints() = *std::move(described);
                                                   last = at;
                                                   return status.ok();
                                                 }));
  PARLEY_RETURN_IF_ERROR(status);
  if (more) {
    std::string key;
    AppendOrdered(key, last);
    response.set_next_page_token(page_tokens_.Encode(identity, key));
  }
  return absl::OkStatus();
}

absl::Status Audit::CheckCosignedAt(const LedgerId& ledger, uint64_t size, uint64_t posix_seconds) const {
  if (posix_seconds > kLastSecond) return InvalidField("note", "cosigned at a time that no clock shows");
  if (size == 0) return absl::OkStatus();
  PARLEY_ASSIGN_OR_RETURN(const auto last, options_.log->Read(ledger, size - 1, {.entries = 1}));
  if (last.empty()) return absl::InternalError("a checkpoint covers more than there is");
  const auto recorded = static_cast<uint64_t>(last[0].header.recorded_at().seconds());
  if (posix_seconds >= recorded) return absl::OkStatus();
  return InvalidField("note", "cosigned at a time before its last entry was recorded: the cosigner's clock is behind");
}

absl::Status Audit::Answer(const Caller& caller, const v1::AddCosignatureRequest& request,
                           v1::AddCosignatureResponse& response) {
  PARLEY_ASSIGN_OR_RETURN(const LedgerId ledger, RelationshipNamed(request.name(), "name"));
  ReadView view(*options_.read_store, ledger);
  PARLEY_RETURN_IF_ERROR(RequireMember(view, caller, ledger).status());
  PARLEY_RETURN_IF_ERROR(options_.guard->Trust(ledger));
  const auto note = SignedNote::Parse(request.note());
  const auto checkpoint = CheckpointOf(request.note());
  if (!note.ok() || !checkpoint.ok()) return InvalidField("note", "not a checkpoint");
  const uint64_t size = checkpoint->size;
  PARLEY_ASSIGN_OR_RETURN(const auto kept, options_.store->Get(ledger, size));
  if (!kept) return InvalidField("note", "there is no checkpoint of that size");
  PARLEY_ASSIGN_OR_RETURN(const SignedNote ours, SignedNote::Parse(kept->note()));
  if (ours.text() != note->text()) return InvalidField("note", "not the text of the checkpoint of that size");

  PARLEY_ASSIGN_OR_RETURN(const v1::Membership member, RequireMember(view, caller, ledger));
  PARLEY_ASSIGN_OR_RETURN(const Cosigners cosigners, Cosigners::Read(view, ledger));
  if (cosigners.known_size() < size) {
    return Reject(v1::REASON_READ_MODEL_BEHIND, "it is not known yet which keys are valid there: try again later");
  }
  // Every one of theirs: whoever acts for several parties may send what one of them signed before along with what another signs now.
  std::vector<NoteSignature> good;
  for (const v1::Key& key : cosigners.keys()) {
    if (key.party_id().empty() || !ReadsPrivateOf(member, key.party_id()) || !ValidAt(key, size)) continue;
    const auto found = Find(*note, key);
    if (!found) continue;
    PARLEY_RETURN_IF_ERROR(CheckCosignedAt(ledger, size, found->posix_seconds));
    good.push_back(found->signature);
  }
  if (good.empty()) {
    return Reject(v1::REASON_KEY_INVALID,
                  "no good cosignature under a key that is registered for the caller's party and valid at that size");
  }
  PARLEY_ASSIGN_OR_RETURN(const v1::CheckpointRecord record,
                          options_.store->Update(ledger, size, [&](v1::CheckpointRecord& change) -> absl::Status {
                            for (const NoteSignature& signature : good) {
                              PARLEY_RETURN_IF_ERROR(Merge(signature, change));
                            }
                            return absl::OkStatus();
                          }));
  PARLEY_ASSIGN_OR_RETURN(*response.mutable_checkpoint(), Describe(record, cosigners));
  return absl::OkStatus();
}

absl::StatusOr<ProvenUpTo> Audit::UpTo(ReadView& view, const LedgerId& ledger) const {
  ProvenUpTo proven;
  const auto cosigners = Cosigners::Read(view, ledger);
  absl::Status status;
  PARLEY_RETURN_IF_ERROR(
      options_.store->ForEachNewestFirst(ledger, [&](uint64_t size, const v1::CheckpointRecord& record) {
        proven.checkpointed = std::max(proven.checkpointed, size);
        if (!cosigners.ok()) return false;
        const auto note = SignedNote::Parse(record.note());
        status = note.status();
        if (note.ok() && cosigners->Final(*note, size)) proven.cosigned = size;
        return status.ok() && proven.cosigned == 0;
      }));
  PARLEY_RETURN_IF_ERROR(status);
  return proven;
}

absl::StatusOr<std::string> Audit::NoteCovering(const LedgerId& ledger, uint64_t size) const {
  PARLEY_ASSIGN_OR_RETURN(const auto record, options_.store->Covering(ledger, size));
  return record ? record->note() : "";
}

}  // namespace parley
