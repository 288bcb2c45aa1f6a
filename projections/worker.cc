#include "projections/worker.h"

#include <algorithm>
#include <chrono>
#include <map>

#include "eventstore/base/clock.h"
#include "eventstore/base/status.h"
#include "eventstore/crc32c.h"
#include "projections/read_view.h"
#include "projections/store_keys.h"

namespace parley {
namespace {

// How long a worker rests after the store or the log failed it.
constexpr std::chrono::milliseconds kRetry(200);

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
  written_.notify_all();
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

void Worker::Freshen() {
  if (std::this_thread::get_id() == thread_.get_id()) return;  // Told of something, it reads: it has just written.
  std::unique_lock lock(mu_);
  if (!unwritten_ || stop_) return;
  const uint64_t before = rounds_;
  wanted_ = woken_ = true;
  cv_.notify_all();
  written_.wait(lock, [&] { return rounds_ != before || stop_; });
}

void Worker::Run() {
  while (!stopping()) {
    TakeUpChanges();
    const absl::StatusOr<bool> more = Round();
    MergeCohorts();
    if (more.ok() && *more) continue;
    bool unwritten = false;
    for (const auto& cohort : cohorts_) unwritten = unwritten || !cohort->written();
    if (more.ok() && !unwritten) {
      const absl::Duration within = options_.waiters->any() ? absl::ZeroDuration() : options_.rest;
      for (const auto& cohort : cohorts_) cohort->subscription->NotifyWhenReady([this] { Wake(); }, within);
    }
    std::unique_lock lock(mu_);
    trouble_ = more.status();
    const auto woken = [&] { return stop_ || woken_; };
    if (!more.ok()) {
      cv_.wait_for(lock, kRetry, [&] { return stop_; });
    } else if (unwritten) {
      cv_.wait_for(lock, absl::ToChronoNanoseconds(options_.rest), woken);
    } else {
      cv_.wait(lock, woken);
    }
    woken_ = false;
  }
  WriteOutAll().IgnoreError();  // Folded in again at the next start, then.
  cohorts_.clear();
}

absl::StatusOr<bool> Worker::Round() {
  bool wanted = options_.waiters->any();
  {
    std::lock_guard lock(mu_);
    wanted = wanted || wanted_;
    wanted_ = false;
  }
  bool more = false;
  absl::Status trouble;
  for (const auto& cohort : cohorts_) {
    absl::StatusOr<bool> came = Advance(*cohort);
    if (came.ok() && !cohort->written() && (wanted || !*came || TimeToWrite(*cohort))) {
      if (absl::Status written = WriteOut(*cohort); !written.ok()) came = written;
    }
    if (!came.ok()) {
      trouble = came.status();
      cohort->Restart();
    } else {
      more = more || !cohort->caught_up;
    }
  }
  bool unwritten = false;
  for (const auto& cohort : cohorts_) unwritten = unwritten || !cohort->written();
  {
    std::lock_guard lock(mu_);
    unwritten_ = unwritten;
    if (wanted || !unwritten) {
      ++rounds_;
      written_.notify_all();
    }
  }
  if (!trouble.ok()) return trouble;
  // Last: it may compare whole generations, and readers need not wait for that.
  for (const auto& cohort : cohorts_) {
    if (cohort->caught_up && cohort->written()) NoteCaughtUp(*cohort);
  }
  return more;
}

absl::Status Worker::WriteOutAll() {
  absl::Status trouble;
  for (const auto& cohort : cohorts_) {
    if (cohort->written()) continue;
    const absl::Status written = WriteOut(*cohort);
    if (!written.ok()) cohort->Restart();
    trouble.Update(written);
  }
  return trouble;
}

void Worker::TakeUpChanges() {
  const uint64_t revision = options_.catalog->revision();
  if (revision == revision_) return;
  revision_ = revision;
  WriteOutAll().IgnoreError();  // What could not be written is folded in again.
  for (const auto& cohort : cohorts_) {
    const auto gone =
        std::erase_if(cohort->generations, [](const auto& generation) { return generation->retired.load(); });
    if (gone > 0) cohort->fold.reset();  // What it keeps of them is of no use any more.
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
  cohorts_.push_back(std::make_unique<Cohort>(Cohort{shard, next, next, {generation}}));
}

void Worker::MergeCohorts() {
  for (size_t i = 0; i < cohorts_.size(); ++i) {
    for (size_t j = i + 1; j < cohorts_.size();) {
      const bool met = cohorts_[i]->shard == cohorts_[j]->shard && cohorts_[i]->next_offset == cohorts_[j]->next_offset;
      if (met && cohorts_[i]->written() && cohorts_[j]->written()) {
        auto& into = cohorts_[i]->generations;
        into.insert(into.end(), cohorts_[j]->generations.begin(), cohorts_[j]->generations.end());
        cohorts_.erase(cohorts_.begin() + static_cast<ptrdiff_t>(j));
      } else {
        ++j;
      }
    }
  }
}

absl::StatusOr<bool> Worker::Advance(Cohort& cohort) {
  if (cohort.subscription == nullptr) {
    cohort.subscription = options_.log->Subscribe({cohort.shard, cohort.next_offset});
  }
  if (cohort.fold == nullptr) {
    cohort.fold = std::make_unique<Fold>(*options_.store, Fold::Mode::kFollow, options_.keep_bytes);
  }
  const uint64_t end = options_.log->NextOffset(cohort.shard);
  PARLEY_ASSIGN_OR_RETURN(const auto entries, cohort.subscription->Poll(options_.batch));
  if (!entries.empty()) {
    if (cohort.written()) cohort.unwritten_since = Monotonic();
    for (const auto& generation : cohort.generations) generation->slot(cohort.shard, options_.partition).NoteWork();
    const std::vector<Generation*> generations = Pointers(cohort.generations);
    for (const auto& entry : entries) {
      if (PartitionOf(entry->header.ledger(), options_.partitions) != options_.partition) continue;
      PARLEY_RETURN_IF_ERROR(cohort.fold->Add(*entry, generations));
    }
    cohort.next_offset = entries.back()->position.offset + 1;
  }
  // What came meanwhile makes up the next batch, which is the cheaper the larger it is.
  cohort.caught_up = cohort.next_offset >= end;
  return !entries.empty();
}

bool Worker::TimeToWrite(const Cohort& cohort) const {
  return cohort.next_offset - cohort.written_offset >= options_.write_entries ||
         Monotonic() - cohort.unwritten_since >= options_.write_after;
}

absl::Status Worker::WriteOut(Cohort& cohort) {
  KvBatch batch;
  PARLEY_RETURN_IF_ERROR(cohort.fold->MoveInto(batch));
  std::string checkpoint;
  AppendOrdered(checkpoint, cohort.next_offset);
  for (const auto& generation : cohort.generations) {
    batch.Put(store_keys::Checkpoint(generation->number, cohort.shard, options_.partition), checkpoint);
  }
  PARLEY_RETURN_IF_ERROR(options_.store->Write(batch));
  unflushed_ += cohort.next_offset - cohort.written_offset;
  cohort.written_offset = cohort.next_offset;
  for (const auto& generation : cohort.generations) {
    generation->slot(cohort.shard, options_.partition).next_offset = cohort.next_offset;
  }
  Announce(cohort);
  if (unflushed_ >= options_.flush_every) {
    PARLEY_RETURN_IF_ERROR(options_.store->Flush());
    unflushed_ = 0;
  }
  return absl::OkStatus();
}

void Worker::Announce(const Cohort& cohort) {
  if (!options_.waiters->any()) return;
  std::map<uint64_t, std::string> live;  // Names by generation.
  for (const auto& generation : cohort.generations) {
    if (options_.catalog->IsLive(*generation)) live.emplace(generation->number, generation->projection->name());
  }
  cohort.fold->ForEachChanged([&](uint64_t generation, const std::string& ledger, const Fold::Progress& progress) {
    const auto name = live.find(generation);
    if (name == live.end()) return;
    options_.waiters->Reached(name->second, ledger, progress.next_sequence);
    if (!progress.stopped) return;
    v1::ProjectionQuarantine quarantine;
    quarantine.set_sequence(progress.next_sequence);
    quarantine.set_error(progress.error);
    options_.waiters->Stopped(name->second, ledger, StoppedError(name->second, LedgerId(ledger), quarantine));
  });
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
    const bool stopped = fold.first_stopped().has_value();
    KvBatch batch;
    PARLEY_RETURN_IF_ERROR(fold.MoveInto(batch));
    // Only now: were the row to go with the first batch, a crash after it would leave the rest to nobody.
    if (done && !stopped) batch.Delete(store_keys::Quarantine(generation.number, ledger));
    PARLEY_RETURN_IF_ERROR(options_.store->Write(batch));
    done = done || stopped;
  }
  return absl::OkStatus();
}

}  // namespace parley
