#include "eventstore/proof/note.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/escaping.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/ordered.h"
#include "eventstore/base/status.h"
#include "eventstore/proof/ed25519.h"

namespace parley {
namespace {

constexpr std::string_view kSignaturePrefix = "\u2014 ";  // Em dash.
constexpr size_t kKeyIdBytes = 4;
constexpr size_t kTimeBytes = 8;
constexpr size_t kMaxSignatures = 100;

absl::Status Malformed(std::string_view why) { return absl::InvalidArgumentError(std::string(why)); }

bool IsName(std::string_view name) {
  return !name.empty() &&
         std::none_of(name.begin(), name.end(), [](unsigned char c) { return c <= ' ' || c == 0x7f || c == '+'; });
}

// Strict: padding where it belongs, nothing else, and no second way to say the same.
absl::StatusOr<std::string> FromBase64(std::string_view text) {
  std::string bytes;
  if (!absl::Base64Unescape(std::string(text), &bytes) || absl::Base64Escape(bytes) != text)
    return Malformed("not base64");
  return bytes;
}

std::string CosignedMessage(uint64_t posix_seconds, const std::string& text) {
  return "cosignature/v1\ntime " + std::to_string(posix_seconds) + "\n" + text;
}

absl::Status CheckText(std::string_view text) {
  if (text.empty() || text.back() != '\n') return Malformed("a note's text ends in a newline");
  if (std::any_of(text.begin(), text.end(), [](unsigned char c) { return (c < ' ' && c != '\n') || c == 0x7f; })) {
    return Malformed("a note's text holds a control character");
  }
  return absl::OkStatus();
}

// A decimal number without leading zeros.
absl::StatusOr<uint64_t> FromDecimal(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || std::to_string(value) != text) {
    return Malformed("not a decimal number");
  }
  return value;
}

}  // namespace

absl::StatusOr<NoteVerifierKey> NoteVerifierKey::Make(std::string_view name, NoteKeyType type,
                                                      std::string_view public_key) {
  if (!IsName(name)) return Malformed("a key's name is not empty and holds neither white space nor '+'");
  if (public_key.size() != kEd25519KeyBytes) return Malformed("a public key has 32 bytes");
  NoteVerifierKey key;
  key.name_ = name;
  key.type_ = type;
  key.public_key_ = public_key;
  const std::string typed = std::string(1, static_cast<char>(type)) + key.public_key_;
  key.key_id_ = Sha256(key.name_ + "\n" + typed).substr(0, kKeyIdBytes);
  return key;
}

absl::StatusOr<NoteVerifierKey> NoteVerifierKey::Parse(std::string_view vkey) {
  const size_t first = vkey.find('+');
  const size_t second = first == std::string_view::npos ? first : vkey.find('+', first + 1);
  if (second == std::string_view::npos) return Malformed("a verifier key is name+id+key");
  PARLEY_ASSIGN_OR_RETURN(const std::string typed, FromBase64(vkey.substr(second + 1)));
  if (typed.empty() || (typed[0] != 0x01 && typed[0] != 0x04)) return Malformed("the key is of an unknown type");
  PARLEY_ASSIGN_OR_RETURN(NoteVerifierKey key, Make(vkey.substr(0, first), static_cast<NoteKeyType>(typed[0]),
                                                    std::string_view(typed).substr(1)));
  if (absl::BytesToHexString(key.key_id_) != vkey.substr(first + 1, second - first - 1)) {
    return Malformed("the key id is not that of the name and key");
  }
  return key;
}

std::string NoteVerifierKey::ToString() const {
  const std::string typed = std::string(1, static_cast<char>(type_)) + public_key_;
  return name_ + "+" + absl::BytesToHexString(key_id_) + "+" + absl::Base64Escape(typed);
}

absl::StatusOr<NoteSigningKey> NoteSigningKey::Make(std::string_view name, NoteKeyType type, std::string_view seed) {
  const auto public_key = Ed25519PublicKey(seed);
  if (!public_key) return Malformed("a private key has 32 bytes");
  NoteSigningKey key;
  PARLEY_ASSIGN_OR_RETURN(key.verifier_, NoteVerifierKey::Make(name, type, *public_key));
  key.seed_ = seed;
  return key;
}

absl::StatusOr<SignedNote> SignedNote::Make(std::string text) {
  PARLEY_RETURN_IF_ERROR(CheckText(text));
  SignedNote note;
  note.text_ = std::move(text);
  return note;
}

absl::StatusOr<SignedNote> SignedNote::Parse(std::string_view bytes) {
  // The last empty line parts text from signatures: the text may hold empty lines of its own.
  const size_t gap = bytes.rfind("\n\n");
  if (gap == std::string_view::npos) return Malformed("a note has an empty line before its signatures");
  PARLEY_ASSIGN_OR_RETURN(SignedNote note, Make(std::string(bytes.substr(0, gap + 1))));
  std::string_view rest = bytes.substr(gap + 2);
  if (rest.empty()) return Malformed("the note has no signature");
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    if (end == std::string_view::npos) return Malformed("a signature line ends in a newline");
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (!line.starts_with(kSignaturePrefix)) return Malformed("a signature line begins with an em dash");
    line.remove_prefix(kSignaturePrefix.size());
    const size_t space = line.find(' ');
    if (space == std::string_view::npos || !IsName(line.substr(0, space)))
      return Malformed("a signature line names a key");
    PARLEY_ASSIGN_OR_RETURN(const std::string payload, FromBase64(line.substr(space + 1)));
    if (payload.size() <= kKeyIdBytes) return Malformed("a signature is missing");
    if (note.signatures_.size() >= kMaxSignatures) return Malformed("too many signatures");
    note.signatures_.push_back(
        {std::string(line.substr(0, space)), payload.substr(0, kKeyIdBytes), payload.substr(kKeyIdBytes)});
  }
  return note;
}

std::string SignedNote::ToString() const {
  std::string out = text_ + "\n";
  for (const NoteSignature& s : signatures_) {
    out.append(kSignaturePrefix)
        .append(s.name)
        .append(" ")
        .append(absl::Base64Escape(s.key_id + s.signature))
        .append("\n");
  }
  return out;
}

absl::Status SignedNote::Sign(const NoteSigningKey& key) {
  if (key.verifier_.type() != NoteKeyType::kEd25519) return Malformed("not a key for plain signatures");
  const auto signature = Ed25519Sign(key.seed_, text_);
  if (!signature) return absl::InternalError("the signature could not be made");
  Add({key.verifier_.name(), key.verifier_.key_id(), *signature});
  return absl::OkStatus();
}

absl::Status SignedNote::Cosign(const NoteSigningKey& key, uint64_t posix_seconds) {
  if (key.verifier_.type() != NoteKeyType::kEd25519Cosignature) return Malformed("not a key for cosignatures");
  const auto signature = Ed25519Sign(key.seed_, CosignedMessage(posix_seconds, text_));
  if (!signature) return absl::InternalError("the signature could not be made");
  std::string payload;
  AppendOrdered(payload, posix_seconds);
  Add({key.verifier_.name(), key.verifier_.key_id(), payload + *signature});
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> SignedNote::Verify(const NoteVerifierKey& key) const {
  absl::StatusOr<uint64_t> found = absl::NotFoundError("no signature by " + key.name());
  for (const NoteSignature& s : signatures_) {
    if (s.name != key.name() || s.key_id != key.key_id()) continue;
    uint64_t time = 0;
    bool good = false;
    switch (key.type()) {
      case NoteKeyType::kEd25519:
        good = Ed25519Verify(key.public_key(), text_, s.signature);
        break;
      case NoteKeyType::kEd25519Cosignature:
        if (s.signature.size() != kTimeBytes + kEd25519SignatureBytes) break;
        time = ParseOrdered(s.signature);
        good = Ed25519Verify(key.public_key(), CosignedMessage(time, text_), s.signature.substr(kTimeBytes));
        break;
    }
    if (!good) return Malformed("the signature by " + key.name() + " is wrong");
    found = std::max(found.value_or(0), time);
  }
  return found;
}

std::string Checkpoint::ToText() const {
  return origin + "\n" + std::to_string(size) + "\n" + absl::Base64Escape(root) + "\n";
}

absl::StatusOr<Checkpoint> Checkpoint::Parse(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return Malformed("a checkpoint's lines end in newlines");
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  if (lines.size() != 3) return Malformed("a checkpoint has three lines: origin, size, root");
  if (lines[0].empty()) return Malformed("a checkpoint's origin is not empty");
  Checkpoint checkpoint;
  checkpoint.origin = lines[0];
  PARLEY_ASSIGN_OR_RETURN(checkpoint.size, FromDecimal(lines[1]));
  PARLEY_ASSIGN_OR_RETURN(checkpoint.root, FromBase64(lines[2]));
  if (checkpoint.root.size() != 32) return Malformed("a checkpoint's root has 32 bytes");
  return checkpoint;
}

}  // namespace parley
