#include "eventstore/index_rows.h"

#include "eventstore/base/hash.h"
#include "eventstore/base/status.h"
#include "eventstore/entry.h"
#include "eventstore/group.h"
#include "eventstore/kv_store.h"

namespace parley {
namespace {

// The second byte of each key.
enum class Kind : char {
  kCommit = 'c',
  kDirectory = 'd',
  kCheckpoint = 'k',
  kLedger = 'l',
  kMeta = 'm',
  kDamage = 'q',
  kRequest = 'r',
  kStream = 's',
};
// A change of any row's bytes is a new version: indexes of another version are dropped and derived again.
constexpr std::string_view kIndexFormat = "parley/log-index/v2";

std::string Key(Kind kind) { return std::string(kIndexBegin) + static_cast<char>(kind); }

void PutU32(std::string& out, uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

// Length first, so that no text can be mistaken for the beginning of a longer one.
void PutText(std::string& out, std::string_view text) {
  PutU32(out, static_cast<uint32_t>(text.size()));
  out += text;
}

// Takes fields off the front; `ok` turns false where there are not enough bytes.
struct Cursor {
  std::string_view rest;
  bool ok = true;

  std::string_view Take(size_t n) {
    if (n > rest.size()) {
      ok = false;
      n = rest.size();
    }
    const std::string_view taken = rest.substr(0, n);
    rest.remove_prefix(n);
    return taken;
  }
  uint64_t U64() {
    const std::string_view bytes = Take(8);
    return ok ? ParseOrdered(bytes) : 0;
  }
  uint32_t U32() {
    uint32_t value = 0;
    for (char c : Take(4)) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }
  std::string_view Text() { return Take(U32()); }
  bool Done() const { return ok && rest.empty(); }
};

std::string LedgerPrefix(Kind kind, const LedgerId& ledger) {
  std::string key = Key(kind);
  PutText(key, ledger.str());
  return key;
}

absl::StatusOr<CommitRead> Decode(const CommitView& view, Position first) {
  CommitRead commit;
  std::optional<uint64_t> first_sequence;
  for (size_t i = 0; i < view.size(); ++i) {
    const Position position{first.shard, first.offset + i};
    v1::StoredEntry stored;
    auto& entry = commit.entries.emplace_back();
    if (!stored.ParseFromArray(view[i].data(), static_cast<int>(view[i].size()))) continue;
    auto header = DecodeHeader(stored, position);
    if (!header.ok()) continue;
    if (!first_sequence) {
      first_sequence = header->sequence() - i;
      commit.place.ledger = LedgerId(header->ledger());
    }
    if (header->sequence() != *first_sequence + i || header->ledger() != commit.place.ledger.str()) {
      return Reject(v1::REASON_LEDGER_QUARANTINED, "a commit's entries are not in sequence in one ledger");
    }
    auto decoded = DecodeEntry(std::move(stored), *std::move(header), position);
    if (decoded.ok()) entry = std::make_shared<const Entry>(*std::move(decoded));
  }
  if (!first_sequence) return Reject(v1::REASON_LEDGER_QUARANTINED, "it cannot be told whose entries these are");
  commit.place.first_sequence = *first_sequence;
  commit.place.entries = static_cast<uint32_t>(view.size());
  return commit;
}

std::string EncodeOffset(uint64_t value) {
  std::string out;
  AppendOrdered(out, value);
  return out;
}

// Entries that follow each other with the same actor and request id are one request's.
void DeriveRequests(const CommitRead& commit, std::vector<Row>& rows) {
  const auto& entries = commit.entries;
  for (size_t i = 0, end = 0; i < entries.size(); i = end) {
    end = i + 1;
    if (!entries[i] || entries[i]->record.request_id().empty()) continue;
    const v1::Record& record = entries[i]->record;
    while (end < entries.size() && entries[end] && entries[end]->record.request_id() == record.request_id() &&
           entries[end]->record.actor() == record.actor()) {
      ++end;
    }
    std::string value = EncodeOffset(commit.place.first_sequence + i);
    PutU32(value, static_cast<uint32_t>(end - i));
    value += record.request_fingerprint();
    rows.emplace_back(RequestKey(commit.place.ledger, record.actor(), record.request_id()), std::move(value));
  }
}

// Entries that follow each other in the same stream are one run.
void DeriveStreams(const CommitRead& commit, Position first, DerivedRows& out) {
  const auto& entries = commit.entries;
  for (size_t i = 0, end = 0; i < entries.size(); i = end) {
    end = i + 1;
    if (!entries[i]) {
      out.rows.emplace_back(DamageKey(commit.place.ledger, commit.place.first_sequence + i), "");
      out.damaged.emplace_back(commit.place.ledger, commit.place.first_sequence + i);
      continue;
    }
    const std::string& stream = entries[i]->record.stream();
    while (end < entries.size() && entries[end] && entries[end]->record.stream() == stream) ++end;
    std::string value = EncodeOffset(first.offset + i);
    PutU32(value, static_cast<uint32_t>(end - i));
    out.rows.emplace_back(StreamKey(commit.place.ledger, stream, commit.place.first_sequence + i), std::move(value));
  }
}

void DeriveCommit(const CommitRead& commit, Position first, DerivedRows& out) {
  const CommitPlace& place = commit.place;
  std::string where;
  PutU32(where, static_cast<uint32_t>(first.shard));
  AppendOrdered(where, first.offset);
  PutU32(where, place.entries);
  out.rows.emplace_back(CommitKey(place.ledger, place.first_sequence), std::move(where));
  DeriveStreams(commit, first, out);
  DeriveRequests(commit, out.rows);
  out.rows.emplace_back(LedgerKey(place.ledger), EncodeOffset(place.first_sequence + place.entries));
}

}  // namespace

absl::StatusOr<RecordRead> TakeApart(const EngineRecord& record) {
  PARLEY_ASSIGN_OR_RETURN(const std::vector<CommitView> group, SplitGroup(record.bytes));
  RecordRead out{.position = record.position};
  Position position = record.position;
  for (const CommitView& view : group) {
    PARLEY_ASSIGN_OR_RETURN(CommitRead commit, Decode(view, position));
    out.commits.push_back(std::move(commit));
    position.offset += view.size();
  }
  if (position.offset != record.position.offset + record.entries) {
    return Reject(v1::REASON_LEDGER_QUARANTINED, "record has not as many entries as it says");
  }
  return out;
}

DerivedRows DeriveRows(const RecordRead& record) {
  DerivedRows out;
  Position position = record.position;
  std::string directory;
  for (const CommitRead& commit : record.commits) {
    DeriveCommit(commit, position, out);
    PutText(directory, commit.place.ledger.str());
    AppendOrdered(directory, commit.place.first_sequence);
    PutU32(directory, commit.place.entries);
    position.offset += commit.entries.size();
  }
  out.rows.emplace_back(DirectoryKey(record.position), std::move(directory));
  return out;
}

ShardId ShardOfLedger(const LedgerId& ledger, uint32_t shards) {
  if (shards == 1) return ShardId{0};
  return static_cast<ShardId>(ParseOrdered(std::string_view(Sha256(ledger.str())).substr(0, 8)) % shards);
}

std::string CommitKey(const LedgerId& ledger, uint64_t first_sequence) {
  std::string key = LedgerPrefix(Kind::kCommit, ledger);
  AppendOrdered(key, first_sequence);
  return key;
}

std::optional<CommitRow> ParseCommitRow(const Row& row) {
  CommitRow out;
  if (row.first.size() < 8) return std::nullopt;
  out.first_sequence = ParseOrdered(std::string_view(row.first).substr(row.first.size() - 8));
  Cursor value{row.second};
  out.first_position.shard = static_cast<ShardId>(value.U32());
  out.first_position.offset = value.U64();
  out.entries = value.U32();
  return value.Done() ? std::optional(out) : std::nullopt;
}

std::string StreamKey(const LedgerId& ledger, std::string_view stream, uint64_t sequence) {
  std::string key = LedgerPrefix(Kind::kStream, ledger);
  PutText(key, stream);
  AppendOrdered(key, sequence);
  return key;
}

std::optional<StreamRow> ParseStreamRow(const Row& row) {
  if (row.first.size() < 8) return std::nullopt;
  Cursor value{row.second};
  StreamRow out{.sequence = ParseOrdered(std::string_view(row.first).substr(row.first.size() - 8))};
  out.offset = value.U64();
  out.entries = value.U32();
  return value.Done() && out.entries > 0 ? std::optional(out) : std::nullopt;
}

std::string RequestKey(const LedgerId& ledger, std::string_view actor, std::string_view request_id) {
  std::string key = LedgerPrefix(Kind::kRequest, ledger);
  PutText(key, actor);
  return key.append(request_id);
}

std::optional<RequestRecord> ParseRequestRow(std::string_view value) {
  Cursor cursor{value};
  RequestRecord out;
  out.first_sequence = cursor.U64();
  out.entries = cursor.U32();
  out.fingerprint = cursor.rest;
  return cursor.ok ? std::optional(std::move(out)) : std::nullopt;
}

std::string LedgerKey(const LedgerId& ledger) { return Key(Kind::kLedger) + ledger.str(); }

KeyRange LedgersAfter(const LedgerId& after) {
  // The first key after `after`'s own; with none, the first of all.
  std::string from = LedgerKey(after);
  if (!after.empty()) from += '\0';
  return {std::move(from), PrefixEnd(Key(Kind::kLedger))};
}

std::optional<uint64_t> ParseLedgerRow(std::string_view value) { return ParseCheckpoint(value); }

LedgerId LedgerOfRow(const Row& row) { return LedgerId(std::string_view(row.first).substr(2)); }

std::string DamageKey(const LedgerId& ledger, uint64_t sequence) {
  std::string key = LedgerPrefix(Kind::kDamage, ledger);
  AppendOrdered(key, sequence);
  return key;
}

KeyRange DamageAfter(const LedgerId& ledger) {
  std::string from = ledger.empty() ? Key(Kind::kDamage) : PrefixEnd(LedgerPrefix(Kind::kDamage, ledger));
  return {std::move(from), PrefixEnd(Key(Kind::kDamage))};
}

std::optional<DamageRow> ParseDamageRow(const Row& row) {
  Cursor key{std::string_view(row.first).substr(2)};
  DamageRow out;
  out.ledger = LedgerId(key.Text());
  out.sequence = key.U64();
  return key.Done() ? std::optional(std::move(out)) : std::nullopt;
}

std::string DirectoryKey(Position first) {
  std::string key = Key(Kind::kDirectory);
  PutU32(key, static_cast<uint32_t>(first.shard));
  AppendOrdered(key, first.offset);
  return key;
}

std::optional<DirectoryRow> ParseDirectoryRow(const Row& row) {
  DirectoryRow out;
  Cursor key{std::string_view(row.first).substr(2)};
  out.first.shard = static_cast<ShardId>(key.U32());
  out.first.offset = key.U64();
  Cursor value{row.second};
  while (value.ok && !value.rest.empty()) {
    CommitPlace& place = out.commits.emplace_back();
    place.ledger = LedgerId(value.Text());
    place.first_sequence = value.U64();
    place.entries = value.U32();
  }
  return key.Done() && value.ok ? std::optional(std::move(out)) : std::nullopt;
}

std::string CheckpointKey(ShardId shard) {
  std::string key = Key(Kind::kCheckpoint);
  PutU32(key, static_cast<uint32_t>(shard));
  return key;
}

std::string EncodeCheckpoint(uint64_t next_offset) { return EncodeOffset(next_offset); }

std::optional<uint64_t> ParseCheckpoint(std::string_view value) {
  if (value.size() != 8) return std::nullopt;
  return ParseOrdered(value);
}

std::string MetaKey() { return Key(Kind::kMeta); }

std::string EncodeMeta(uint32_t shards, std::string_view incarnation) {
  std::string out;
  PutText(out, kIndexFormat);
  PutU32(out, shards);
  PutText(out, incarnation);
  return out;
}

std::optional<uint32_t> ShardsOfMeta(std::string_view meta, std::string_view incarnation) {
  Cursor cursor{meta};
  const bool format = cursor.Text() == kIndexFormat;
  const uint32_t shards = cursor.U32();
  const bool same = format && cursor.Text() == incarnation && cursor.Done();
  return same ? std::optional(shards) : std::nullopt;
}

}  // namespace parley
