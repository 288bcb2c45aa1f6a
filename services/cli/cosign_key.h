// A cosigner's private key in a file of its own, which nobody but its owner may read:
//   parley/cosigner-key/v1
//   name <name of the key, as in its vkey>
//   seed <Ed25519 private key (RFC 8032): 32 bytes, hexadecimal>
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventstore/proof/note.h"

namespace parley {

struct CosignerKey {
  std::string name;
  std::string seed;  // 32 bytes.

  // Of type 0x04.
  absl::StatusOr<NoteSigningKey> SigningKey() const;
};

// A new key, in a new file, on the disk when this returns. INVALID_ARGUMENT where the name cannot be one; ALREADY_EXISTS where there is
// such a file; UNAVAILABLE where it cannot be written.
absl::StatusOr<CosignerKey> MakeCosignerKey(const std::string& path, const std::string& name);
// INVALID_ARGUMENT where it is malformed, or others may read it.
absl::StatusOr<CosignerKey> LoadCosignerKey(const std::string& path);

}  // namespace parley
