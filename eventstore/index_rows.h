// The rows of the log's index: what is derived from a record, and under which keys. One pure function derives them, so
// that an index that was kept up, one that was rebuilt and what fsck expects are the same bytes. FORMAT.md has them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "eventstore/base/ids.h"
#include "eventstore/engine.h"
#include "eventstore/event_log.h"

namespace parley {

// Every key of the index lies in [kIndexBegin, kIndexEnd).
inline constexpr std::string_view kIndexBegin = "L";
inline constexpr std::string_view kIndexEnd = "M";

using Row = std::pair<std::string, std::string>;  // Key and value.

// A half-open range of keys.
struct KeyRange {
  std::string from;
  std::string to;
};

// One commit of a record.
struct CommitPlace {
  LedgerId ledger;
  uint64_t first_sequence = 0;
  uint32_t entries = 0;
  bool operator==(const CommitPlace&) const = default;
};

// The same with its entries; null where one cannot be read.
struct CommitRead {
  CommitPlace place;
  std::vector<std::shared_ptr<const Entry>> entries;
};

// A record taken apart, commit by commit.
struct RecordRead {
  Position position;
  std::vector<CommitRead> commits;
};

// DATA_LOSS (LEDGER_QUARANTINED) where the record cannot be taken apart or it cannot be told whose its entries are.
absl::StatusOr<RecordRead> TakeApart(const EngineRecord& record);

struct DerivedRows {
  std::vector<Row> rows;  // Later ones of the same key replace earlier ones.
  // Entries of this record that cannot be read, by ledger and sequence.
  std::vector<std::pair<LedgerId, uint64_t>> damaged;
};
DerivedRows DeriveRows(const RecordRead& record);

// The shard that a ledger lives in: the first 8 bytes of the SHA-256 of its id, big-endian, modulo `shards`.
ShardId ShardOfLedger(const LedgerId& ledger, uint32_t shards);

// A ledger's commits: key by first sequence.
std::string CommitKey(const LedgerId& ledger, uint64_t first_sequence);
struct CommitRow {
  uint64_t first_sequence = 0;
  Position first_position;
  uint32_t entries = 0;
};
std::optional<CommitRow> ParseCommitRow(const Row& row);

// A stream's entries that follow each other in one commit: key by the first one's ledger sequence.
std::string StreamKey(const LedgerId& ledger, std::string_view stream, uint64_t sequence);
struct StreamRow {
  uint64_t sequence = 0;
  uint64_t offset = 0;  // In the ledger's shard.
  uint32_t entries = 0;
};
std::optional<StreamRow> ParseStreamRow(const Row& row);

// What a request id led to.
std::string RequestKey(const LedgerId& ledger, std::string_view actor, std::string_view request_id);
std::optional<RequestRecord> ParseRequestRow(std::string_view value);

// Every ledger, with its next sequence as the value.
std::string LedgerKey(const LedgerId& ledger);
KeyRange LedgersAfter(const LedgerId& after);
std::optional<uint64_t> ParseLedgerRow(std::string_view value);
LedgerId LedgerOfRow(const Row& row);

// Entries of a ledger that cannot be read.
std::string DamageKey(const LedgerId& ledger, uint64_t sequence);
// Those of the ledgers whose keys come after all of `ledger`'s; with none, of all.
KeyRange DamageAfter(const LedgerId& ledger);
struct DamageRow {
  LedgerId ledger;
  uint64_t sequence = 0;
};
std::optional<DamageRow> ParseDamageRow(const Row& row);

// What each record holds, so that it is known whose entries are lost when it cannot be read any more.
std::string DirectoryKey(Position first);
struct DirectoryRow {
  Position first;
  std::vector<CommitPlace> commits;
};
std::optional<DirectoryRow> ParseDirectoryRow(const Row& row);

// How far the index reaches: the first offset of a shard that is not in it.
std::string CheckpointKey(ShardId shard);
std::string EncodeCheckpoint(uint64_t next_offset);
std::optional<uint64_t> ParseCheckpoint(std::string_view value);

// Which log this is an index of: format, number of shards, incarnation.
std::string MetaKey();
std::string EncodeMeta(uint32_t shards, std::string_view incarnation);
// The number of shards; nullopt where `meta` is of another format or another log.
std::optional<uint32_t> ShardsOfMeta(std::string_view meta, std::string_view incarnation);

}  // namespace parley
