// What auditors and cosigning agents ask of a server, without the transport.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventstore/base/ids.h"
#include "eventstore/event_log.h"
#include "eventstore/kv_store.h"
#include "parley/v1/audit.pb.h"
#include "projections/read_view.h"
#include "services/audit/checkpointer.h"
#include "services/audit/checkpoints.h"
#include "services/audit/cosigners.h"
#include "services/audit/history_guard.h"
#include "services/audit/ledger_tree.h"
#include "services/query/access.h"
#include "services/query/page_token.h"
#include "services/query/proofs.h"

namespace parley {

struct AuditOptions {
  // None of them owned; all outlive the audit.
  const EventLog* log = nullptr;
  const ReadSource* read_store = nullptr;
  LedgerTree* tree = nullptr;
  CheckpointStore* store = nullptr;
  HistoryGuard* guard = nullptr;
  Checkpointer* checkpointer = nullptr;
  std::string page_token_key;  // A secret of the server, at least 16 bytes.
};

// Thread-safe. Everything reads disk, and is for members of the relationship only: to others it does not exist (NOT_FOUND).
// proto/parley/v1/audit.proto says what each request means; further errors are listed here.
class Audit {
 public:
  explicit Audit(AuditOptions options) : options_(std::move(options)), page_tokens_(options_.page_token_key) {}

  // FIELD_INVALID, HISTORY_BEHIND, HISTORY_FORKED about `seen`.
  absl::Status Answer(const Caller& caller, const v1::GetCheckpointRequest& request,
                      v1::GetCheckpointResponse& response);
  // PAGE_TOKEN_INVALID.
  absl::Status Answer(const Caller& caller, const v1::ListCheckpointsRequest& request,
                      v1::ListCheckpointsResponse& response);
  // FIELD_INVALID where the note is not that of a checkpoint that is kept, or the cosignature's time lies before what it speaks of;
  // KEY_INVALID where none of the note's cosignatures is a good one under a key of the caller's party valid at that size;
  // READ_MODEL_BEHIND where it is not known yet which keys are. Repeating it changes nothing.
  absl::Status Answer(const Caller& caller, const v1::AddCosignatureRequest& request,
                      v1::AddCosignatureResponse& response);
  // NOT_CHECKPOINTED. The checkpoint is the smallest that is cosigned, or else the smallest, of those that cover the entry.
  absl::Status Answer(const Caller& caller, const v1::GetReceiptRequest& request, v1::GetReceiptResponse& response);
  // FIELD_INVALID about sizes.
  absl::Status Answer(const Caller& caller, const v1::GetConsistencyProofRequest& request,
                      v1::GetConsistencyProofResponse& response);
  // Calls `done` once, at once or on the checkpointer's thread: as Checkpointer::Create.
  void Create(const Caller& caller, const v1::CreateCheckpointRequest& request, v1::CreateCheckpointResponse* response,
              std::function<void(absl::Status)> done);

  // For whoever says how well something is proven. Where keys cannot be read, nothing counts as cosigned.
  absl::StatusOr<ProvenUpTo> UpTo(ReadView& view, const LedgerId& ledger) const;
  // The note of the smallest checkpoint of at least that size; empty where there is none.
  absl::StatusOr<std::string> NoteCovering(const LedgerId& ledger, uint64_t size) const;

 private:
  absl::StatusOr<v1::SignedCheckpoint> Describe(const v1::CheckpointRecord& record, const Cosigners& cosigners) const;
  // OK where a cosignature made then can speak of the first `size` entries.
  absl::Status CheckCosignedAt(const LedgerId& ledger, uint64_t size, uint64_t posix_seconds) const;

  const AuditOptions options_;
  const PageTokens page_tokens_;
};

}  // namespace parley
