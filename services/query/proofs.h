// What answers say of how well they are proven. The server's checkpoints implement it, and whoever answers from a bundle.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "eventstore/base/ids.h"
#include "parley/v1/audit.pb.h"
#include "projections/read_view.h"

namespace parley {

// How far a relationship is proven: sizes of its tree.
struct ProvenUpTo {
  uint64_t checkpointed = 0;
  uint64_t cosigned = 0;  // At most as much.

  v1::ProofState Of(uint64_t sequence) const {
    return sequence < cosigned       ? v1::PROOF_STATE_COSIGNED
           : sequence < checkpointed ? v1::PROOF_STATE_CHECKPOINTED
                                     : v1::PROOF_STATE_ACCEPTED;
  }
};

// Thread-safe.
class Proofs {
 public:
  virtual ~Proofs() = default;
  // Whose keys count is read from `view`.
  virtual absl::StatusOr<ProvenUpTo> UpTo(ReadView& view, const LedgerId& ledger) const = 0;
  // The signed note of the smallest checkpoint that covers the entries [0, size); empty while there is none.
  virtual absl::StatusOr<std::string> NoteCovering(const LedgerId& ledger, uint64_t size) const = 0;
};

}  // namespace parley
