// Receipts as C2SP tlog-proof has them: that an entry is in a tree that somebody signed, in one text.
//   c2sp.org/tlog-proof@v1
//   index <decimal>
//   <base64 of a hash>                 RFC 6962 inclusion proof, from the leaf's sibling on; a line each, maybe none
//   <empty line>
//   <signed note of a checkpoint>
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventstore/proof/note.h"

namespace parley {

struct TlogProof {
  uint64_t index = 0;
  std::vector<std::string> hashes;  // 32 bytes each.
  std::string checkpoint;           // The signed note, as it stands.

  std::string ToText() const;
  // INVALID_ARGUMENT where `text` is no such proof, or has an `extra` line: nothing authenticates that, and Parley writes none. The
  // note's signatures and the hashes are not looked at.
  static absl::StatusOr<TlogProof> Parse(std::string_view text);
  // INVALID_ARGUMENT unless the proof leads from the leaf (an entry's header, as it is stored) to the checkpoint's root. Returns the
  // checkpoint; who signed it is the caller's to ask: of the note, or of the overload below.
  absl::StatusOr<Checkpoint> Verify(std::string_view leaf) const;
  // The same, and `log` signed the note, for a checkpoint whose origin is the key's name.
  absl::StatusOr<Checkpoint> Verify(std::string_view leaf, const NoteVerifierKey& log) const;
};

}  // namespace parley
