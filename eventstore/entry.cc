#include "eventstore/entry.h"

#include <string_view>

#include "eventstore/base/hash.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"

namespace parley {
namespace {

// On disk and hashed: do not change.
constexpr std::string_view kLeafPrefix("parley/leaf/v1\0", 15);
constexpr size_t kSaltBytes = 32;

absl::Status Damaged(Position position, std::string_view what) {
  return Reject(v1::REASON_LEDGER_QUARANTINED, std::string("entry cannot be read: ") + std::string(what))
      .With("shard", std::to_string(static_cast<uint32_t>(position.shard)))
      .With("offset", std::to_string(position.offset));
}

void AddPart(std::string content, RandomSource& random, v1::StoredEntry& stored, v1::EntryHeader& header) {
  auto* part = stored.add_parts();
  part->set_salt(random.Bytes(kSaltBytes));
  part->set_content(std::move(content));
  header.add_commitments(Commitment(part->salt(), part->content()));
}

}  // namespace

v1::StoredEntry EncodeEntry(const NewEntry& entry, RandomSource& random) {
  v1::EntryHeader header;
  header.set_ledger(entry.ledger.str());
  header.set_sequence(entry.sequence);
  *header.mutable_recorded_at() = ToProto(entry.recorded_at);
  header.set_owner(entry.owner);
  v1::StoredEntry stored;
  AddPart(Canonical(entry.record), random, stored, header);
  for (const std::string& content : entry.personal) AddPart(content, random, stored, header);
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
  Entry entry;
  entry.position = position;
  PARLEY_ASSIGN_OR_RETURN(entry.header, DecodeHeader(stored, position));
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
  for (int i = 0; i < entry.stored.parts_size(); ++i) {
    const v1::StoredPart& part = entry.stored.parts(i);
    if (Commitment(part.salt(), part.content()) != entry.header.commitments(i)) {
      return Damaged(entry.position, "part " + std::to_string(i) + " does not match its commitment");
    }
  }
  return absl::OkStatus();
}

}  // namespace parley
