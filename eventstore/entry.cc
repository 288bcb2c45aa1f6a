#include "eventstore/entry.h"

#include <google/protobuf/io/coded_stream.h>

#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventstore/base/aead.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"

namespace parley {
namespace {

// On disk and hashed: do not change.
constexpr std::string_view kLeafPrefix("parley/leaf/v1\0", 15);
constexpr std::string_view kSealedPrefix("parley/sealed/v1\0", 17);
constexpr size_t kSaltBytes = 32;

absl::Status Damaged(Position position, std::string_view what) {
  return Reject(v1::REASON_LEDGER_QUARANTINED, std::string("entry cannot be read: ") + std::string(what))
      .With("shard", std::to_string(static_cast<uint32_t>(position.shard)))
      .With("offset", std::to_string(position.offset));
}

// Takes a field off the front: its bytes, where it is number 1 and length-delimited.
std::optional<std::string_view> TakeFirstField(std::string_view in) {
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const uint8_t*>(in.data()),
                                                static_cast<int>(in.size()));
  uint32_t size = 0;
  if (stream.ReadTag() != 0x0a || !stream.ReadVarint32(&size)) return std::nullopt;
  const auto at = static_cast<size_t>(stream.CurrentPosition());
  if (size > in.size() - at) return std::nullopt;
  return in.substr(at, size);
}

// What a sealed part is bound to: where it stands and whose it is, so that it cannot be passed off as another.
std::string SealedAdditional(const std::string& ledger, uint64_t sequence, size_t part, const std::string& person) {
  return std::string(kSealedPrefix) + Sha256(absl::StrCat(ledger, "\n", sequence, "\n", part, "\n", person));
}

v1::StoredPart DrawPart(std::string content, RandomSource& random) {
  v1::StoredPart part;
  part.set_salt(random.Bytes(kSaltBytes));
  part.set_content(std::move(content));
  return part;
}

}  // namespace

size_t Entry::stored_bytes() const {
  size_t bytes = stored.header().size();
  for (const v1::StoredPart& part : stored.parts()) bytes += part.content().size() + part.sealed().size();
  return bytes;
}

std::optional<std::string_view> PeekLedger(std::string_view stored) {
  const auto header = TakeFirstField(stored);
  if (!header || !header->starts_with(kLeafPrefix)) return std::nullopt;
  return TakeFirstField(header->substr(kLeafPrefix.size()));
}

v1::StoredEntry EncodeEntry(NewEntry entry, RandomSource& random) {
  v1::EntryHeader header;
  header.set_ledger(entry.ledger.str());
  header.set_sequence(entry.sequence);
  *header.mutable_recorded_at() = ToProto(entry.recorded_at);
  header.set_owner(std::move(entry.owner));
  v1::Record& record = entry.record;
  record.clear_personal_parts();
  std::vector<v1::StoredPart> sealed_parts;
  std::vector<std::string> commitments;
  for (const NewPersonalPart& personal : entry.personal) {
    const v1::StoredPart open = DrawPart(personal.content, random);
    commitments.push_back(Commitment(open.salt(), open.content()));
    const size_t index = commitments.size();
    v1::StoredPart& part = sealed_parts.emplace_back();
    part.set_sealed(AeadSeal(personal.key, random.Bytes(kAeadNonceBytes),
                             SealedAdditional(header.ledger(), header.sequence(), index, personal.person),
                             Canonical(open)));
    v1::PersonalPart& named = *record.add_personal_parts();
    named.set_person(personal.person);
    named.set_field(personal.field);
    named.set_sealed_sha256(Sha256(part.sealed()));
  }
  v1::StoredEntry stored;
  *stored.add_parts() = DrawPart(Canonical(record), random);
  header.add_commitments(Commitment(stored.parts(0).salt(), stored.parts(0).content()));
  for (size_t i = 0; i < sealed_parts.size(); ++i) {
    *stored.add_parts() = std::move(sealed_parts[i]);
    header.add_commitments(std::move(commitments[i]));
  }
  stored.set_header(std::string(kLeafPrefix) + Canonical(header));
  return stored;
}

absl::StatusOr<v1::EntryHeader> DecodeHeader(const v1::StoredEntry& stored, Position position) {
  const std::string_view bytes = stored.header();
  if (!bytes.starts_with(kLeafPrefix)) return Damaged(position, "its header is not of a known version");
  const std::string_view message = bytes.substr(kLeafPrefix.size());
  v1::EntryHeader header;
  if (!header.ParseFromArray(message.data(), static_cast<int>(message.size())) || header.ledger().empty()) {
    return Damaged(position, "its header does not parse");
  }
  return header;
}

absl::StatusOr<Entry> DecodeEntry(v1::StoredEntry stored, Position position) {
  PARLEY_ASSIGN_OR_RETURN(v1::EntryHeader header, DecodeHeader(stored, position));
  return DecodeEntry(std::move(stored), std::move(header), position);
}

absl::StatusOr<Entry> DecodeEntry(v1::StoredEntry stored, v1::EntryHeader header, Position position) {
  Entry entry;
  entry.position = position;
  entry.header = std::move(header);
  if (stored.parts().empty() || stored.parts_size() != entry.header.commitments_size()) {
    return Damaged(position, "it has not as many parts as commitments");
  }
  if (!entry.record.ParseFromString(stored.parts(0).content())) return Damaged(position, "its record does not parse");
  if (entry.record.personal_parts_size() + 1 != stored.parts_size()) {
    return Damaged(position, "its record does not name its parts");
  }
  entry.stored = std::move(stored);
  return entry;
}

absl::Status VerifyCommitments(const Entry& entry) {
  const v1::StoredPart& record = entry.stored.parts(0);
  if (!record.sealed().empty() || Commitment(record.salt(), record.content()) != entry.header.commitments(0)) {
    return Damaged(entry.position, "part 0 does not match its commitment");
  }
  for (int i = 1; i < entry.stored.parts_size(); ++i) {
    const v1::StoredPart& part = entry.stored.parts(i);
    if (!part.salt().empty() || !part.content().empty()) {
      return Damaged(entry.position, absl::StrCat("part ", i, " is personal and not sealed"));
    }
    if (!part.sealed().empty() && Sha256(part.sealed()) != entry.record.personal_parts(i - 1).sealed_sha256()) {
      return Damaged(entry.position, absl::StrCat("sealed part ", i, " is not the one that its record names"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> OpenPart(const Entry& entry, size_t part, std::string_view key) {
  if (part == 0 || part >= static_cast<size_t>(entry.stored.parts_size())) {
    return Reject(v1::REASON_NOT_FOUND, "the entry has no such personal part");
  }
  const int i = static_cast<int>(part);
  const std::string& sealed = entry.stored.parts(i).sealed();
  if (sealed.empty()) return Reject(v1::REASON_NOT_FOUND, "the personal part is not there");
  const auto plain = AeadOpen(
      key, SealedAdditional(entry.header.ledger(), entry.sequence(), part, entry.record.personal_parts(i - 1).person()),
      sealed);
  v1::StoredPart open;
  if (!plain || !open.ParseFromString(*plain)) {
    return Damaged(entry.position, absl::StrCat("sealed part ", i, " does not open"));
  }
  // AES-GCM does not commit to its key: that another key opens it to another text shows only here.
  if (Commitment(open.salt(), open.content()) != entry.header.commitments(i)) {
    return Damaged(entry.position, absl::StrCat("sealed part ", i, " does not match its commitment"));
  }
  return open.content();
}

}  // namespace parley
