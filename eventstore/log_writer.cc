#include "eventstore/log_writer.h"

#include <algorithm>
#include <chrono>
#include <iterator>

#include "absl/time/time.h"
#include "eventstore/base/clock.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "eventstore/entry.h"
#include "eventstore/group.h"

namespace parley {
namespace {

constexpr size_t kMaxGroupBytes = 4 << 20;
constexpr size_t kCatchUpBytes = 8 << 20;
constexpr size_t kMaxRefusals = 1 << 16;
constexpr absl::Duration kFirstRetry = absl::Milliseconds(5);
constexpr absl::Duration kLastRetry = absl::Seconds(1);

absl::Status Conflict() { return Reject(v1::REASON_CONFLICT, "the ledger has moved on"); }

absl::Status Unavailable(std::string_view why) {
  return Reject(v1::REASON_LOG_UNAVAILABLE, std::string("the log takes no writes just now: ") + std::string(why));
}

absl::Status Unknown() {
  return Reject(v1::REASON_OUTCOME_UNKNOWN, "the write failed half-way; repeat the request with the same request id");
}

}  // namespace

LogWriter::LogWriter(Engine& engine, LogIndex& index, ReadyHub& hub, uint32_t shards, absl::Duration poll_interval)
    : engine_(engine), index_(index), hub_(hub), shards_(shards), poll_interval_(poll_interval) {}

LogWriter::~LogWriter() {
  {
    std::lock_guard lock(mu_);
    stop_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void LogWriter::Start() {
  thread_ = std::thread([this] { Run(); });
}

LogWriter::Pending LogWriter::Prepare(Commit commit, EventLog::Done done) {
  Pending pending;
  pending.ledger = commit.ledger;
  pending.done = std::move(done);
  pending.count = static_cast<uint32_t>(commit.entries.size());
  pending.generation = commit.generation;
  pending.refuse = TakeEntries(std::move(commit), pending);
  return pending;
}

absl::Status LogWriter::TakeEntries(Commit commit, Pending& pending) {
  if (commit.entries.empty()) return absl::InternalError("a commit without entries");
  const auto too_large = [&] {
    return Reject(v1::REASON_COMMIT_TOO_LARGE, "more than 1,000 entries or 1 MiB in one commit")
        .With("entries", std::to_string(pending.count))
        .With("bytes", std::to_string(pending.bytes.size()));
  };
  if (commit.entries.size() > kMaxCommitEntries) return too_large();
  for (v1::StoredEntry& stored : commit.entries) {
    AppendToCommit(stored, pending.bytes);
    if (pending.bytes.size() > kMaxCommitBytes) return too_large();
    // The pair of the check after reading.
    PARLEY_ASSIGN_OR_RETURN(Entry entry, DecodeEntry(std::move(stored), Position()));
    PARLEY_RETURN_IF_ERROR(VerifyCommitments(entry));
    if (pending.entries.empty()) pending.first_sequence = entry.sequence();
    if (entry.sequence() != pending.first_sequence + pending.entries.size() ||
        entry.header.ledger() != commit.ledger.str()) {
      return absl::InternalError("a commit's entries are not in sequence in its ledger");
    }
    pending.entries.push_back(std::make_shared<Entry>(std::move(entry)));
  }
  return absl::OkStatus();
}

void LogWriter::Append(Commit commit, EventLog::Done done) {
  Pending pending = Prepare(std::move(commit), std::move(done));
  {
    std::lock_guard lock(mu_);
    pending_.push_back(std::move(pending));
  }
  changed_.notify_all();
}

void LogWriter::Run() {
  const auto ready = [this] { return stop_ || !pending_.empty(); };
  while (true) {
    Queue batch;
    {
      std::unique_lock lock(mu_);
      if (poll_interval_ > absl::ZeroDuration()) {
        changed_.wait_for(lock, absl::ToChronoNanoseconds(poll_interval_), ready);
      } else {
        changed_.wait(lock, ready);
      }
      if (stop_ && pending_.empty()) break;
      batch.swap(pending_);
    }
    if (poll_interval_ > absl::ZeroDuration() && Monotonic() - last_poll_ >= poll_interval_) {
      CatchUp().IgnoreError();  // Tried again at the next interval, and wherever an append finds its offset taken.
      last_poll_ = Monotonic();
    }
    WriteAll(std::move(batch));
    index_.WriteSome().IgnoreError();  // Nothing is lost: the rows stay in memory, and Overflowing() sees to the rest.
  }
  index_.WriteAll().IgnoreError();  // What is missing is derived again at the next open.
}

void LogWriter::WriteAll(Queue batch) {
  std::map<ShardId, Queue> shards;
  for (Pending& pending : batch) shards[ShardOfLedger(pending.ledger, shards_)].push_back(std::move(pending));
  bool settled = true;
  for (auto& [shard, queue] : shards) settled = settled && WriteShard(shard, queue);
  if (settled) return;
  for (auto& [shard, queue] : shards) RefuseAll(queue, Unavailable("it is recovering from a failed write"));
  Recover();
}

bool LogWriter::WriteShard(ShardId shard, Queue& queue) {
  while (!queue.empty()) {
    if (index_.Overflowing() && !index_.WriteSome().ok()) {
      RefuseAll(queue, Unavailable("its index cannot be written"));
      break;
    }
    Group group = TakeGroup(shard, queue);
    if (group.members.empty()) continue;
    switch (engine_.Append(group.record)) {
      case AppendOutcome::kWon: {
        // Only Apply makes it visible. It cannot fail for what was checked a moment ago, short of an unreadable index:
        // then the record is durable, and what is not known here is found by catching up.
        Position position = group.record.position;
        if (const absl::Status applied = index_.Apply(group.read); !applied.ok()) {
          for (Pending& member : group.members) Refuse(std::move(member), Unknown());
          unsettled_ = std::move(group.record);
          return false;
        }
        hub_.Publish(shard, index_.NextOffset(shard));
        for (Pending& member : group.members) {
          member.done(Appended{member.first_sequence, position});
          position.offset += member.count;
        }
        break;
      }
      case AppendOutcome::kTaken: {
        // The group goes back to where it came from; what others wrote decides which of it still fits.
        queue.insert(queue.begin(), std::make_move_iterator(group.members.begin()),
                     std::make_move_iterator(group.members.end()));
        if (!CatchUp(shard).ok()) RefuseAll(queue, Unavailable("it cannot read what others have written"));
        break;
      }
      case AppendOutcome::kUnknown:
        for (Pending& member : group.members) Refuse(std::move(member), Unknown());
        unsettled_ = std::move(group.record);
        return false;
    }
  }
  return true;
}

LogWriter::Group LogWriter::TakeGroup(ShardId shard, Queue& queue) {
  Group group;
  std::map<LedgerId, uint64_t> next;
  size_t bytes = 0;
  while (!queue.empty()) {
    Pending& first = queue.front();
    if (!group.members.empty() && bytes + first.bytes.size() > kMaxGroupBytes) break;
    if (const absl::Status status = Check(first, next); !status.ok()) {
      // Answers of one ledger come in order: first what the group holds of it.
      if (next.contains(first.ledger)) break;
      Pending refused = std::move(first);
      queue.pop_front();
      Refuse(std::move(refused), status);
      continue;
    }
    next[first.ledger] = first.first_sequence + first.count;
    bytes += first.bytes.size();
    group.record.entries += first.count;
    group.members.push_back(std::move(first));
    queue.pop_front();
  }
  std::vector<std::string_view> commits;
  for (const Pending& member : group.members) commits.push_back(member.bytes);
  group.record.bytes = EncodeGroup(commits);
  group.record.position = group.read.position = {shard, index_.NextOffset(shard)};
  Position position = group.record.position;
  for (const Pending& member : group.members) {
    CommitRead& commit = group.read.commits.emplace_back();
    commit.place = {member.ledger, member.first_sequence, member.count};
    for (const std::shared_ptr<Entry>& entry : member.entries) {
      entry->position = position;
      ++position.offset;
    }
    commit.entries.assign(member.entries.begin(), member.entries.end());
  }
  return group;
}

absl::Status LogWriter::Check(const Pending& pending, const std::map<LedgerId, uint64_t>& next) const {
  PARLEY_RETURN_IF_ERROR(pending.refuse);
  const auto refusal = refusals_.find(pending.ledger);
  if (pending.generation < (refusal == refusals_.end() ? oldest_refusal_ : refusal->second)) return Conflict();
  const auto pending_next = next.find(pending.ledger);
  uint64_t expected = 0;
  if (pending_next != next.end()) {
    expected = pending_next->second;
  } else {
    if (index_.FirstDamaged(pending.ledger)) {
      return Reject(v1::REASON_LEDGER_QUARANTINED, "an entry of the ledger cannot be read");
    }
    PARLEY_ASSIGN_OR_RETURN(expected, index_.NextSequence(pending.ledger));
  }
  return pending.first_sequence == expected ? absl::OkStatus() : Conflict();
}

absl::Status LogWriter::CatchUp() {
  for (uint32_t shard = 0; shard < shards_; ++shard) PARLEY_RETURN_IF_ERROR(CatchUp(ShardId{shard}));
  return absl::OkStatus();
}

absl::Status LogWriter::CatchUp(ShardId shard) {
  while (true) {
    const uint64_t next = index_.NextOffset(shard);
    PARLEY_ASSIGN_OR_RETURN(const uint64_t end, engine_.End(shard));
    if (end < next) return absl::DataLossError("the log ends before what its index has seen: entries are lost");
    if (end == next) return absl::OkStatus();
    std::vector<EngineRecord> records;
    size_t bytes = 0;
    PARLEY_RETURN_IF_ERROR(engine_.Read({shard, next}, [&](EngineRecord record) {
      bytes += record.bytes.size();
      records.push_back(std::move(record));
      return bytes < kCatchUpBytes;
    }));
    PARLEY_RETURN_IF_ERROR(engine_.Barrier());
    for (const EngineRecord& record : records) {
      PARLEY_ASSIGN_OR_RETURN(const RecordRead read, TakeApart(record));
      PARLEY_RETURN_IF_ERROR(index_.Apply(read));
      hub_.Publish(shard, index_.NextOffset(shard));
    }
    index_.WriteSome().IgnoreError();
  }
}

bool LogWriter::Settle() {
  if (!engine_.Recover().ok() || engine_.Append(*unsettled_) == AppendOutcome::kUnknown) return false;
  return CatchUp().ok();
}

void LogWriter::Recover() {
  const absl::Status recovering = Unavailable("it is recovering from a failed write");
  for (absl::Duration retry = kFirstRetry; !Settle(); retry = std::min(2 * retry, kLastRetry)) {
    for (const absl::Duration until = Monotonic() + retry; Monotonic() < until;) {
      RefusePending(recovering);
      std::unique_lock lock(mu_);
      changed_.wait_for(lock, absl::ToChronoNanoseconds(until - Monotonic()),
                        [this] { return stop_ || !pending_.empty(); });
      if (stop_) {
        lock.unlock();
        RefusePending(recovering);
        return;
      }
    }
  }
  unsettled_.reset();
  RefusePending(recovering);
}

void LogWriter::Refuse(Pending pending, const absl::Status& status) {
  pending.done(status);
  // Only now: whoever reads the new generation has had this answer.
  const uint64_t generation = ++generation_;
  if (refusals_.size() >= kMaxRefusals) {
    refusals_.clear();
    oldest_refusal_ = generation;
  }
  refusals_[pending.ledger] = generation;
}

void LogWriter::RefuseAll(Queue& queue, const absl::Status& status) {
  while (!queue.empty()) {
    Pending first = std::move(queue.front());
    queue.pop_front();
    Refuse(std::move(first), status);
  }
}

void LogWriter::RefusePending(const absl::Status& status) {
  Queue queue;
  {
    std::lock_guard lock(mu_);
    queue.swap(pending_);
  }
  RefuseAll(queue, status);
}

}  // namespace parley
