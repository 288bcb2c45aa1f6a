#include "services/command/eraser.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "eventstore/base/clock.h"
#include "eventstore/base/ordered.h"
#include "eventstore/base/status.h"

namespace parley {
namespace {

constexpr std::string_view kErased = "person.erased";
// How many entries may be read again after a crash. The rows are few, but not for nothing.
constexpr uint64_t kSaveEvery = 10'000;
constexpr std::chrono::seconds kRetry(1);
// Whoever asked for an erasure wakes the eraser; for the others this is soon enough.
constexpr absl::Duration kWithin = absl::Milliseconds(50);

std::string ProgressKey(const EventLog& log, uint32_t shard) {
  std::string key = "eraser/" + log.incarnation() + "/";
  AppendOrdered(key, shard);
  return key;
}

}  // namespace

Eraser::Eraser(EraserOptions options) : options_(options) {
  for (uint32_t i = 0; i < options_.log->shards(); ++i) {
    Shard& shard = shards_.emplace_back();
    const auto row = options_.progress->Get(ProgressKey(*options_.log, i));
    if (row.ok() && *row && (*row)->size() == sizeof(uint64_t)) shard.next = ParseOrdered(**row);
    if (shard.next > options_.log->NextOffset(ShardId{i})) shard.next = 0;
    shard.saved = shard.next;
    shard.subscription = options_.log->Subscribe({ShardId{i}, shard.next});
  }
  for (bool more = true; more && Round(more).ok();) {
  }
  thread_ = std::thread([this] { Run(); });
}

void Eraser::WhenErased(const LedgerId& ledger, uint64_t sequence, absl::Duration timeout, Done done) {
  {
    std::lock_guard lock(mu_);
    if (!stop_) {
      waiters_.push_back({ledger, sequence, Monotonic() + timeout, std::move(done)});
      woken_ = true;
      changed_.notify_all();
      return;
    }
  }
  done(Reject(v1::REASON_DRAINING, "the server is shutting down: the erasure is recorded, and done at its next start"));
}

void Eraser::Stop() {
  {
    std::lock_guard lock(mu_);
    stop_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

size_t Eraser::pending() const {
  std::lock_guard lock(mu_);
  return pending_;
}

bool Eraser::failing() const {
  std::lock_guard lock(mu_);
  return failing_;
}

void Eraser::Run() {
  while (true) {
    bool more = false;
    const bool failed = !Round(more).ok();
    if (more && !failed) continue;
    {
      std::lock_guard lock(mu_);
      if (stop_) break;
    }
    Wait(failed);
  }
  Save(/*now=*/true).IgnoreError();  // Read again, then.
  for (Shard& shard : shards_) shard.subscription.reset();
  std::vector<Waiter> left;
  {
    std::lock_guard lock(mu_);
    left.swap(waiters_);
  }
  for (const Waiter& waiter : left) {
    waiter.done(Reject(v1::REASON_DRAINING, "the server is shutting down: the erasure is done at its next start"));
  }
}

void Eraser::Wait(bool failed) {
  const auto wake = [this] {
    std::lock_guard lock(mu_);
    woken_ = true;
    changed_.notify_all();
  };
  if (!failed) {
    for (Shard& shard : shards_) shard.subscription->NotifyWhenReady(wake, kWithin);
  }
  std::unique_lock lock(mu_);
  if (failed) {
    changed_.wait_for(lock, kRetry, [this] { return stop_; });
  } else if (!waiters_.empty()) {
    changed_.wait_for(lock, kRetry, [this] { return stop_ || woken_; });
  } else {
    changed_.wait(lock, [this] { return stop_ || woken_; });
  }
  woken_ = false;
}

absl::Status Eraser::Round(bool& more) {
  more = false;
  absl::Status status = ReadOn(more);
  const bool some = !erasures_.empty();
  status.Update(EraseAll());
  status.Update(Save(/*now=*/some && erasures_.empty()));
  {
    std::lock_guard lock(mu_);
    pending_ = erasures_.size();
    failing_ = !status.ok();
  }
  AnswerWaiters();
  return status;
}

absl::Status Eraser::ReadOn(bool& more) {
  for (Shard& shard : shards_) {
    PARLEY_ASSIGN_OR_RETURN(const auto entries, shard.subscription->Poll({}));
    more = more || !entries.empty();
    for (const auto& entry : entries) {
      shard.next = entry->position.offset + 1;
      // What cannot be read says nothing; its ledger takes no more entries.
      if (!entry->damage.ok() || entry->record.event_type() != kErased) continue;
      erasures_.push_back(
          {LedgerId(entry->header.ledger()), entry->sequence(), entry->position, entry->record.stream()});
    }
  }
  return absl::OkStatus();
}

absl::Status Eraser::EraseAll() {
  if (erasures_.empty()) return absl::OkStatus();
  std::vector<std::string> persons;
  std::map<std::string, std::vector<Erasure>> by_ledger;
  for (const Erasure& erasure : erasures_) {
    persons.push_back(erasure.person);
    by_ledger[erasure.ledger.str()].push_back(erasure);
  }
  // First, and for all: from here on nothing opens, whatever becomes of the rest.
  PARLEY_RETURN_IF_ERROR(options_.keys->Destroy(persons));
  absl::Status first_error;
  erasures_.clear();
  for (auto& [ledger, erasures] : by_ledger) {
    std::set<std::string> about;
    for (const Erasure& erasure : erasures) about.insert(erasure.person);
    const auto parts = PartsAbout(LedgerId(ledger), about, erasures.back().sequence);
    const absl::Status erased = parts.ok() ? options_.log->EraseParts(LedgerId(ledger), *parts) : parts.status();
    if (erased.ok()) continue;
    first_error.Update(erased);
    erasures_.insert(erasures_.end(), erasures.begin(), erasures.end());
  }
  return first_error;
}

absl::StatusOr<std::vector<PartRef>> Eraser::PartsAbout(const LedgerId& ledger, const std::set<std::string>& persons,
                                                        uint64_t until) const {
  std::vector<PartRef> parts;
  for (uint64_t next = 0; next < until;) {
    const auto entries = options_.log->Read(ledger, next, {});
    if (absl::IsDataLoss(entries.status())) {
      ++next;  // What cannot be read cannot be erased, and opens no more: its key is gone.
      continue;
    }
    if (!entries.ok()) return entries.status();
    if (entries->empty()) break;
    for (const Entry& entry : *entries) {
      for (int i = 0; i < entry.record.personal_parts_size(); ++i) {
        if (!persons.contains(entry.record.personal_parts(i).person())) continue;
        parts.push_back({entry.sequence(), static_cast<size_t>(i) + 1});
      }
    }
    next = entries->back().sequence() + 1;
  }
  return parts;
}

uint64_t Eraser::DoneUpTo(ShardId shard) const {
  uint64_t done = shards_[static_cast<uint32_t>(shard)].next;
  for (const Erasure& erasure : erasures_) {
    if (erasure.position.shard == shard) done = std::min(done, erasure.position.offset);
  }
  return done;
}

absl::Status Eraser::Save(bool now) {
  KvBatch batch;
  for (uint32_t i = 0; i < shards_.size(); ++i) {
    const uint64_t done = DoneUpTo(ShardId{i});
    if (done == shards_[i].saved || (!now && done < shards_[i].saved + kSaveEvery)) continue;
    std::string value;
    AppendOrdered(value, done);
    batch.Put(ProgressKey(*options_.log, i), std::move(value));
    shards_[i].saved = done;
  }
  return batch.empty() ? absl::OkStatus() : options_.progress->Write(batch);
}

void Eraser::AnswerWaiters() {
  std::vector<Waiter> waiting;
  {
    std::lock_guard lock(mu_);
    waiting.swap(waiters_);
  }
  std::vector<Waiter> left;
  for (Waiter& waiter : waiting) {
    const auto position = options_.log->PositionOf(waiter.ledger, waiter.sequence);
    if (position.ok() && *position && (*position)->offset < DoneUpTo((*position)->shard)) {
      waiter.done(absl::OkStatus());
    } else if (Monotonic() >= waiter.expires) {
      waiter.done(
          absl::DeadlineExceededError("the erasure is recorded and goes on: repeat the request to wait for it"));
    } else {
      left.push_back(std::move(waiter));
    }
  }
  std::lock_guard lock(mu_);
  std::move(left.begin(), left.end(), std::back_inserter(waiters_));
}

}  // namespace parley
