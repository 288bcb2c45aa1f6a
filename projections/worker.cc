#include "projections/worker.h"

#include <algorithm>
#include <chrono>

#include "eventstore/base/clock.h"
#include "eventstore/base/status.h"
#include "eventstore/crc32c.h"
#include "projections/read_view.h"
#include "projections/store_keys.h"

namespace parley {
namespace {

// How long a worker rests after the store or the log failed it.
constexpr std::chrono::milliseconds kRest(200);

std::vector<Generation*> Pointers(const std::vector<std::shared_ptr<Generation>>& generations) {
  std::vector<Generation*> out;
  for (const auto& generation : generations) out.push_back(generation.get());
  return out;
}

}  // namespace

uint32_t PartitionOf(std::string_view ledger, uint32_t partitions) { return Crc32c(ledger) % partitions; }

void Worker::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Worker::Stop() {
  {
    std::lock_guard lock(mu_);
    stop_ = true;
  }
  cv_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Worker::Wake() {
  {
    std::lock_guard lock(mu_);
    woken_ = true;
  }
  cv_.notify_all();
}

bool Worker::stopping() const {
  std::lock_guard lock(mu_);
  return stop_;
}

absl::Status Worker::trouble() const {
  std::lock_guard lock(mu_);
  return trouble_;
}

void Worker::Run() {
  while (!stopping()) {
    TakeUpChanges();
    bool progress = false;
    absl::Status trouble;
    for (const auto& cohort : cohorts_) {
      const auto step = Advance(*cohort);
      if (step.ok()) {
        progress |= *step == Step::kProgress;
      } else {
        trouble = step.status();
        cohort->subscription.reset();  // Read again from the last batch that was written.
      }
    }
    MergeCohorts();
    if (progress && trouble.ok()) continue;
    if (trouble.ok()) {
      for (const auto& cohort : cohorts_) {
        if (cohort->subscription) cohort->subscription->NotifyWhenReady([this] { Wake(); });
      }
    }
    std::unique_lock lock(mu_);
    trouble_ = trouble;
    const auto woken = [&] { return stop_ || woken_; };
    if (trouble.ok()) {
      cv_.wait(lock, woken);
    } else {
      cv_.wait_for(lock, kRest, [&] { return stop_; });
    }
    woken_ = false;
  }
  cohorts_.clear();
}

void Worker::TakeUpChanges() {
  const uint64_t revision = options_.catalog->revision();
  if (revision == revision_) return;
  revision_ = revision;
  for (const auto& cohort : cohorts_) {
    std::erase_if(cohort->generations, [](const auto& generation) { return generation->retired.load(); });
  }
  std::erase_if(cohorts_, [](const auto& cohort) { return cohort->generations.empty(); });
  std::erase_if(held_, [&](const auto& generation) {
    // Rows left behind by a failing store are removed when it is opened next.
    if (generation->retired) options_.catalog->LetGo(generation).IgnoreError();
    return generation->retired.load();
  });
  for (const auto& generation : options_.catalog->Active()) {
    if (std::find(held_.begin(), held_.end(), generation) != held_.end()) continue;
    held_.push_back(generation);
    RetryQuarantined(generation).IgnoreError();  // Where the store fails, they stay as they are until the next start.
    for (uint32_t shard = 0; shard < options_.log->shards(); ++shard) AddToCohort(ShardId{shard}, generation);
  }
}

void Worker::AddToCohort(ShardId shard, const std::shared_ptr<Generation>& generation) {
  const uint64_t next = generation->slot(shard, options_.partition).next_offset;
  for (const auto& cohort : cohorts_) {
    if (cohort->shard == shard && cohort->next_offset == next) {
      cohort->generations.push_back(generation);
      return;
    }
  }
  cohorts_.push_back(std::make_unique<Cohort>(Cohort{shard, next, {generation}, nullptr}));
}

void Worker::MergeCohorts() {
  for (size_t i = 0; i < cohorts_.size(); ++i) {
    for (size_t j = i + 1; j < cohorts_.size();) {
      if (cohorts_[i]->shard == cohorts_[j]->shard && cohorts_[i]->next_offset == cohorts_[j]->next_offset) {
        auto& into = cohorts_[i]->generations;
        into.insert(into.end(), cohorts_[j]->generations.begin(), cohorts_[j]->generations.end());
        cohorts_.erase(cohorts_.begin() + static_cast<ptrdiff_t>(j));
      } else {
        ++j;
      }
    }
  }
}

absl::StatusOr<Worker::Step> Worker::Advance(Cohort& cohort) {
  if (cohort.subscription == nullptr) {
    cohort.subscription = options_.log->Subscribe({cohort.shard, cohort.next_offset});
  }
  PARLEY_ASSIGN_OR_RETURN(const auto entries, cohort.subscription->Poll(options_.batch));
  if (entries.empty()) {
    NoteCaughtUp(cohort);
    return Step::kIdle;
  }
  for (const auto& generation : cohort.generations) generation->slot(cohort.shard, options_.partition).NoteWork();
  PARLEY_RETURN_IF_ERROR(FoldBatch(cohort, entries));
  return Step::kProgress;
}

absl::Status Worker::FoldBatch(Cohort& cohort, const std::vector<Entry>& entries) {
  const std::vector<Generation*> generations = Pointers(cohort.generations);
  Fold fold(*options_.store);
  for (const Entry& entry : entries) {
    if (PartitionOf(entry.header.ledger(), options_.partitions) != options_.partition) continue;
    PARLEY_RETURN_IF_ERROR(fold.Add(entry, generations));
  }
  const Fold::Progresses progresses = fold.progress();
  const uint64_t next = entries.back().position.offset + 1;
  KvBatch batch;
  fold.MoveInto(batch);
  std::string checkpoint;
  AppendOrdered(checkpoint, next);
  for (const Generation* generation : generations) {
    batch.Put(store_keys::Checkpoint(generation->number, cohort.shard, options_.partition), checkpoint);
  }
  PARLEY_RETURN_IF_ERROR(options_.store->Write(batch));
  cohort.next_offset = next;
  for (Generation* generation : generations) generation->slot(cohort.shard, options_.partition).next_offset = next;
  Announce(cohort, progresses);
  unflushed_ += entries.size();
  if (unflushed_ >= options_.flush_every) {
    PARLEY_RETURN_IF_ERROR(options_.store->Flush());
    unflushed_ = 0;
  }
  return absl::OkStatus();
}

void Worker::Announce(const Cohort& cohort, const Fold::Progresses& progresses) {
  for (const auto& generation : cohort.generations) {
    if (!options_.catalog->IsLive(*generation)) continue;
    const std::string projection = generation->projection->name();
    for (auto it = progresses.lower_bound({generation->number, ""});
         it != progresses.end() && it->first.first == generation->number; ++it) {
      const std::string& ledger = it->first.second;
      options_.waiters->Reached(projection, ledger, it->second.next_sequence);
      if (!it->second.stopped) continue;
      v1::ProjectionQuarantine quarantine;
      quarantine.set_sequence(it->second.next_sequence);
      quarantine.set_error(it->second.error);
      options_.waiters->Stopped(projection, ledger, StoppedError(projection, LedgerId(ledger), quarantine));
    }
  }
}

void Worker::NoteCaughtUp(Cohort& cohort) {
  bool switched = false;
  for (const auto& generation : cohort.generations) {
    generation->slot(cohort.shard, options_.partition).NoteCaughtUp();
    if (options_.catalog->IsLive(*generation)) continue;
    // A switch that fails is tried again when there is nothing to do the next time.
    switched |= options_.catalog->CaughtUp(generation).value_or(false);
  }
  if (switched) options_.switched();
}

absl::Status Worker::RetryQuarantined(const std::shared_ptr<Generation>& generation) {
  const std::string prefix = store_keys::Quarantine(generation->number, "");
  std::vector<std::string> ledgers;
  PARLEY_RETURN_IF_ERROR(options_.store->Scan(prefix, PrefixEnd(prefix), [&](std::string_view key, std::string_view) {
    const std::string_view ledger = key.substr(prefix.size());
    if (PartitionOf(ledger, options_.partitions) == options_.partition) ledgers.emplace_back(ledger);
    return true;
  }));
  for (const std::string& ledger : ledgers) PARLEY_RETURN_IF_ERROR(RetryLedger(*generation, ledger));
  return absl::OkStatus();
}

absl::Status Worker::RetryLedger(Generation& generation, const std::string& ledger) {
  const uint64_t end = generation.slot(options_.log->ShardOf(LedgerId(ledger)), options_.partition).next_offset;
  PARLEY_ASSIGN_OR_RETURN(const auto applied, options_.store->Get(store_keys::Applied(generation.number, ledger)));
  uint64_t next = applied ? ParseOrdered(*applied) : 0;
  for (bool done = false; !done && !stopping();) {
    const auto entries = options_.log->Read(LedgerId(ledger), next, options_.batch);
    if (!entries.ok()) return absl::OkStatus();  // Damaged still.
    done = entries->empty();
    Fold fold(*options_.store, Fold::Mode::kRetry);
    for (const Entry& entry : *entries) {
      done = done || entry.position.offset >= end;
      if (done) break;
      PARLEY_RETURN_IF_ERROR(fold.Add(entry, {&generation}));
      next = entry.sequence() + 1;
    }
    bool stopped = false;
    for (const auto& [key, progress] : fold.progress()) stopped = stopped || progress.stopped;
    KvBatch batch;
    fold.MoveInto(batch);
    // Only now: were the row to go with the first batch, a crash after it would leave the rest to nobody.
    if (done && !stopped) batch.Delete(store_keys::Quarantine(generation.number, ledger));
    PARLEY_RETURN_IF_ERROR(options_.store->Write(batch));
    done = done || stopped;
  }
  return absl::OkStatus();
}

}  // namespace parley
