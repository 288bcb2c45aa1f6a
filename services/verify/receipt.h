// A receipt checked offline: that one entry, with these contents, is under a checkpoint that the right keys signed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/proof/note.h"
#include "eventstore/proof/policy.h"
#include "parley/v1/entry.pb.h"

namespace parley {

// As GetReceiptResponse has them.
struct Receipt {
  std::string proof;         // C2SP tlog-proof.
  std::string header;        // The leaf.
  std::string stored_entry;  // A serialised StoredEntry of the same header; empty: the header is all there is.
};

struct ReceiptReport {
  v1::EntryHeader header;
  std::optional<v1::Record> record;  // Unless it is not there: another party's own.
  size_t sealed_parts = 0;           // That are there; their ciphertext is what the record says.
  size_t missing_parts = 0;          // Erased, or kept back: the history tells.
  Checkpoint checkpoint;

  // By the policy; empty and false without one.
  bool log_signed = false;
  struct Cosigned {
    std::string witness;  // Name in the policy.
    absl::Time time;
  };
  std::vector<Cosigned> cosigned;
  std::vector<std::string> missing;  // Witnesses with whom the quorum could be met.
  bool quorum_met = false;
};

// INVALID_ARGUMENT, with the reason, where it does not parse, the contents are not those that the header commits to, or the proof does
// not lead from the header to the checkpoint. Who signed that is in the report. A receipt alone does not tell one key of the log from
// the next: the policy must have the one that signed.
absl::StatusOr<ReceiptReport> CheckReceipt(const Receipt& receipt, const Policy* policy);

}  // namespace parley
