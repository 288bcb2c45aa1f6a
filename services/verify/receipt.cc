#include "services/verify/receipt.h"

#include <map>
#include <utility>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "eventstore/entry.h"
#include "eventstore/proof/bundle.h"
#include "eventstore/proof/tlog_proof.h"

namespace parley {
namespace {

// As INVALID_ARGUMENT, whatever it was to whoever reads a log.
absl::Status Malformed(const absl::Status& status) { return absl::InvalidArgumentError(std::string(status.message())); }

absl::Status ReadEntry(const Receipt& receipt, ReceiptReport& report) {
  v1::StoredEntry stored;
  if (receipt.stored_entry.empty()) {
    stored.set_header(receipt.header);
  } else {
    if (!stored.ParseFromString(receipt.stored_entry)) return absl::InvalidArgumentError("the entry does not parse");
    stored.DiscardUnknownFields();
    if (Canonical(stored) != receipt.stored_entry)
      return absl::InvalidArgumentError("the entry is not in its one form");
  }
  if (stored.header() != receipt.header) return absl::InvalidArgumentError("the entry is not that of the header");
  auto header = DecodeHeader(stored, Position());
  if (!header.ok()) return Malformed(header.status());
  report.header = *std::move(header);
  if (stored.parts().empty()) return absl::OkStatus();
  auto entry = DecodeEntry(std::move(stored), Position());
  if (!entry.ok()) return Malformed(entry.status());
  if (const absl::Status committed = VerifyCommitments(*entry); !committed.ok()) return Malformed(committed);
  for (int i = 1; i < entry->stored.parts_size(); ++i) {
    ++(IsMissing(entry->stored.parts(i)) ? report.missing_parts : report.sealed_parts);
  }
  report.record = std::move(entry->record);
  return absl::OkStatus();
}

absl::Status ReadSignatures(const TlogProof& proof, const Policy& policy, ReceiptReport& report) {
  PARLEY_ASSIGN_OR_RETURN(const SignedNote note, SignedNote::Parse(proof.checkpoint));
  const NoteVerifierKey* log = policy.LogOf(report.checkpoint.origin);
  report.log_signed = log != nullptr && note.Verify(*log).ok();
  std::map<std::string, bool> cosigned;
  for (const auto& [name, key] : policy.witnesses()) {
    const auto time = note.Verify(key);
    cosigned[name] = time.ok();
    if (time.ok()) report.cosigned.push_back({name, absl::FromUnixSeconds(static_cast<int64_t>(*time))});
  }
  const auto did = [&](const std::string& witness) { return cosigned.contains(witness) && cosigned.at(witness); };
  report.quorum_met = policy.QuorumMet(did);
  if (!report.quorum_met) report.missing = policy.Missing(did);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ReceiptReport> CheckReceipt(const Receipt& receipt, const Policy* policy) {
  ReceiptReport report;
  PARLEY_RETURN_IF_ERROR(ReadEntry(receipt, report));
  PARLEY_ASSIGN_OR_RETURN(const TlogProof proof, TlogProof::Parse(receipt.proof));
  PARLEY_ASSIGN_OR_RETURN(report.checkpoint, proof.Verify(receipt.header));
  if (proof.index != report.header.sequence()) {
    return absl::InvalidArgumentError("the entry stands at another place than its header says");
  }
  if (!report.checkpoint.origin.ends_with("/relationships/" + report.header.ledger())) {
    return absl::InvalidArgumentError("the checkpoint is not of the entry's relationship");
  }
  if (policy != nullptr) PARLEY_RETURN_IF_ERROR(ReadSignatures(proof, *policy, report));
  return report;
}

}  // namespace parley
