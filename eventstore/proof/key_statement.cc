#include "eventstore/proof/key_statement.h"

#include "eventstore/base/status.h"

namespace parley {

std::string KeyStatementText(std::string_view relationship, const NoteVerifierKey& key) {
  return "parley/key/v1\n" + std::string(relationship) + "\n" + key.ToString() + "\n";
}

absl::StatusOr<std::string> SignKeyStatement(std::string_view relationship, const NoteVerifierKey& key,
                                             std::string_view previous_name, std::string_view previous_seed) {
  PARLEY_ASSIGN_OR_RETURN(const NoteSigningKey signer,
                          NoteSigningKey::Make(previous_name, NoteKeyType::kEd25519, previous_seed));
  PARLEY_ASSIGN_OR_RETURN(SignedNote note, SignedNote::Make(KeyStatementText(relationship, key)));
  PARLEY_RETURN_IF_ERROR(note.Sign(signer));
  return note.ToString();
}

absl::Status VerifyKeyStatement(std::string_view statement, std::string_view relationship, const NoteVerifierKey& key,
                                const NoteVerifierKey& previous) {
  PARLEY_ASSIGN_OR_RETURN(const SignedNote note, SignedNote::Parse(statement));
  if (note.text() != KeyStatementText(relationship, key)) {
    return absl::InvalidArgumentError("the statement is about another relationship or key");
  }
  PARLEY_ASSIGN_OR_RETURN(const NoteVerifierKey signer,
                          NoteVerifierKey::Make(previous.name(), NoteKeyType::kEd25519, previous.public_key()));
  const auto signed_by = note.Verify(signer);
  if (signed_by.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError("the key before did not sign the statement: " +
                                    std::string(signed_by.status().message()));
}

}  // namespace parley
