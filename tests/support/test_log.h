// A log in memory, histories to put into it, and stores to project it to.
#pragma once

#include <google/protobuf/message.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/random.h"
#include "eventstore/event_log.h"
#include "eventstore/kv_store.h"
#include "eventstore/memory_engine.h"
#include "parley/v1/decision.pb.h"
#include "projections/projection.h"
#include "projections/runner.h"
#include "tests/support/world.h"

namespace parley::test {

class TestLog {
 public:
  explicit TestLog(uint32_t shards = 1, std::string_view incarnation = "one");
  ~TestLog();

  EventLog& log() { return *log_; }
  // Appends one entry and waits until it is durable. Its sequence.
  uint64_t Add(std::string_view ledger, const std::string& stream, const google::protobuf::Message& event,
               const std::string& owner = "");
  // A decision of that ledger is proposed; the title is at the test's disposal.
  uint64_t Propose(std::string_view ledger, std::string_view decision, std::string_view title = "t");
  // An entry of a kind that no code knows.
  uint64_t AddUnknown(std::string_view ledger);
  // Everything that is recorded in `world` and not in the log yet.
  void AddWorld(const World& world);
  // A commit as it stands.
  void Append(std::string_view ledger, std::vector<v1::StoredEntry> entries);

  // Random but lively decisions, joint and private, over ledgers "l0", "l1", …: the same for the same seed.
  void AddRandomHistory(int ledgers, int entries, uint64_t seed);

 private:
  uint64_t AddRecord(std::string_view ledger, v1::Record record, const std::string& owner);

  SeededRandom random_{7};
  std::unique_ptr<MemoryEngine> engine_;
  std::unique_ptr<KvStore> index_;
  std::unique_ptr<EventLog> log_;
};

// Waits until every live projection has everything. False after half a minute.
bool WaitUntilCaughtUp(Runner& runner, TestLog& log);
// Waits for a condition that comes true on other threads. False after half a minute.
bool WaitUntil(const std::function<bool()>& condition);

// (projection, ledger) -> digest, for all that is live.
using Digests = std::map<std::pair<std::string, std::string>, std::string>;
Digests DigestsOf(const KvStore& store, TestLog& log, const std::vector<const Projection*>& projections);

// A store that remembers each write, so that a test can go back to what a crash would have left; and that fails when
// told to.
class RecordingKvStore : public KvStore {
 public:
  RecordingKvStore();
  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const override { return store_->Get(key); }
  absl::Status Scan(std::string_view from, std::string_view to,
                    const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    return store_->Scan(from, to, visit);
  }
  absl::Status ScanReverse(std::string_view from, std::string_view to,
                           const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    return store_->ScanReverse(from, to, visit);
  }
  absl::Status Write(const KvBatch& batch) override;
  absl::Status DeleteRange(std::string_view from, std::string_view to) override;
  absl::Status Flush() override { return absl::OkStatus(); }
  std::unique_ptr<KvReader> Snapshot() const override { return store_->Snapshot(); }

  size_t writes() const;
  // A store with the first `writes` writes in it.
  std::unique_ptr<KvStore> AfterCrash(size_t writes) const;
  // The next `count` writes fail; after `first`, which do not.
  void FailWrites(int count, int first = 0);

 private:
  struct Change {
    KvBatch batch;
    std::string from, to;  // Of a range deletion.
    bool range = false;
  };
  std::unique_ptr<KvStore> store_;
  mutable std::mutex mu_;
  std::vector<Change> changes_;
  int failing_ = 0;
  int until_failing_ = 0;
};

}  // namespace parley::test
