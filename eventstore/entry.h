// An entry of history, as read back and as about to be written. FORMAT.md has the bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/base/ids.h"
#include "eventstore/base/random.h"
#include "parley/v1/entry.pb.h"

namespace parley {

// An entry as read: decoded, and the bytes it was decoded from. Immutable by convention; shared freely.
struct Entry {
  Position position;
  v1::StoredEntry stored;  // The bytes that are hashed and exported.
  v1::EntryHeader header;  // Decoded from stored.header().
  v1::Record record;       // Decoded from part 0.

  // OK but for readers of shards, who are told of entries that cannot be read instead of being stopped by them: then
  // DATA_LOSS (LEDGER_QUARANTINED), only position, header.ledger and header.sequence can be relied on, and the ledger's
  // state from this sequence on is not known. Readers of ledgers and streams get the status itself.
  absl::Status damage = absl::OkStatus();

  uint64_t sequence() const { return header.sequence(); }
  // Of the header and the parts, as stored.
  size_t stored_bytes() const;
  bool joint() const { return header.owner().empty(); }
};

// A personal field on its way into a sealed part.
struct NewPersonalPart {
  std::string person;   // Resource name.
  std::string field;    // As in v1::PersonalPart.
  std::string content;  // The text.
  std::string key;      // The person's, 32 bytes.
};

// Everything about an entry except its salts and nonces.
struct NewEntry {
  LedgerId ledger;
  uint64_t sequence = 0;
  absl::Time recorded_at;
  std::string owner;  // Party id, or empty: joint.
  v1::Record record;
  std::vector<NewPersonalPart> personal = {};  // Parts 1, 2, …: EncodeEntry lists them in record.personal_parts.
};

// Serialises header and parts, and seals the personal ones: the only place where that happens. Draws a salt per part.
v1::StoredEntry EncodeEntry(NewEntry entry, RandomSource& random);

// Takes `stored` apart. DATA_LOSS (LEDGER_QUARANTINED) where the prefix, the header or the record do not parse, or the
// number of parts is not the number of commitments. Does not re-hash the parts: VerifyCommitments does.
absl::StatusOr<Entry> DecodeEntry(v1::StoredEntry stored, Position position);
// The same where the header is decoded already.
absl::StatusOr<Entry> DecodeEntry(v1::StoredEntry stored, v1::EntryHeader header, Position position);

// The ledger of a serialised StoredEntry, without taking it apart; nullopt where that cannot be told.
std::optional<std::string_view> PeekLedger(std::string_view stored);

// The same for the header alone: enough to know whose entry it is.
absl::StatusOr<v1::EntryHeader> DecodeHeader(const v1::StoredEntry& stored, Position position);

// DATA_LOSS where part 0 does not match its commitment, or a sealed part the hash that the record gives of it. Sealed parts that
// are missing pass: they were erased, or they were hidden, which only the ledger's history tells apart.
absl::Status VerifyCommitments(const Entry& entry);

// The text of a sealed part (from 1). NOT_FOUND where it is missing; DATA_LOSS where it does not open under `key`, or what it
// holds does not match the part's commitment.
absl::StatusOr<std::string> OpenPart(const Entry& entry, size_t part, std::string_view key);

}  // namespace parley
