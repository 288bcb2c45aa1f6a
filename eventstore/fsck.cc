#include "eventstore/fsck.h"

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/base/resource_name.h"
#include "eventstore/base/status.h"
#include "eventstore/entry.h"
#include "eventstore/group.h"
#include "eventstore/index_rows.h"

namespace parley {
namespace {

// What the domain calls the event that a person was erased by; the person is its stream.
constexpr std::string_view kPersonErased = "person.erased";

class Checker {
 public:
  Checker(const Engine& engine, const KvReader& index, const FsckOptions& options)
      : engine_(engine), index_(index), options_(options) {}

  absl::StatusOr<FsckReport> Run() {
    PARLEY_RETURN_IF_ERROR(LoadIndexReach());
    for (uint32_t shard = 0; shard < options_.shards; ++shard) PARLEY_RETURN_IF_ERROR(CheckShard(ShardId{shard}));
    CheckMissingParts();
    if (indexed_) {
      PARLEY_RETURN_IF_ERROR(CheckHeads());
      PARLEY_RETURN_IF_ERROR(FindExtraRows());
    }
    report_.ledgers = ledgers_.size();
    return std::move(report_);
  }

 private:
  struct Ledger {
    uint64_t next_sequence = 0;
    absl::Time recorded_at = absl::InfinitePast();
    uint64_t indexed_sequence = 0;                          // What the index's row of the ledger should say.
    std::set<std::string> erased;                           // People.
    std::vector<std::pair<Position, std::string>> missing;  // Sealed parts that are not there, and whose they were.
  };

  void Found(FsckProblem problem, Position position, std::string_view ledger, std::string detail) {
    if (report_.problems++ < options_.max_findings) {
      report_.findings.push_back({problem, position, std::string(ledger), std::move(detail)});
    }
  }

  // Which log the index is of, and how far it reaches.
  absl::Status LoadIndexReach() {
    PARLEY_ASSIGN_OR_RETURN(const auto meta, index_.Get(MetaKey()));
    const auto shards = meta ? ShardsOfMeta(*meta, engine_.incarnation()) : std::nullopt;
    if (shards && *shards != options_.shards) {
      return absl::FailedPreconditionError(absl::StrCat("fsck: the log has ", *shards, " shards"));
    }
    indexed_ = shards.has_value();  // Otherwise it is dropped at the next open, whatever it holds.
    if (!indexed_) return absl::OkStatus();
    Expect(MetaKey());
    for (uint32_t shard = 0; shard < options_.shards; ++shard) {
      PARLEY_ASSIGN_OR_RETURN(const auto row, index_.Get(CheckpointKey(ShardId{shard})));
      const auto checkpoint = row ? ParseCheckpoint(*row) : std::nullopt;
      Expect(CheckpointKey(ShardId{shard}));
      if (!checkpoint) Found(FsckProblem::kIndexRowMissing, {ShardId{shard}, 0}, "", "checkpoint");
      reach_[ShardId{shard}] = checkpoint.value_or(0);
    }
    return absl::OkStatus();
  }

  absl::Status CheckShard(ShardId shard) {
    const auto end = engine_.End(shard);
    if (!end.ok() && end.status().code() != absl::StatusCode::kDataLoss) return end.status();
    if (end.ok() && reach_[shard] > *end) {
      Found(FsckProblem::kIndexAhead, {shard, *end}, "", absl::StrCat("the index reaches to ", reach_[shard]));
    }
    uint64_t offset = 0;
    while (true) {
      absl::Status inner;
      const absl::Status status = engine_.Read({shard, offset}, [&](EngineRecord record) {
        if (record.position.offset != offset) {
          Found(FsckProblem::kRecordUnreadable, {shard, offset}, "", "offsets are not dense");
        }
        offset = record.position.offset + record.entries;
        inner = CheckRecord(record);
        return inner.ok();
      });
      PARLEY_RETURN_IF_ERROR(inner);
      if (status.ok()) return absl::OkStatus();
      if (status.code() != absl::StatusCode::kDataLoss) return status;
      PARLEY_ASSIGN_OR_RETURN(const auto after, SkipDamaged({shard, offset}, status));
      if (!after) return absl::OkStatus();
      offset = *after;
    }
  }

  // Reports a record that cannot be read. The offset after it, if the index knows.
  absl::StatusOr<std::optional<uint64_t>> SkipDamaged(Position position, const absl::Status& damage) {
    const std::string key = DirectoryKey(position);
    PARLEY_ASSIGN_OR_RETURN(const auto row, index_.Get(key));
    const auto directory = row && indexed_ ? ParseDirectoryRow({key, *row}) : std::nullopt;
    if (!directory || directory->commits.empty()) {
      Found(FsckProblem::kRecordUnreadable, position, "",
            absl::StrCat("nothing after it could be checked: ", std::string(damage.message())));
      return std::nullopt;
    }
    Expect(key);
    for (const CommitPlace& commit : directory->commits) {
      Found(FsckProblem::kRecordUnreadable, position, commit.ledger.str(), std::string(damage.message()));
      // So that one damaged record is one finding, not one for each row and entry after it.
      Ledger& ledger = ledgers_[commit.ledger];
      ledger.next_sequence = commit.first_sequence + commit.entries;
      ledger.indexed_sequence = ledger.next_sequence;
      position.offset += commit.entries;
      skipped_rows_ = true;
    }
    return position.offset;
  }

  absl::Status CheckRecord(const EngineRecord& record) {
    ++report_.records;
    const auto group = SplitGroup(record.bytes);
    const auto read = TakeApart(record);
    if (!group.ok() || !read.ok()) {
      const absl::Status& status = group.ok() ? read.status() : group.status();
      Found(FsckProblem::kRecordUnreadable, record.position, "", std::string(status.message()));
      skipped_rows_ = true;
      return absl::OkStatus();
    }
    Position position = record.position;
    for (size_t i = 0; i < group->size(); ++i) {
      CheckCommit((*group)[i], read->commits[i].place, position);
      position.offset += (*group)[i].size();
    }
    const uint64_t reach = reach_[record.position.shard];
    if (!indexed_ || record.position.offset >= reach) return absl::OkStatus();
    if (position.offset > reach) {
      Found(FsckProblem::kIndexRowMissing, record.position, "", "the checkpoint lies within a record");
    }
    return CheckRows(*read);
  }

  void CheckCommit(const CommitView& view, const CommitPlace& place, Position position) {
    ++report_.commits;
    const std::string& name = place.ledger.str();
    if (ShardOfLedger(place.ledger, options_.shards) != position.shard) {
      Found(FsckProblem::kWrongShard, position, name, "the ledger's id hashes to another shard");
    }
    Ledger& ledger = ledgers_[place.ledger];
    if (place.first_sequence != ledger.next_sequence) {
      Found(FsckProblem::kSequenceBroken, position, name,
            absl::StrCat("sequence ", place.first_sequence, " where ", ledger.next_sequence, " was due"));
    }
    ledger.next_sequence = place.first_sequence + place.entries;
    std::pair<std::string, std::string> last_request;
    for (std::string_view bytes : view) {
      ++report_.entries;
      v1::StoredEntry stored;
      const bool parsed = stored.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
      const auto entry = parsed ? DecodeEntry(std::move(stored), position) : absl::DataLossError("does not parse");
      if (entry.ok()) {
        CheckEntry(*entry, ledger);
        CheckRequest(*entry, last_request);
      } else {
        Found(FsckProblem::kEntryUnreadable, position, name, std::string(entry.status().message()));
      }
      ++position.offset;
    }
  }

  void CheckEntry(const Entry& entry, Ledger& ledger) {
    const std::string& name = entry.header.ledger();
    if (const auto status = VerifyCommitments(entry); !status.ok()) {
      Found(FsckProblem::kCommitmentMismatch, entry.position, name, std::string(status.message()));
    }
    if (entry.record.event_type() == kPersonErased) ledger.erased.insert(entry.record.stream());
    for (int i = 1; i < entry.stored.parts_size(); ++i) {
      if (!entry.stored.parts(i).sealed().empty()) continue;
      ledger.missing.emplace_back(entry.position, entry.record.personal_parts(i - 1).person());
    }
    const absl::Time recorded_at = FromProto(entry.header.recorded_at());
    if (recorded_at == absl::InfinitePast() || recorded_at < ledger.recorded_at) {
      Found(FsckProblem::kRecordedAtWentBack, entry.position, name, "recorded_at is before the entry before");
    }
    ledger.recorded_at = std::max(ledger.recorded_at, recorded_at);
    const absl::Time effective_at = FromProto(entry.record.effective_at());
    auto [last, first] = effective_at_.try_emplace(entry.record.stream(), effective_at);
    if (effective_at == absl::InfinitePast() || effective_at < last->second) {
      Found(FsckProblem::kEffectiveAtWentBack, entry.position, name, entry.record.stream());
    }
    last->second = std::max(last->second, effective_at);
    const auto stream = ResourceName::Parse(entry.record.stream());
    if (!stream || stream->ledger.str() != name || stream->owner != entry.header.owner()) {
      Found(FsckProblem::kStreamMismatch, entry.position, name, entry.record.stream());
    }
  }

  // A request's entries stand next to each other in one commit; anywhere else the same id is another request.
  void CheckRequest(const Entry& entry, std::pair<std::string, std::string>& last) {
    std::pair request(entry.record.actor(), entry.record.request_id());
    if (request.second.empty() || request == last) {
      last = std::move(request);
      return;
    }
    const std::string key = RequestKey(LedgerId(entry.header.ledger()), request.first, request.second);
    if (!requests_.insert(absl::HashOf(key)).second) {
      Found(FsckProblem::kRequestRepeated, entry.position, entry.header.ledger(),
            absl::StrCat("request ", request.second, " of ", request.first));
    }
    last = std::move(request);
  }

  absl::Status CheckRows(const RecordRead& record) {
    for (const CommitRead& commit : record.commits) {
      ledgers_[commit.place.ledger].indexed_sequence = commit.place.first_sequence + commit.place.entries;
    }
    for (const Row& row : DeriveRows(record).rows) {
      Expect(row.first);
      // A ledger's row changes with each commit: it is compared once, at the end.
      if (row.first.starts_with(LedgerKey(LedgerId()))) continue;
      PARLEY_ASSIGN_OR_RETURN(const auto stored, index_.Get(row.first));
      if (stored != row.second) {
        Found(FsckProblem::kIndexRowMissing, record.position, "",
              absl::StrCat(stored ? "differs: " : "missing: ", absl::CHexEscape(row.first)));
      }
    }
    return absl::OkStatus();
  }

  // What is gone must have been erased; the record of that comes later in the ledger, or in the same commit.
  void CheckMissingParts() {
    for (const auto& [ledger, state] : ledgers_) {
      for (const auto& [position, person] : state.missing) {
        if (!state.erased.contains(person)) Found(FsckProblem::kPartMissing, position, ledger.str(), person);
      }
    }
  }

  absl::Status CheckHeads() {
    for (const auto& [ledger, state] : ledgers_) {
      if (state.indexed_sequence == 0) continue;
      Expect(LedgerKey(ledger));
      PARLEY_ASSIGN_OR_RETURN(const auto row, index_.Get(LedgerKey(ledger)));
      if (!row || ParseLedgerRow(*row) != state.indexed_sequence) {
        Found(FsckProblem::kIndexRowMissing, {}, ledger.str(), "the ledger's next sequence");
      }
    }
    return absl::OkStatus();
  }

  absl::Status FindExtraRows() {
    return index_.Scan(kIndexBegin, kIndexEnd, [&](std::string_view key, std::string_view) {
      ++report_.index_rows;
      // Rows of a record that cannot be read any more are the only trace of it, not extra.
      if (!skipped_rows_ && !expected_.contains(absl::HashOf(key))) {
        Found(FsckProblem::kIndexRowExtra, {}, "", absl::CHexEscape(std::string(key)));
      }
      return true;
    });
  }

  void Expect(std::string_view key) { expected_.insert(absl::HashOf(key)); }

  const Engine& engine_;
  const KvReader& index_;
  const FsckOptions options_;
  FsckReport report_;
  bool indexed_ = false;
  bool skipped_rows_ = false;  // Rows of a damaged record could not be derived.
  std::map<ShardId, uint64_t> reach_;
  std::map<LedgerId, Ledger> ledgers_;
  absl::flat_hash_map<std::string, absl::Time> effective_at_;  // By stream.
  // Hashes of keys: enough to count on, and small.
  absl::flat_hash_set<size_t> requests_;
  absl::flat_hash_set<size_t> expected_;
};

}  // namespace

std::string_view FsckProblemName(FsckProblem problem) {
  switch (problem) {
    case FsckProblem::kRecordUnreadable:
      return "record unreadable";
    case FsckProblem::kEntryUnreadable:
      return "entry unreadable";
    case FsckProblem::kCommitmentMismatch:
      return "commitment mismatch";
    case FsckProblem::kPartMissing:
      return "sealed part missing";
    case FsckProblem::kSequenceBroken:
      return "sequence broken";
    case FsckProblem::kWrongShard:
      return "wrong shard";
    case FsckProblem::kRecordedAtWentBack:
      return "recorded_at went back";
    case FsckProblem::kEffectiveAtWentBack:
      return "effective_at went back";
    case FsckProblem::kStreamMismatch:
      return "stream mismatch";
    case FsckProblem::kRequestRepeated:
      return "request repeated";
    case FsckProblem::kIndexRowMissing:
      return "index row missing or different";
    case FsckProblem::kIndexRowExtra:
      return "index row extra";
    case FsckProblem::kIndexAhead:
      return "index ahead of the log";
  }
  return "unknown";
}

absl::StatusOr<FsckReport> Fsck(const Engine& engine, const KvReader& index, const FsckOptions& options) {
  return Checker(engine, index, options).Run();
}

}  // namespace parley
