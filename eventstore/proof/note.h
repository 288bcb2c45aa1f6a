// Signed notes (C2SP signed-note): text with signatures under it, each by a named key.
//   <text, ending in a newline>
//   <empty line>
//   — <name> <base64(key id[4] || signature)>
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace parley {

// What a key signs: the first byte of its encoded form.
enum class NoteKeyType : uint8_t {
  kEd25519 = 0x01,             // The text as it stands.
  kEd25519Cosignature = 0x04,  // C2SP tlog-cosignature: the text, and when.
};

// A public key as a verifier holds it: "name+hex8(key id)+base64(type || public key)".
class NoteVerifierKey {
 public:
  // INVALID_ARGUMENT where `vkey` is malformed, of an unknown type, or its key id is not its own.
  static absl::StatusOr<NoteVerifierKey> Parse(std::string_view vkey);
  // A key of `name` (not empty, no white space, no '+') and 32 bytes.
  static absl::StatusOr<NoteVerifierKey> Make(std::string_view name, NoteKeyType type, std::string_view public_key);

  std::string ToString() const;
  const std::string& name() const { return name_; }
  NoteKeyType type() const { return type_; }
  const std::string& public_key() const { return public_key_; }
  // SHA-256(name || 0x0A || type || public key), its first 4 bytes.
  const std::string& key_id() const { return key_id_; }

 private:
  std::string name_;
  NoteKeyType type_ = NoteKeyType::kEd25519;
  std::string public_key_;
  std::string key_id_;
};

// A private key: 32 bytes of seed under a name.
class NoteSigningKey {
 public:
  static absl::StatusOr<NoteSigningKey> Make(std::string_view name, NoteKeyType type, std::string_view seed);
  const NoteVerifierKey& verifier() const { return verifier_; }

 private:
  friend class SignedNote;
  NoteVerifierKey verifier_;
  std::string seed_;
};

struct NoteSignature {
  std::string name;
  std::string key_id;     // 4 bytes.
  std::string signature;  // What follows it.
};

// Parsed or about to be written. Copyable.
class SignedNote {
 public:
  // A text without signatures: UTF-8, no control characters but newlines, ending in one.
  static absl::StatusOr<SignedNote> Make(std::string text);
  // INVALID_ARGUMENT where `note` is malformed. Says nothing of its signatures.
  static absl::StatusOr<SignedNote> Parse(std::string_view note);

  std::string ToString() const;
  const std::string& text() const { return text_; }
  const std::vector<NoteSignature>& signatures() const { return signatures_; }

  // Adds a signature by a kEd25519 key.
  absl::Status Sign(const NoteSigningKey& key);
  // Adds a cosignature by a kEd25519Cosignature key: u64be `posix_seconds`, and the signature over
  // "cosignature/v1\ntime <posix_seconds>\n" and the text.
  absl::Status Cosign(const NoteSigningKey& key, uint64_t posix_seconds);
  // Takes over a signature made elsewhere.
  void Add(NoteSignature signature) { signatures_.push_back(std::move(signature)); }

  // NOT_FOUND where `key` has not signed, INVALID_ARGUMENT where a signature under its name and id is wrong. The time is
  // that of a cosignature, 0 for others; of several good ones the latest.
  absl::StatusOr<uint64_t> Verify(const NoteVerifierKey& key) const;

 private:
  std::string text_;
  std::vector<NoteSignature> signatures_;
};

// The three lines of a C2SP tlog-checkpoint. Extension lines are refused: Parley writes none.
struct Checkpoint {
  std::string origin;  // "<log domain>/relationships/<id>"
  uint64_t size = 0;
  std::string root;  // 32 bytes.

  std::string ToText() const;
  static absl::StatusOr<Checkpoint> Parse(std::string_view text);
  bool operator==(const Checkpoint&) const = default;
};

}  // namespace parley
