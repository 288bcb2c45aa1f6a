#include "eventstore/log_reader.h"

#include <algorithm>
#include <string_view>

#include "eventstore/base/status.h"
#include "eventstore/group.h"

namespace parley {
namespace {

constexpr size_t kRowsAtATime = 256;

absl::Status Quarantined(std::string_view what, Position position) {
  return Reject(v1::REASON_LEDGER_QUARANTINED, what)
      .With("shard", std::to_string(static_cast<uint32_t>(position.shard)))
      .With("offset", std::to_string(position.offset));
}

// Parses one entry out of a record.
absl::StatusOr<Entry> ParseEntry(std::string_view bytes, Position position) {
  v1::StoredEntry stored;
  if (!stored.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Quarantined("entry does not parse", position);
  }
  return DecodeEntry(std::move(stored), position);
}

// Collects entries up to a limit, in which those that are passed over count, too.
class Collector {
 public:
  explicit Collector(ReadLimit limit) : limit_(limit) {}
  void Add(Entry entry, size_t bytes) {
    entries_.push_back(std::move(entry));
    Pass(bytes);
  }
  void Pass(size_t bytes) {
    ++seen_;
    bytes_ += bytes;
  }
  bool empty() const { return seen_ == 0; }
  bool Full() const { return seen_ > 0 && (seen_ >= limit_.entries || bytes_ >= limit_.bytes); }
  // Entries first: an error is told when there is nothing before it.
  absl::StatusOr<std::vector<Entry>> Finish(absl::Status status = absl::OkStatus()) {
    if (empty() && !status.ok()) return status;
    return std::move(entries_);
  }

 private:
  const ReadLimit limit_;
  std::vector<Entry> entries_;
  size_t seen_ = 0;
  size_t bytes_ = 0;
};

// Fetches single entries, keeping the record they came from: neighbours cost no second look.
class RecordCursor {
 public:
  explicit RecordCursor(const Engine& engine) : engine_(engine) {}

  // The bytes of the entry at `position`, valid until the next call.
  absl::StatusOr<std::string_view> At(Position position) {
    if (!Holds(position)) PARLEY_RETURN_IF_ERROR(Load(position));
    return entries_[position.offset - record_.position.offset];
  }

 private:
  bool Holds(Position position) const {
    return record_.position.shard == position.shard && record_.position.offset <= position.offset &&
           position.offset - record_.position.offset < entries_.size();
  }

  absl::Status Load(Position position) {
    entries_.clear();
    PARLEY_RETURN_IF_ERROR(engine_.Read(position, [&](EngineRecord record) {
      record_ = std::move(record);
      return false;
    }));
    PARLEY_ASSIGN_OR_RETURN(const std::vector<CommitView> group, SplitGroup(record_.bytes));
    for (const CommitView& commit : group) entries_.insert(entries_.end(), commit.begin(), commit.end());
    if (!Holds(position)) return Quarantined("the index knows of an entry that the log lacks", position);
    return absl::OkStatus();
  }

  const Engine& engine_;
  EngineRecord record_;
  std::vector<std::string_view> entries_;  // Into record_.bytes.
};

// Reads the entry that must stand at `position` and be number `sequence` of `ledger`.
absl::Status Collect(RecordCursor& cursor, const LedgerId& ledger, uint64_t sequence, Position position,
                     Collector& out) {
  PARLEY_ASSIGN_OR_RETURN(const std::string_view bytes, cursor.At(position));
  PARLEY_ASSIGN_OR_RETURN(Entry entry, ParseEntry(bytes, position));
  if (entry.header.ledger() != ledger.str() || entry.sequence() != sequence) {
    return Quarantined("the index points to another entry", position);
  }
  out.Add(std::move(entry), bytes.size());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::optional<CommitRow>> LogReader::CommitOf(const LedgerId& ledger, uint64_t sequence) const {
  const KeyRange range{CommitKey(ledger, 0), CommitKey(ledger, sequence) + '\0'};
  PARLEY_ASSIGN_OR_RETURN(const auto row, index_.Last(range));
  const auto commit = row ? ParseCommitRow(*row) : std::nullopt;
  if (!commit || sequence - commit->first_sequence >= commit->entries) return std::nullopt;
  return commit;
}

absl::StatusOr<std::vector<Entry>> LogReader::Read(const LedgerId& ledger, uint64_t from_sequence,
                                                   ReadLimit limit) const {
  PARLEY_ASSIGN_OR_RETURN(const auto first, CommitOf(ledger, from_sequence));
  if (!first) return std::vector<Entry>();
  Collector out(limit);
  RecordCursor cursor(engine_);
  KeyRange range{CommitKey(ledger, first->first_sequence), CommitKey(ledger, UINT64_MAX)};
  for (uint64_t sequence = from_sequence; !out.Full();) {
    const auto rows = index_.Scan(range, kRowsAtATime);
    if (!rows.ok()) return out.Finish(rows.status());
    for (const Row& row : *rows) {
      const auto commit = ParseCommitRow(row);
      if (!commit || sequence < commit->first_sequence || sequence >= commit->first_sequence + commit->entries) {
        return out.Finish(Quarantined("log index: damaged", first->first_position));
      }
      for (; sequence < commit->first_sequence + commit->entries && !out.Full(); ++sequence) {
        const Position position{commit->first_position.shard,
                                commit->first_position.offset + (sequence - commit->first_sequence)};
        if (auto status = Collect(cursor, ledger, sequence, position, out); !status.ok()) return out.Finish(status);
      }
      if (out.Full()) break;
    }
    if (rows->size() < kRowsAtATime) break;
    range.from = rows->back().first + '\0';
  }
  return out.Finish();
}

absl::StatusOr<std::vector<Entry>> LogReader::ReadStream(const LedgerId& ledger, const std::string& stream,
                                                         uint64_t from_sequence, ReadLimit limit) const {
  // An entry that cannot be read may be any stream's: what follows it is not known to be whole.
  const uint64_t readable = index_.FirstDamaged(ledger).value_or(UINT64_MAX);
  const ShardId shard = ShardOfLedger(ledger, shards_);
  Collector out(limit);
  RecordCursor cursor(engine_);
  KeyRange range{StreamKey(ledger, stream, from_sequence), StreamKey(ledger, stream, UINT64_MAX)};
  if (from_sequence > 0) {  // It may lie within a run that begins before.
    PARLEY_ASSIGN_OR_RETURN(const auto before, index_.Last({StreamKey(ledger, stream, 0), range.from}));
    if (before) range.from = before->first;
  }
  while (!out.Full()) {
    const auto rows = index_.Scan(range, std::min(kRowsAtATime, limit.entries + 1));
    if (!rows.ok()) return out.Finish(rows.status());
    if (rows->empty()) break;
    for (const Row& row : *rows) {
      const auto found = ParseStreamRow(row);
      if (!found) return out.Finish(Quarantined("log index: damaged", {shard, 0}));
      for (uint32_t i = 0; i < found->entries && !out.Full(); ++i) {
        const uint64_t sequence = found->sequence + i;
        if (sequence < from_sequence) continue;
        if (sequence > readable) return out.Finish(Quarantined("an earlier entry cannot be read", {shard, 0}));
        if (auto status = Collect(cursor, ledger, sequence, {shard, found->offset + i}, out); !status.ok()) {
          return out.Finish(status);
        }
      }
      if (out.Full()) break;
    }
    range.from = rows->back().first + '\0';
  }
  if (readable == UINT64_MAX) return out.Finish();
  return out.Finish(Quarantined("an entry of the ledger cannot be read", {shard, 0}));
}

absl::StatusOr<std::vector<Entry>> LogReader::Damaged(Position from, size_t limit, const absl::Status& damage) const {
  PARLEY_ASSIGN_OR_RETURN(const auto row, index_.Last({DirectoryKey({from.shard, 0}), DirectoryKey(from) + '\0'}));
  const auto directory = row ? ParseDirectoryRow(*row) : std::nullopt;
  std::vector<Entry> out;
  if (!directory) return damage;
  Position position = directory->first;
  for (const CommitPlace& commit : directory->commits) {
    for (uint32_t i = 0; i < commit.entries && out.size() < limit; ++i, ++position.offset) {
      if (position < from) continue;
      Entry& entry = out.emplace_back();
      entry.position = position;
      entry.header.set_ledger(commit.ledger.str());
      entry.header.set_sequence(commit.first_sequence + i);
      entry.damage = damage;
    }
  }
  if (out.empty()) return damage;
  return out;
}

absl::StatusOr<std::vector<Entry>> LogReader::ReadShard(Position from, ReadLimit limit) const {
  return ReadWanted(from, limit, nullptr);
}

absl::StatusOr<std::vector<Entry>> LogReader::ReadWanted(Position& next, ReadLimit limit,
                                                         const EventLog::Wanted& wanted) const {
  const uint64_t end = index_.NextOffset(next.shard);
  Collector out(limit);
  if (next.offset >= end) return out.Finish();
  // A commit is of one ledger: where that can be told at a glance, the entries of others need not be taken apart.
  const auto passes_over = [&](const CommitView& commit) {
    const auto ledger = wanted ? PeekLedger(commit.front()) : std::nullopt;
    return ledger && !wanted(*ledger);
  };
  const auto add = [&](Entry entry, size_t bytes) {
    wanted && !wanted(entry.header.ledger()) ? out.Pass(bytes) : out.Add(std::move(entry), bytes);
  };
  absl::Status inner;
  const absl::Status status = engine_.Read(next, [&](EngineRecord record) {
    if (record.position.offset >= end) return false;
    const auto group = SplitGroup(record.bytes);
    if (!group.ok()) {
      inner = group.status();
      return false;
    }
    Position position = record.position;
    for (const CommitView& commit : *group) {
      const bool passed_over = passes_over(commit);
      for (std::string_view bytes : commit) {
        if (position.offset >= next.offset && !out.Full()) {
          if (passed_over) {
            out.Pass(bytes.size());
          } else {
            auto entry = ParseEntry(bytes, position);
            if (!entry.ok()) {
              auto damaged = Damaged(position, 1, entry.status());
              if (!damaged.ok()) {
                inner = damaged.status();
                return false;
              }
              entry = std::move((*damaged)[0]);
            }
            add(*std::move(entry), bytes.size());
          }
          next.offset = position.offset + 1;
        }
        ++position.offset;
      }
    }
    return !out.Full();
  });
  const absl::Status& failed = status.ok() ? inner : status;
  if (out.empty() && failed.code() == absl::StatusCode::kDataLoss) {
    PARLEY_ASSIGN_OR_RETURN(auto damaged, Damaged(next, std::max<size_t>(limit.entries, 1), failed));
    next.offset += damaged.size();
    if (wanted) std::erase_if(damaged, [&](const Entry& entry) { return !wanted(entry.header.ledger()); });
    return damaged;
  }
  return out.Finish(failed);
}

absl::StatusOr<std::vector<std::shared_ptr<const Entry>>> LogReader::Follow(Position& next, ReadLimit limit,
                                                                            const EventLog::Wanted& wanted) const {
  std::vector<std::shared_ptr<const Entry>> out = index_.Newest(next, limit);
  if (!out.empty()) {
    next.offset += out.size();
    if (wanted) std::erase_if(out, [&](const auto& entry) { return !wanted(entry->header.ledger()); });
    return out;
  }
  PARLEY_ASSIGN_OR_RETURN(std::vector<Entry> entries, ReadWanted(next, limit, wanted));
  out.reserve(entries.size());
  for (Entry& entry : entries) out.push_back(std::make_shared<const Entry>(std::move(entry)));
  return out;
}

absl::StatusOr<std::optional<Position>> LogReader::PositionOf(const LedgerId& ledger, uint64_t sequence) const {
  PARLEY_ASSIGN_OR_RETURN(const auto commit, CommitOf(ledger, sequence));
  if (!commit) return std::nullopt;
  const uint64_t into = sequence - commit->first_sequence;
  return Position{commit->first_position.shard, commit->first_position.offset + into};
}

absl::StatusOr<std::optional<RequestRecord>> LogReader::FindRequest(const LedgerId& ledger, const std::string& actor,
                                                                    const std::string& request_id) const {
  PARLEY_ASSIGN_OR_RETURN(const auto row, index_.Get(RequestKey(ledger, actor, request_id)));
  if (!row) return std::nullopt;
  return ParseRequestRow(*row);
}

absl::StatusOr<std::vector<LedgerId>> LogReader::Ledgers(const LedgerId& after, size_t limit) const {
  PARLEY_ASSIGN_OR_RETURN(const auto rows, index_.Scan(LedgersAfter(after), limit));
  std::vector<LedgerId> ledgers;
  for (const Row& row : rows) ledgers.push_back(LedgerOfRow(row));
  return ledgers;
}

}  // namespace parley
