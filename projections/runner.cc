#include "projections/runner.h"

#include <algorithm>

#include "eventstore/base/clock.h"
#include "eventstore/base/status.h"

namespace parley {

namespace {

// Rows that stay in memory from batch to batch, of all partitions together, and as much again that is not written; twice that while
// something is rebuilt.
constexpr size_t kKeepBytes = 128 << 20;

// The read store, brought up to date before it is read.
class FreshStore final : public ReadSource {
 public:
  FreshStore(const Catalog& catalog, std::function<void(const LedgerId&)> freshen)
      : catalog_(catalog), freshen_(std::move(freshen)) {}

  ReadMoment Snapshot(const LedgerId& ledger) const override {
    freshen_(ledger);
    return catalog_.Snapshot();
  }

 private:
  const Catalog& catalog_;
  const std::function<void(const LedgerId&)> freshen_;
};

}  // namespace

Runner::Runner(RunnerOptions options)
    : options_(std::move(options)), started_nanos_(absl::ToInt64Nanoseconds(Monotonic())) {}

absl::StatusOr<std::unique_ptr<Runner>> Runner::Start(RunnerOptions options) {
  std::unique_ptr<Runner> runner(new Runner(std::move(options)));
  const RunnerOptions& o = runner->options_;
  PARLEY_ASSIGN_OR_RETURN(runner->catalog_, Catalog::Open(*o.log, *o.store, o.projections, o.partitions));
  runner->reading_ = std::make_unique<FreshStore>(
      *runner->catalog_, [runner = runner.get()](const LedgerId& ledger) { runner->Freshen(ledger); });
  for (uint32_t partition = 0; partition < o.partitions; ++partition) {
    runner->workers_.push_back(std::make_unique<Worker>(WorkerOptions{
        .log = o.log,
        .store = o.store,
        .catalog = runner->catalog_.get(),
        .waiters = &runner->waiters_,
        .write_all = [runner = runner.get()] { return runner->Freshen({}); },
        .switched = [runner = runner.get()] { runner->Switched(); },
        .partition = partition,
        .partitions = o.partitions,
        .batch = o.batch,
        .write_entries = o.write_entries,
        .quiet_period = o.quiet_period,
        .keep_bytes = kKeepBytes / o.partitions,
    }));
  }
  for (const auto& worker : runner->workers_) worker->Start();
  return runner;
}

Runner::~Runner() {
  for (const auto& worker : workers_) worker->Stop();
  waiters_.EndAll(Reject(v1::REASON_DRAINING, "the read models are closing"));
  if (catalog_) options_.store->Flush().IgnoreError();  // Otherwise the next start folds a little more.
}

Worker& Runner::WorkerOf(const LedgerId& ledger) const {
  return *workers_[PartitionOf(ledger.str(), options_.partitions)];
}

bool Runner::Freshen(const LedgerId& ledger) const {
  if (!ledger.empty()) return WorkerOf(ledger).Freshen(ledger);
  bool written = true;
  for (const auto& worker : workers_) written = worker->Freshen({}) && written;
  return written;
}

std::optional<absl::Status> Runner::Check(const Waiters::Target& target) const {
  ReadView view(written());
  const auto next = view.NextSequence(target.projection, target.ledger);
  if (!next.ok()) return next.status();
  if (*next > target.sequence) return absl::OkStatus();
  if (absl::Status followed = view.RequireFollowed(target.projection, target.ledger); !followed.ok()) return followed;
  return std::nullopt;
}

uint64_t Runner::NotifyWhenApplied(const std::string& projection, const LedgerId& ledger, uint64_t sequence,
                                   Waiters::Done done) {
  const uint64_t id = waiters_.Add({projection, ledger, sequence}, std::move(done));
  waiters_.Recheck([this](const Waiters::Target& target) { return Check(target); }, id);
  // What it waits for may be folded in already, and not written.
  if (waiters_.any()) WorkerOf(ledger).Want(ledger.str());
  return id;
}

void Runner::Switched() {
  // Whoever waited for the old rows is served by the new ones, and every worker lets go of the old.
  waiters_.Recheck([this](const Waiters::Target& target) { return Check(target); });
  for (const auto& worker : workers_) worker->Wake();
}

absl::Status Runner::Rebuild(const std::string& projection) {
  PARLEY_RETURN_IF_ERROR(catalog_->Rebuild(projection));
  for (const auto& worker : workers_) worker->Wake();
  return absl::OkStatus();
}

ProjectionStatus Runner::StatusOf(const std::string& name, ReadView& view) const {
  ProjectionStatus out{.name = name, .catalog = catalog_->Describe(name)};
  for (const auto& generation : out.catalog.generations()) {
    out.rebuilding = out.rebuilding || (!generation.retired() && generation.number() != out.catalog.live());
  }
  if (auto quarantined = view.Quarantines(name); quarantined.ok()) out.quarantined = *std::move(quarantined);
  const std::shared_ptr<Generation> live = catalog_->Live(name);
  if (live == nullptr) return out;  // Read as it stands: of a version that the code no longer has.
  const int64_t now = absl::ToInt64Nanoseconds(Monotonic());
  for (uint32_t shard = 0; shard < options_.log->shards(); ++shard) {
    const uint64_t end = options_.log->NextOffset(ShardId{shard});
    uint64_t behind = 0;
    for (uint32_t partition = 0; partition < options_.partitions; ++partition) {
      const Generation::Slot& slot = live->slot(ShardId{shard}, partition);
      const uint64_t next = slot.next_offset;
      if (next >= end) continue;
      behind = std::max(behind, end - next);
      if (slot.idle) continue;
      const int64_t since = std::max<int64_t>(slot.caught_up_nanos, started_nanos_);
      out.time_behind = std::max(out.time_behind, absl::Nanoseconds(now - since));
    }
    out.entries_behind += behind;
  }
  return out;
}

std::vector<ProjectionStatus> Runner::Status() const {
  ReadView view(written());  // As it stands: a worker that is stuck must not keep anybody from learning of it.
  std::vector<ProjectionStatus> out;
  for (const std::string& name : catalog_->names()) out.push_back(StatusOf(name, view));
  return out;
}

absl::Status Runner::Trouble() const {
  for (const auto& worker : workers_) PARLEY_RETURN_IF_ERROR(worker->trouble());
  return absl::OkStatus();
}

bool Runner::CaughtUpOnce() const {
  for (const std::string& name : catalog_->names()) {
    const std::shared_ptr<Generation> live = catalog_->Live(name);
    if (live == nullptr) continue;
    for (const Generation::Slot& slot : live->slots) {
      if (slot.caught_up_nanos < 0) return false;
    }
  }
  return true;
}

std::vector<const Projection*> AllProjections() {
  std::vector<const Projection*> out;
  for (const auto& projection : Projections()) out.push_back(projection.get());
  return out;
}

}  // namespace parley
