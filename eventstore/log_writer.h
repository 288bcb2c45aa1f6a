// The one thread of a log that appends.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "eventstore/engine.h"
#include "eventstore/event_log.h"
#include "eventstore/log_index.h"
#include "eventstore/subscription.h"

namespace parley {

class LogWriter {
 public:
  LogWriter(Engine& engine, LogIndex& index, ReadyHub& hub, uint32_t shards, absl::Duration poll_interval);
  // Answers everything that is pending.
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  // Indexes what the engine holds. Before Start only.
  absl::Status CatchUp();
  void Start();

  // EventLog's.
  void Append(Commit commit, EventLog::Done done);
  uint64_t generation() const { return generation_; }

 private:
  // A commit that waits, serialised by its caller's thread.
  struct Pending {
    LedgerId ledger;
    uint64_t first_sequence = 0;
    uint32_t count = 0;  // Of entries.
    uint64_t generation = 0;
    std::string bytes;  // A StoredCommit.
    std::vector<std::shared_ptr<Entry>>
        entries;          // What is read back from it. Without positions until there is a record.
    absl::Status refuse;  // Not OK: to be answered in its turn, not written.
    EventLog::Done done;
  };
  using Queue = std::deque<Pending>;
  // Commits on their way into one record.
  struct Group {
    std::vector<Pending> members;
    EngineRecord record;
    RecordRead read;  // The same, taken apart.
  };

  static Pending Prepare(Commit commit, EventLog::Done done);
  // Serialises the entries, and checks that what will be written can be read back.
  static absl::Status TakeEntries(Commit commit, Pending& pending);

  void Run();
  void WriteAll(Queue batch);
  // False where an append's outcome is unknown: then `unsettled_` is set, and its group has been answered.
  bool WriteShard(ShardId shard, Queue& queue);
  Group TakeGroup(ShardId shard, Queue& queue);
  absl::Status Check(const Pending& pending, const std::map<LedgerId, uint64_t>& next) const;

  absl::Status CatchUp(ShardId shard);
  // Until the engine works again and the unsettled record is settled, or the log is closed.
  void Recover();
  bool Settle();

  void Refuse(Pending pending, const absl::Status& status);
  void RefuseAll(Queue& queue, const absl::Status& status);
  void RefusePending(const absl::Status& status);

  Engine& engine_;
  LogIndex& index_;
  ReadyHub& hub_;
  const uint32_t shards_;
  const absl::Duration poll_interval_;
  std::atomic<uint64_t> generation_ = 0;
  // The writer thread's:
  std::optional<EngineRecord> unsettled_;
  absl::Duration last_poll_;
  // The generation since the last refusal of each ledger; of those not listed it is at most oldest_refusal_.
  absl::flat_hash_map<LedgerId, uint64_t> refusals_;
  uint64_t oldest_refusal_ = 0;

  std::mutex mu_;
  std::condition_variable changed_;
  Queue pending_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace parley
