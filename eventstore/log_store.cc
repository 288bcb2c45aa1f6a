#include "eventstore/log_store.h"

#include <utility>

#include "eventstore/base/status.h"
#include "eventstore/log_eraser.h"
#include "eventstore/log_index.h"
#include "eventstore/log_reader.h"
#include "eventstore/log_writer.h"
#include "eventstore/subscription.h"

namespace parley {
namespace {

class LogStore : public EventLog {
 public:
  explicit LogStore(const LogStoreOptions& options)
      : engine_(*options.engine),
        shards_(options.shards),
        index_(*options.index, options.shards),
        reader_(engine_, index_, options.shards),
        eraser_(engine_, reader_),
        hub_(options.shards),
        writer_(engine_, index_, hub_, options.shards, options.poll_interval) {}

  absl::Status Open() {
    PARLEY_RETURN_IF_ERROR(index_.Open(engine_.incarnation()));
    for (uint32_t shard = 0; shard < shards_; ++shard) hub_.Publish(ShardId{shard}, index_.NextOffset(ShardId{shard}));
    PARLEY_RETURN_IF_ERROR(writer_.CatchUp());
    writer_.Start();
    return absl::OkStatus();
  }

  void Append(Commit commit, Done done) override { writer_.Append(std::move(commit), std::move(done)); }

  absl::Status EraseParts(const LedgerId& ledger, const std::vector<PartRef>& parts) override {
    const absl::Status erased = eraser_.EraseParts(ledger, parts);
    index_.ForgetNewest();  // They may hold what has just been erased.
    return erased;
  }

  absl::StatusOr<std::vector<Entry>> Read(const LedgerId& ledger, uint64_t from_sequence,
                                          ReadLimit limit) const override {
    return reader_.Read(ledger, from_sequence, limit);
  }
  absl::StatusOr<std::vector<Entry>> ReadStream(const LedgerId& ledger, const std::string& stream,
                                                uint64_t from_sequence, ReadLimit limit) const override {
    return reader_.ReadStream(ledger, stream, from_sequence, limit);
  }
  absl::StatusOr<std::vector<Entry>> ReadShard(Position from, ReadLimit limit) const override {
    return reader_.ReadShard(from, limit);
  }
  std::unique_ptr<Subscription> Subscribe(Position from, Wanted wanted) override {
    return NewSubscription(reader_, hub_, from, std::move(wanted));
  }

  absl::StatusOr<uint64_t> NextSequence(const LedgerId& ledger) const override { return index_.NextSequence(ledger); }
  uint64_t NextOffset(ShardId shard) const override { return index_.NextOffset(shard); }
  absl::StatusOr<std::optional<Position>> PositionOf(const LedgerId& ledger, uint64_t sequence) const override {
    return reader_.PositionOf(ledger, sequence);
  }
  absl::StatusOr<std::optional<RequestRecord>> FindRequest(const LedgerId& ledger, const std::string& actor,
                                                           const std::string& request_id) const override {
    return reader_.FindRequest(ledger, actor, request_id);
  }
  absl::StatusOr<std::vector<LedgerId>> Ledgers(const LedgerId& after, size_t limit) const override {
    return reader_.Ledgers(after, limit);
  }

  uint32_t shards() const override { return shards_; }
  ShardId ShardOf(const LedgerId& ledger) const override { return ShardOfLedger(ledger, shards_); }
  std::string incarnation() const override { return engine_.incarnation(); }
  uint64_t generation() const override { return writer_.generation(); }

 private:
  Engine& engine_;
  const uint32_t shards_;
  LogIndex index_;
  LogReader reader_;
  LogEraser eraser_;
  ReadyHub hub_;
  LogWriter writer_;  // Last: its end answers what is pending, and uses the rest.
};

}  // namespace

absl::StatusOr<std::unique_ptr<EventLog>> OpenLogStore(const LogStoreOptions& options) {
  if (options.shards == 0) return absl::InvalidArgumentError("log: it needs at least one shard");
  auto log = std::make_unique<LogStore>(options);
  PARLEY_RETURN_IF_ERROR(log->Open());
  return log;
}

}  // namespace parley
