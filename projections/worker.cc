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
// Entries looked at in a round near the end of the log: readers wait for rounds. Elsewhere, many at a time are cheaper.
constexpr size_t kShortBatch = 128;
// How long entries may lie before they are folded in, and where somebody waits for any: many at a time are cheaper.
constexpr absl::Duration kRest = absl::Milliseconds(5);
constexpr absl::Duration kShortRest = absl::Milliseconds(1);
// What is folded in is written after so long although nobody reads: a row that changes often is then written once for many times.
constexpr absl::Duration kWriteAfter = absl::Seconds(10);
// Entries written between flushes of the store: what a crash costs to fold again.
constexpr uint64_t kFlushEvery = 400'000;
// Ledgers that are written in a round of a sweep at least, and how many entries may come while one goes on, about.
constexpr size_t kLeastSweepStep = 2;
constexpr size_t kSweepEntries = 32'000;
// How long a reader waits for what is not folded in yet and no token asks for.
constexpr std::chrono::milliseconds kLongestAwait(50);
// How far a shard was looked at of which nothing is read that this worker keeps up: there is nothing to wait for.
constexpr uint64_t kNothingRead = UINT64_MAX;

std::vector<Generation*> Pointers(const std::vector<std::shared_ptr<Generation>>& generations) {
  std::vector<Generation*> out;
  for (const auto& generation : generations) out.push_back(generation.get());
  return out;
}

}  // namespace

uint32_t PartitionOf(std::string_view ledger, uint32_t partitions) { return Crc32c(ledger) % partitions; }

void Worker::Start() {
  // Nothing in the store is beyond what the log has now: that was seen to when the catalog was opened.
  for (uint32_t shard = 0; shard < options_.log->shards(); ++shard) {
    high_.push_back(options_.log->NextOffset(ShardId{shard}));
  }
  looked_at_.assign(options_.log->shards(), 0);
  thread_ = std::thread([this] { Run(); });
}

void Worker::Stop() {
  {
    std::lock_guard lock(mu_);
    stop_ = true;
  }
  cv_.notify_all();
  round_cv_.notify_all();
  unwritten_.Stop();
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

bool Worker::Freshen(const LedgerId& ledger) {
  if (std::this_thread::get_id() == own_thread_) return true;  // Told of something, it reads: that is written.
  const bool folded = AwaitRounds(ledger);
  return unwritten_.Await(ledger.str(), [this] { Wake(); }) && folded;
}

bool Worker::IsCurrent(const LedgerId& ledger) const {
  const ShardId shard = options_.log->ShardOf(ledger);
  const uint64_t end = options_.log->NextOffset(shard);
  // In one: what could not be written is taken from what was looked at before it is forgotten.
  std::lock_guard lock(mu_);
  const uint64_t looked_at = looked_at_[static_cast<uint32_t>(shard)];
  return looked_at != kNothingRead && looked_at >= end && !unwritten_.Has(ledger.str());
}

bool Worker::AwaitRounds(const LedgerId& ledger) {
  std::vector<uint64_t> ends(options_.log->shards(), 0);
  for (uint32_t shard = 0; shard < ends.size(); ++shard) {
    const bool asked = ledger.empty() || options_.log->ShardOf(ledger) == ShardId{shard};
    if (asked) ends[shard] = options_.log->NextOffset(ShardId{shard});
  }
  std::unique_lock lock(mu_);
  const auto there = [&] {
    return stop_ || std::equal(ends.begin(), ends.end(), looked_at_.begin(), looked_at_.end(), std::less_equal<>());
  };
  if (there()) return true;
  // The one at hand may have begun before what is wanted came.
  woken_ = true;
  cv_.notify_all();
  round_cv_.wait_for(lock, kLongestAwait, [&, last = rounds_ + 2] { return there() || rounds_ >= last; });
  return there();
}

void Worker::Want(const std::string& ledger) {
  unwritten_.Want(ledger);
  Wake();
}

void Worker::Run() {
  own_thread_ = std::this_thread::get_id();
  while (!stopping()) {
    TakeUpChanges();
    const absl::StatusOr<bool> more = Round();
    if (!more.ok() || !*more) Rest(more);
  }
  Write(Ledgers::All()).IgnoreError();  // Folded in again at the next start, then.
  cohorts_.clear();
}

void Worker::NoteRound() {
  std::vector<uint64_t> looked_at(options_.log->shards(), kNothingRead);
  for (const auto& cohort : cohorts_) {
    if (!cohort->live) continue;
    uint64_t& least = looked_at[static_cast<uint32_t>(cohort->shard)];
    least = std::min(least, cohort->next_offset);
  }
  {
    std::lock_guard lock(mu_);
    looked_at_ = std::move(looked_at);
    ++rounds_;
  }
  round_cv_.notify_all();
}

void Worker::Rest(const absl::StatusOr<bool>& more) {
  absl::Duration until = merging_.due();
  if (more.ok()) {
    const absl::Duration within = options_.waiters->any() ? kShortRest : kRest;
    for (const auto& cohort : cohorts_) {
      cohort->subscription->NotifyWhenReady([this] { Wake(); }, within);
      if (!cohort->written()) until = std::min(until, cohort->unwritten_since + kWriteAfter);
      // What is to take another's place is asked for again: another worker may have been in the way.
      const bool all_live = std::all_of(cohort->generations.begin(), cohort->generations.end(),
                                        [&](const auto& generation) { return options_.catalog->IsLive(*generation); });
      if (!all_live) until = std::min(until, Monotonic() + absl::FromChrono(kRetry));
    }
  }
  std::unique_lock lock(mu_);
  trouble_ = more.status();
  const auto woken = [&] { return stop_ || woken_; };
  if (!more.ok()) {
    cv_.wait_for(lock, kRetry, [&] { return stop_; });
  } else if (until < absl::InfiniteDuration()) {
    cv_.wait_for(lock, absl::ToChronoNanoseconds(until - Monotonic()), woken);
  } else {
    cv_.wait(lock, woken);
  }
  woken_ = false;
}

absl::StatusOr<bool> Worker::Round() {
  // First what readers want: they need not wait for what is new.
  absl::Status trouble;
  if (const Ledgers wanted = unwritten_.TakeWanted(); !wanted.empty()) trouble = Write(wanted);
  unwritten_.Served(trouble.ok());
  uint64_t passed = 0;
  touched_.clear();
  // Those ahead first: whoever follows comes to where they are, and is made one with them.
  std::stable_sort(cohorts_.begin(), cohorts_.end(),
                   [](const auto& a, const auto& b) { return a->next_offset > b->next_offset; });
  for (const auto& cohort : cohorts_) {
    const uint64_t before = cohort->next_offset;
    if (const absl::Status advanced = Advance(*cohort); advanced.ok()) {
      passed += cohort->next_offset - before;
    } else {
      trouble.Update(advanced);
      Restart(*cohort);
    }
  }
  unwritten_.Add(touched_);
  if (const Ledgers awaited = Awaited(); !awaited.empty()) trouble.Update(Write(awaited));
  trouble.Update(Sweep(passed));
  trouble.Update(MergeCohorts());
  NoteRound();
  merging_.Pass(passed);
  bool more = !sweep_.empty();
  for (const auto& cohort : cohorts_) {
    if (cohort->caught_up) trouble.Update(NoteCaughtUp(*cohort));
    more = more || !cohort->caught_up;
  }
  if (unflushed_ >= kFlushEvery) {
    const absl::Status flushing = options_.store->StartFlush();
    if (flushing.ok()) unflushed_ = 0;
    merging_.NoteWritten();
    trouble.Update(flushing);
  }
  if (!trouble.ok()) return trouble;
  return more;
}

Worker::Ledgers Worker::Awaited() const {
  Ledgers out;
  if (!options_.waiters->any()) return out;
  for (const std::string& ledger : touched_) {
    if (options_.waiters->IsAwaited(ledger)) out.names.insert(ledger);
  }
  return out;
}

absl::Status Worker::Write(const Ledgers& ledgers) {
  absl::Status trouble;
  for (const auto& cohort : cohorts_) {
    if (cohort->fold == nullptr || (ledgers.all && cohort->written())) continue;
    const absl::Status written = Write(*cohort, ledgers);
    if (!written.ok()) Restart(*cohort);
    trouble.Update(written);
  }
  if (ledgers.all) sweep_.clear();
  unwritten_.Remove(ledgers);
  return trouble;
}

void Worker::TakeUpChanges() {
  const uint64_t revision = options_.catalog->revision();
  if (revision == revision_) return;
  revision_ = revision;
  Write(Ledgers::All()).IgnoreError();  // What could not be written is folded in again.
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
  for (const auto& cohort : cohorts_) {
    cohort->live = std::any_of(cohort->generations.begin(), cohort->generations.end(),
                               [&](const auto& generation) { return options_.catalog->IsLive(*generation); });
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

absl::Status Worker::MergeCohorts() {
  absl::Status trouble;
  const auto met = [](const Cohort& a, const Cohort& b) {
    return a.shard == b.shard && a.next_offset == b.next_offset;
  };
  for (size_t i = 0; i < cohorts_.size(); ++i) {
    for (size_t j = i + 1; j < cohorts_.size();) {
      // Once all is written, or could not be and begins again: then they may meet later.
      if (met(*cohorts_[i], *cohorts_[j])) trouble.Update(Write(Ledgers::All()));
      if (met(*cohorts_[i], *cohorts_[j])) {
        auto& into = cohorts_[i]->generations;
        into.insert(into.end(), cohorts_[j]->generations.begin(), cohorts_[j]->generations.end());
        cohorts_[i]->live |= cohorts_[j]->live;
        cohorts_.erase(cohorts_.begin() + static_cast<ptrdiff_t>(j));
      } else {
        ++j;
      }
    }
  }
  return trouble;
}

absl::Status Worker::Advance(Cohort& cohort) {
  if (cohort.subscription == nullptr) {
    cohort.subscription = options_.log->Subscribe({cohort.shard, cohort.next_offset}, [this](std::string_view ledger) {
      return PartitionOf(ledger, options_.partitions) == options_.partition;
    });
  }
  if (cohort.fold == nullptr) {
    cohort.fold = NewFold(Fold::Mode::kFollow, options_.keep_bytes);
  }
  const uint64_t end = options_.log->NextOffset(cohort.shard);
  ReadLimit limit = options_.batch;
  if (cohort.live && end - cohort.next_offset < limit.entries) limit.entries = std::min(limit.entries, kShortBatch);
  for (const auto& other : cohorts_) {
    if (other->shard != cohort.shard || other->next_offset <= cohort.next_offset) continue;
    limit.entries = std::min<size_t>(limit.entries, other->next_offset - cohort.next_offset);
  }
  PARLEY_ASSIGN_OR_RETURN(const auto entries, cohort.subscription->Poll(limit));
  if (const uint64_t next = cohort.subscription->next().offset; next > cohort.next_offset) {
    if (cohort.written()) cohort.unwritten_since = Monotonic();
    for (const auto& generation : cohort.generations) generation->slot(cohort.shard, options_.partition).NoteWork();
    const std::vector<Generation*> generations = Pointers(cohort.generations);
    for (const auto& entry : entries) {
      PARLEY_RETURN_IF_ERROR(cohort.fold->Add(*entry, generations));
      touched_.insert(entry->header.ledger());
    }
    SetNextOffset(cohort, next);
  }
  // What came meanwhile makes up the next batch, which is the cheaper the larger it is.
  cohort.caught_up = cohort.next_offset >= end;
  return absl::OkStatus();
}

std::unique_ptr<Fold> Worker::NewFold(Fold::Mode mode, size_t keep_bytes) const {
  const auto read_again = [this](const LedgerId& ledger, uint64_t first) {
    return options_.log->Read(ledger, first, options_.batch);
  };
  return std::make_unique<Fold>(*options_.store, read_again, mode, keep_bytes);
}

void Worker::SetNextOffset(Cohort& cohort, uint64_t offset) {
  cohort.next_offset = offset;
  uint64_t& high = high_[static_cast<uint32_t>(cohort.shard)];
  high = std::max(high, offset);
  for (const auto& generation : cohort.generations) {
    generation->slot(cohort.shard, options_.partition).next_offset = offset;
  }
}

void Worker::Restart(Cohort& cohort) {
  cohort.subscription.reset();
  cohort.fold.reset();
  cohort.caught_up = false;
  cohort.sweep_offset = cohort.written_offset;
  for (const auto& generation : cohort.generations) {
    // What is to take another's place must have everything again before it does.
    if (!options_.catalog->IsLive(*generation)) generation->slot(cohort.shard, options_.partition).NoteRestart();
  }
  SetNextOffset(cohort, cohort.written_offset);
  std::lock_guard lock(mu_);
  uint64_t& looked_at = looked_at_[static_cast<uint32_t>(cohort.shard)];
  if (cohort.live) looked_at = std::min(looked_at, cohort.written_offset);
}

bool Worker::TimeToWrite() const {
  return std::any_of(cohorts_.begin(), cohorts_.end(), [&](const auto& cohort) {
    return !cohort->written() && (cohort->next_offset - cohort->written_offset >= options_.write_entries ||
                                  cohort->fold->full() || Monotonic() - cohort->unwritten_since >= kWriteAfter);
  });
}

absl::Status Worker::Write(Cohort& cohort, const Ledgers& ledgers) {
  KvBatch batch;
  for (const std::string& ledger : ledgers.names) PARLEY_RETURN_IF_ERROR(cohort.fold->MoveInto(batch, ledger));
  if (ledgers.all) {
    PARLEY_RETURN_IF_ERROR(cohort.fold->MoveInto(batch));
    PutCheckpoint(cohort, cohort.next_offset, batch);
  }
  if (!batch.ops().empty()) {
    std::string high;
    AppendOrdered(high, high_[static_cast<uint32_t>(cohort.shard)]);
    batch.Put(store_keys::High(cohort.shard, options_.partition), std::move(high));
    PARLEY_RETURN_IF_ERROR(options_.store->Write(batch));
    merging_.NoteWritten();
  }
  if (ledgers.all) {
    unflushed_ += cohort.next_offset - cohort.written_offset;
    cohort.written_offset = cohort.next_offset;
  }
  if (options_.waiters->any()) Announce(cohort, ledgers.all ? unwritten_.names() : ledgers.names);
  return absl::OkStatus();
}

void Worker::PutCheckpoint(const Cohort& cohort, uint64_t offset, KvBatch& batch) const {
  std::string checkpoint;
  AppendOrdered(checkpoint, offset);
  for (const auto& generation : cohort.generations) {
    batch.Put(store_keys::Checkpoint(generation->number, cohort.shard, options_.partition), checkpoint);
  }
}

absl::Status Worker::Sweep(uint64_t passed) {
  if (sweep_.empty()) {
    if (!TimeToWrite()) return absl::OkStatus();
    sweep_ = unwritten_.names();
    sweep_size_ = sweep_.size();
    for (const auto& cohort : cohorts_) {
      cohort->sweep_offset = cohort->next_offset;
      cohort->unwritten_since = Monotonic();
    }
  }
  const size_t step = std::max(kLeastSweepStep, sweep_size_ * passed / kSweepEntries);
  Ledgers part;
  while (!sweep_.empty() && part.names.size() < step) part.names.insert(sweep_.extract(sweep_.begin()));
  const absl::Status written = Write(part);
  if (!sweep_.empty()) return written;
  for (const auto& cohort : cohorts_) {
    KvBatch batch;
    PutCheckpoint(*cohort, cohort->sweep_offset, batch);
    PARLEY_RETURN_IF_ERROR(options_.store->Write(batch));
    unflushed_ += cohort->sweep_offset - cohort->written_offset;
    cohort->written_offset = cohort->sweep_offset;
  }
  return written;
}

void Worker::Announce(const Cohort& cohort, const std::set<std::string>& ledgers) {
  std::map<uint64_t, std::string> live;  // Names by generation.
  for (const auto& generation : cohort.generations) {
    if (options_.catalog->IsLive(*generation)) live.emplace(generation->number, generation->projection->name());
  }
  for (const std::string& ledger : ledgers) {
    cohort.fold->ForEachProgress(ledger, [&](uint64_t generation, const Fold::Progress& progress) {
      const auto name = live.find(generation);
      if (name == live.end()) return;
      const uint64_t next = progress.next_sequence;
      if (progress.error.empty()) return options_.waiters->Reached(name->second, ledger, next);
      v1::ProjectionQuarantine quarantine;
      quarantine.set_sequence(next);
      quarantine.set_error(progress.error);
      options_.waiters->Stopped(name->second, ledger, next, StoppedError(name->second, LedgerId(ledger), quarantine));
    });
  }
}

absl::Status Worker::NoteCaughtUp(const Cohort& cohort) {
  bool switched = false;
  absl::Status trouble;
  const auto write_all = [&] {
    trouble.Update(Write(Ledgers::All()));
    return trouble.ok() && options_.write_all();
  };
  for (const auto& generation : cohort.generations) {
    if (!cohort.caught_up) break;  // It could not be written, and begins again.
    generation->slot(cohort.shard, options_.partition).NoteCaughtUp();
    if (options_.catalog->IsLive(*generation)) continue;
    const absl::StatusOr<bool> taken_over = options_.catalog->CaughtUp(generation, write_all);
    trouble.Update(taken_over.status());
    switched = switched || taken_over.value_or(false);
  }
  if (switched) options_.switched();
  return trouble;
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
    const std::unique_ptr<Fold> fold = NewFold(Fold::Mode::kRetry, 0);
    for (const Entry& entry : *entries) {
      done = done || entry.position.offset >= end;
      if (done) break;
      PARLEY_RETURN_IF_ERROR(fold->Add(entry, {&generation}));
      next = entry.sequence() + 1;
    }
    const bool stopped = fold->first_stopped().has_value();
    KvBatch batch;
    PARLEY_RETURN_IF_ERROR(fold->MoveInto(batch));
    // Only now: were the row to go with the first batch, a crash after it would leave the rest to nobody.
    if (done && !stopped) batch.Delete(store_keys::Quarantine(generation.number, ledger));
    PARLEY_RETURN_IF_ERROR(options_.store->Write(batch));
    done = done || stopped;
  }
  return absl::OkStatus();
}

}  // namespace parley
