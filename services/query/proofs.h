// What answers say of how well they are proven.
#pragma once

#include <cstdint>
#include <functional>

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

// Finds that out; whose cosignatures count is read from `view`. An empty function: there are no checkpoints.
using ReadProven = std::function<absl::StatusOr<ProvenUpTo>(ReadView& view, const LedgerId& ledger)>;

}  // namespace parley
