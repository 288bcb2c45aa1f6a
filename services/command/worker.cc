#include "services/command/worker.h"

#include "services/command/scheduler.h"

namespace parley {

PipelineWorker::PipelineWorker(const CellEnvironment& env, DeadlineScheduler* scheduler, size_t cache_bytes)
    : env_(env), scheduler_(scheduler), cache_bytes_(cache_bytes), thread_([this] { Run(); }) {}

PipelineWorker::~PipelineWorker() {
  {
    std::lock_guard lock(mu_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
  for (auto& [ledger, slot] : slots_) slot.cell->MaybeSnapshot(/*leaving=*/true);
}

void PipelineWorker::Enqueue(LedgerId ledger, Job job) {
  {
    std::lock_guard lock(mu_);
    jobs_.emplace_back(std::move(ledger), std::move(job));
  }
  wake_.notify_one();
}

void PipelineWorker::Run() {
  std::deque<std::pair<LedgerId, Job>> batch;
  while (true) {
    {
      std::unique_lock lock(mu_);
      wake_.wait(lock, [&] { return stop_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      batch.swap(jobs_);
    }
    for (auto& [ledger, job] : batch) {
      job(CellOf(ledger));
      Account(ledger);
      Evict();
    }
    batch.clear();
  }
}

absl::StatusOr<LedgerCell*> PipelineWorker::CellOf(const LedgerId& ledger) {
  auto it = slots_.find(ledger);
  if (it != slots_.end()) {
    const absl::Status caught_up = it->second.cell->CatchUp();
    if (caught_up.ok() && it->second.cell->usable()) {
      recency_.splice(recency_.begin(), recency_, it->second.recency);
      return it->second.cell.get();
    }
    Drop(ledger);
    if (!caught_up.ok()) return caught_up;
  }
  auto cell = LedgerCell::Load(env_, ledger);
  if (!cell.ok()) return cell.status();
  recency_.push_front(ledger);
  Slot& slot = slots_[ledger];
  slot.cell = *std::move(cell);
  slot.recency = recency_.begin();
  return slot.cell.get();
}

void PipelineWorker::Account(const LedgerId& ledger) {
  const auto it = slots_.find(ledger);
  if (it == slots_.end()) return;
  Slot& slot = it->second;
  bytes_ += slot.cell->state().bytes() - slot.bytes;
  slot.bytes = slot.cell->state().bytes();
  slot.cell->MaybeSnapshot(/*leaving=*/false);
  if (const auto deadline = slot.cell->state().NextDeadline()) scheduler_->Expect(ledger, deadline->due);
  if (slot.cell->state().next_sequence() == 0)
    Drop(ledger);  // Nobody fills memory by naming ledgers that are not there.
}

void PipelineWorker::Evict() {
  // A cell that waits for the disk stays: its appends must fail or succeed on the state they were decided on.
  for (auto it = recency_.end(); bytes_ > cache_bytes_ && it != recency_.begin();) {
    const LedgerId ledger = *--it;
    Slot& slot = slots_.at(ledger);
    if (!slot.cell->idle()) continue;
    slot.cell->MaybeSnapshot(/*leaving=*/true);
    ++it;  // Drop takes the list node away.
    Drop(ledger);
  }
}

void PipelineWorker::Drop(const LedgerId& ledger) {
  const auto it = slots_.find(ledger);
  bytes_ -= it->second.bytes;
  recency_.erase(it->second.recency);
  slots_.erase(it);
}

}  // namespace parley
