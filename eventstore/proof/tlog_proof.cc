#include "eventstore/proof/tlog_proof.h"

#include <charconv>
#include <optional>

#include "absl/strings/escaping.h"
#include "eventstore/base/status.h"
#include "eventstore/proof/merkle.h"

namespace parley {
namespace {

constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kIndex = "index ";
constexpr size_t kHashBytes = 32;
constexpr size_t kMaxHashes = 63;  // A tree of 2^63 leaves.

absl::Status Malformed(std::string_view why) { return absl::InvalidArgumentError(std::string(why)); }

// The next line, without its newline; nullopt where none ends.
std::optional<std::string_view> TakeLine(std::string_view& text) {
  const size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

}  // namespace

std::string TlogProof::ToText() const {
  std::string text = std::string(kFirstLine) + "\n" + std::string(kIndex) + std::to_string(index) + "\n";
  for (const std::string& hash : hashes) text += absl::Base64Escape(hash) + "\n";
  return text + "\n" + checkpoint;
}

absl::StatusOr<TlogProof> TlogProof::Parse(std::string_view text) {
  if (TakeLine(text) != kFirstLine) return Malformed("a proof begins with the line " + std::string(kFirstLine));
  TlogProof proof;
  const auto index = TakeLine(text);
  if (!index || !index->starts_with(kIndex)) return Malformed("a proof's second line gives the index");
  const std::string_view digits = index->substr(kIndex.size());
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), proof.index);
  if (error != std::errc() || end != digits.data() + digits.size() || std::to_string(proof.index) != digits) {
    return Malformed("a proof's index is a decimal number");
  }
  while (true) {
    const auto line = TakeLine(text);
    if (!line) return Malformed("a proof has an empty line before its checkpoint");
    if (line->empty()) break;
    std::string hash;
    if (!absl::Base64Unescape(std::string(*line), &hash) || hash.size() != kHashBytes ||
        absl::Base64Escape(hash) != *line) {
      return Malformed("a proof's hashes are base64 of 32 bytes");
    }
    if (proof.hashes.size() == kMaxHashes) return Malformed("the proof has more hashes than any tree");
    proof.hashes.push_back(std::move(hash));
  }
  PARLEY_ASSIGN_OR_RETURN(const SignedNote note, SignedNote::Parse(text));
  PARLEY_RETURN_IF_ERROR(Checkpoint::Parse(note.text()).status());
  proof.checkpoint = text;
  return proof;
}

absl::StatusOr<Checkpoint> TlogProof::Verify(std::string_view leaf) const {
  PARLEY_ASSIGN_OR_RETURN(const SignedNote note, SignedNote::Parse(checkpoint));
  PARLEY_ASSIGN_OR_RETURN(Checkpoint claimed, Checkpoint::Parse(note.text()));
  PARLEY_RETURN_IF_ERROR(VerifyInclusion(index, claimed.size, LeafHash(leaf), hashes, claimed.root));
  return claimed;
}

absl::StatusOr<Checkpoint> TlogProof::Verify(std::string_view leaf, const NoteVerifierKey& log) const {
  PARLEY_ASSIGN_OR_RETURN(Checkpoint proven, Verify(leaf));
  PARLEY_ASSIGN_OR_RETURN(const SignedNote note, SignedNote::Parse(checkpoint));
  if (log.type() != NoteKeyType::kEd25519) return Malformed("not a log's key");
  if (proven.origin != log.name()) return Malformed("the checkpoint is of another origin than the key");
  if (!note.Verify(log).ok()) return Malformed("the log's signature under the checkpoint is missing or wrong");
  return proven;
}

}  // namespace parley
