#include "eventstore/log_index.h"

#include <algorithm>

#include "eventstore/base/status.h"

namespace parley {
namespace {

constexpr size_t kBatchBytes = 256 << 10;    // Rows in memory before they are handed over; the log waits for it.
constexpr size_t kSyncBytes = 32 << 20;      // Rows handed over before they are made durable.
constexpr size_t kOverflowBytes = 64 << 20;  // Rows in memory before the log takes no more.
constexpr size_t kMaxNextSequences = 1 << 16;
constexpr size_t kTailBytes =
    8 << 20;  // Of a shard's newest entries, as stored; in memory they take some four times as much.

absl::Status Unreadable(const absl::Status& status) {
  return Reject(v1::REASON_LOG_UNAVAILABLE, "log index: " + std::string(status.message()));
}

absl::Status DamagedIndex() {
  return Reject(v1::REASON_LOG_UNAVAILABLE, "log index: damaged; delete it, and it is derived again");
}

absl::Status DoesNotContinue(std::string_view what, Position position) {
  return Reject(v1::REASON_LEDGER_QUARANTINED, std::string("log: ") + std::string(what))
      .With("shard", std::to_string(static_cast<uint32_t>(position.shard)))
      .With("offset", std::to_string(position.offset));
}

}  // namespace

absl::Status LogIndex::Open(std::string_view incarnation) {
  meta_ = EncodeMeta(shards_, incarnation);
  PARLEY_ASSIGN_OR_RETURN(const auto meta, kv_.Get(MetaKey()));
  const auto shards = meta ? ShardsOfMeta(*meta, incarnation) : std::nullopt;
  if (!shards) return kv_.DeleteRange(kIndexBegin, kIndexEnd);
  if (*shards != shards_) return absl::FailedPreconditionError("log: it was made with another number of shards");
  for (uint32_t shard = 0; shard < shards_; ++shard) {
    PARLEY_ASSIGN_OR_RETURN(const auto row, kv_.Get(CheckpointKey(ShardId{shard})));
    const auto checkpoint = row ? ParseCheckpoint(*row) : std::nullopt;
    if (!checkpoint) return DamagedIndex();
    next_offset_[shard] = *checkpoint;
  }
  PARLEY_RETURN_IF_ERROR(LoadDamage());
  return LoadNextSequences();
}

absl::Status LogIndex::LoadDamage() {
  LedgerId after;
  while (true) {
    PARLEY_ASSIGN_OR_RETURN(const auto rows, Scan(DamageAfter(after), 1));
    if (rows.empty()) return absl::OkStatus();
    const auto damage = ParseDamageRow(rows[0]);
    if (!damage) return DamagedIndex();
    after = damage->ledger;
    std::unique_lock lock(mu_);
    first_damaged_[damage->ledger] = damage->sequence;
  }
}

absl::Status LogIndex::LoadNextSequences() {
  PARLEY_ASSIGN_OR_RETURN(const auto rows, Scan(LedgersAfter({}), kMaxNextSequences / 2));
  std::lock_guard lock(ends_mu_);
  for (const Row& row : rows) {
    // Of a row that does not parse, whoever asks for the ledger is told.
    if (const auto next = ParseLedgerRow(row.second)) next_sequences_[LedgerOfRow(row)] = *next;
  }
  return absl::OkStatus();
}

void LogIndex::Append(Tail& tail, const RecordRead& record) {
  for (const CommitRead& commit : record.commits) {
    for (const auto& entry : commit.entries) {
      if (entry == nullptr) {  // What cannot be read is told of by those who read the engine.
        tail = {};
        continue;
      }
      tail.entries.push_back(entry);
      tail.bytes += entry->stored_bytes();
    }
  }
  while (tail.bytes > kTailBytes) {
    tail.bytes -= tail.entries.front()->stored_bytes();
    tail.entries.pop_front();
  }
}

std::vector<std::shared_ptr<const Entry>> LogIndex::Newest(Position from, ReadLimit limit) const {
  std::vector<std::shared_ptr<const Entry>> out;
  std::shared_lock lock(mu_);
  const auto& entries = tails_[static_cast<uint32_t>(from.shard)].entries;
  if (entries.empty() || from.offset < entries.front()->position.offset) return out;
  size_t bytes = 0;
  for (size_t i = from.offset - entries.front()->position.offset; i < entries.size(); ++i) {
    out.push_back(entries[i]);
    bytes += entries[i]->stored_bytes();
    if (out.size() >= limit.entries || bytes >= limit.bytes) break;
  }
  return out;
}

void LogIndex::ForgetNewest() {
  std::unique_lock lock(mu_);
  for (Tail& tail : tails_) tail = {};
}

absl::Status LogIndex::Apply(const RecordRead& record) {
  const auto shard = static_cast<uint32_t>(record.position.shard);
  if (record.position.offset != NextOffset(record.position.shard)) {
    return DoesNotContinue("a record does not continue its shard", record.position);
  }
  absl::flat_hash_map<LedgerId, uint64_t> ends;
  uint64_t end = record.position.offset;
  for (const CommitRead& read : record.commits) {
    const CommitPlace& commit = read.place;
    end += commit.entries;
    if (ShardOfLedger(commit.ledger, shards_) != record.position.shard) {
      return DoesNotContinue("a ledger is in a shard that is not its own; is the number of shards right?",
                             record.position);
    }
    auto next = ends.find(commit.ledger);
    if (next == ends.end()) {
      PARLEY_ASSIGN_OR_RETURN(const uint64_t known, NextSequence(commit.ledger));
      next = ends.emplace(commit.ledger, known).first;
    }
    if (next->second != commit.first_sequence) {
      return DoesNotContinue("a commit does not continue its ledger", record.position);
    }
    next->second += commit.entries;
  }
  DerivedRows derived = DeriveRows(record);
  {
    std::unique_lock lock(mu_);
    for (const auto& [ledger, sequence] : derived.damaged) first_damaged_.try_emplace(ledger, sequence);
    for (Row& row : derived.rows) {
      recent_bytes_ += row.first.size() + row.second.size();
      recent_.insert_or_assign(std::move(row.first), std::move(row.second));
    }
    next_offset_[shard] = end;
    Append(tails_[shard], record);
  }
  std::lock_guard lock(ends_mu_);
  if (next_sequences_.size() + ends.size() > kMaxNextSequences) next_sequences_.clear();
  for (const auto& [ledger, next] : ends) next_sequences_[ledger] = next;
  return absl::OkStatus();
}

absl::Status LogIndex::WriteRecent() {
  KvBatch batch;
  for (const auto& [key, value] : recent_) batch.Put(key, value);
  for (uint32_t shard = 0; shard < shards_; ++shard) {
    batch.Put(CheckpointKey(ShardId{shard}), EncodeCheckpoint(next_offset_[shard]));
  }
  batch.Put(MetaKey(), meta_);
  PARLEY_RETURN_IF_ERROR(kv_.Write(batch));
  unsynced_bytes_ += recent_bytes_;
  absl::btree_map<std::string, std::string> written;  // Ends after the lock: readers do not wait for that.
  std::unique_lock lock(mu_);
  recent_.swap(written);
  recent_bytes_ = 0;
  return absl::OkStatus();
}

absl::Status LogIndex::WriteSome() {
  if (recent_bytes_ < kBatchBytes) return absl::OkStatus();
  PARLEY_RETURN_IF_ERROR(WriteRecent());
  if (unsynced_bytes_ < kSyncBytes) return absl::OkStatus();
  PARLEY_RETURN_IF_ERROR(kv_.StartFlush());
  unsynced_bytes_ = 0;
  return absl::OkStatus();
}

absl::Status LogIndex::WriteAll() {
  PARLEY_RETURN_IF_ERROR(WriteRecent());
  return kv_.Flush();
}

bool LogIndex::Overflowing() const {
  std::shared_lock lock(mu_);
  return recent_bytes_ > kOverflowBytes;
}

uint64_t LogIndex::NextOffset(ShardId shard) const {
  std::shared_lock lock(mu_);
  const auto index = static_cast<uint32_t>(shard);
  return index < next_offset_.size() ? next_offset_[index] : 0;
}

absl::StatusOr<uint64_t> LogIndex::NextSequence(const LedgerId& ledger) const {
  std::lock_guard lock(ends_mu_);
  if (const auto known = next_sequences_.find(ledger); known != next_sequences_.end()) return known->second;
  PARLEY_ASSIGN_OR_RETURN(const auto row, Get(LedgerKey(ledger)));
  if (!row) return 0;  // Not kept: anyone may ask for a ledger that does not exist.
  const auto next = ParseLedgerRow(*row);
  if (!next) return DamagedIndex();
  if (next_sequences_.size() >= kMaxNextSequences) next_sequences_.clear();
  return next_sequences_[ledger] = *next;
}

std::optional<uint64_t> LogIndex::FirstDamaged(const LedgerId& ledger) const {
  std::shared_lock lock(mu_);
  const auto damaged = first_damaged_.find(ledger);
  return damaged == first_damaged_.end() ? std::nullopt : std::optional(damaged->second);
}

absl::StatusOr<std::optional<std::string>> LogIndex::Get(const std::string& key) const {
  {
    std::shared_lock lock(mu_);
    if (const auto row = recent_.find(key); row != recent_.end()) return std::optional(row->second);
  }
  auto value = kv_.Get(key);
  if (!value.ok()) return Unreadable(value.status());
  return value;
}

// In both scans memory is read first: rows only ever move from there to the KvStore, so none can slip through between.
absl::StatusOr<std::vector<Row>> LogIndex::Scan(const KeyRange& range, size_t limit) const {
  std::vector<Row> rows;
  {
    std::shared_lock lock(mu_);
    for (auto row = recent_.lower_bound(range.from); row != recent_.end() && row->first < range.to; ++row) {
      if (rows.size() == limit) break;
      rows.emplace_back(row->first, row->second);
    }
  }
  const auto stored_from = static_cast<std::ptrdiff_t>(rows.size());
  const absl::Status status = kv_.Scan(range.from, range.to, [&](std::string_view key, std::string_view value) {
    rows.emplace_back(key, value);
    return rows.size() - static_cast<size_t>(stored_from) < limit;
  });
  if (!status.ok()) return Unreadable(status);
  // Both parts are sorted; of two rows with one key the first stays, which is the one in memory.
  const auto by_key = [](const Row& a, const Row& b) { return a.first < b.first; };
  std::inplace_merge(rows.begin(), rows.begin() + stored_from, rows.end(), by_key);
  const auto same = [](const Row& a, const Row& b) { return a.first == b.first; };
  rows.erase(std::unique(rows.begin(), rows.end(), same), rows.end());
  if (rows.size() > limit) rows.resize(limit);
  return rows;
}

absl::StatusOr<std::optional<Row>> LogIndex::Last(const KeyRange& range) const {
  std::optional<Row> last;
  {
    std::shared_lock lock(mu_);
    auto after = recent_.lower_bound(range.to);
    if (after != recent_.begin() && std::prev(after)->first >= range.from)
      last.emplace(std::prev(after)->first, std::prev(after)->second);
  }
  const absl::Status status = kv_.ScanReverse(range.from, range.to, [&](std::string_view key, std::string_view value) {
    if (!last || key > last->first) last = Row(key, value);
    return false;
  });
  if (!status.ok()) return Unreadable(status);
  return last;
}

}  // namespace parley
