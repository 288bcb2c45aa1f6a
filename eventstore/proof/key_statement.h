// How trust goes over from a key to the one that replaces it: a signed note of three lines,
//   parley/key/v1
//   relationships/<id>
//   <vkey of the new key>
// signed by the key before with a plain Ed25519 signature (type 0x01) under that key's name, also where the key's own type is
// that of cosignatures. Nothing else that these keys sign begins with that line.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventstore/proof/note.h"

namespace parley {

std::string KeyStatementText(std::string_view relationship, const NoteVerifierKey& key);

// The note that says so, signed by the key before: its name, and its seed of 32 bytes. INVALID_ARGUMENT where these are no key.
absl::StatusOr<std::string> SignKeyStatement(std::string_view relationship, const NoteVerifierKey& key,
                                             std::string_view previous_name, std::string_view previous_seed);

// OK where `statement` says exactly this and `previous`, of whatever type, has signed it; INVALID_ARGUMENT with the reason
// otherwise.
absl::Status VerifyKeyStatement(std::string_view statement, std::string_view relationship, const NoteVerifierKey& key,
                                const NoteVerifierKey& previous);

}  // namespace parley
