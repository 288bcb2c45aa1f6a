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
  wake_.notify_all();
  thread_.join();
  for (auto& [ledger, slot] : slots_) slot.cell->MaybeSnapshot(/*leaving=*/true);
}

void PipelineWorker::Enqueue(LedgerId ledger, Job job, Where where, Urgency urgency) {
  Add({.kind = Item::Kind::kJob, .ledger = std::move(ledger), .job = std::move(job), .urgency = urgency}, where);
}

void PipelineWorker::Hold(LedgerId ledger, std::function<void()> held) {
  Add({.kind = Item::Kind::kHold, .ledger = std::move(ledger), .held = std::move(held)}, Where::kWorker);
}

void PipelineWorker::Release(LedgerId ledger) {
  Add({.kind = Item::Kind::kRelease, .ledger = std::move(ledger)}, Where::kWorker);
}

bool PipelineWorker::Quick(const Item& item) const {
  return item.kind == Item::Kind::kJob && slots_.contains(item.ledger);
}

void PipelineWorker::Add(Item item, Where where) {
  std::unique_lock lock(mu_);
  if (where == Where::kHereIfIdle && !running_ && items_.empty() && Quick(item)) {
    running_ = true;
    lock.unlock();
    Handle(item);
    lock.lock();
    running_ = false;
    if (items_.empty() && !stop_) return;
  } else {
    items_.push_back(std::move(item));
    if (running_) return;  // Whoever runs sees to it.
  }
  wake_.notify_one();  // Under the lock: once it is let go, the worker may end.
}

void PipelineWorker::Run() {
  std::deque<Item> batch;
  std::unique_lock lock(mu_);
  while (true) {
    wake_.wait(lock, [&] { return !running_ && (stop_ || !items_.empty()); });
    if (items_.empty()) return;
    batch.swap(items_);
    running_ = true;
    lock.unlock();
    for (Item& item : batch) Handle(item);
    batch.clear();
    lock.lock();
    running_ = false;
  }
}

void PipelineWorker::Handle(Item& item) {
  const auto hold = held_.find(item.ledger);
  switch (item.kind) {
    case Item::Kind::kHold:
      held_.try_emplace(item.ledger);
      item.held();
      break;
    case Item::Kind::kRelease:
      if (hold != held_.end()) {
        const std::deque<Job> waiting = std::move(hold->second);
        held_.erase(hold);
        for (const Job& job : waiting) RunJob(item.ledger, job);
      }
      break;
    case Item::Kind::kJob:
      if (hold != held_.end() && item.urgency == Urgency::kOrdinary) {
        hold->second.push_back(std::move(item.job));
      } else {
        RunJob(item.ledger, item.job);
      }
      break;
  }
}

void PipelineWorker::RunJob(const LedgerId& ledger, const Job& job) {
  job(CellOf(ledger));
  Account(ledger);
  Evict();
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
  // Always, also where nothing changed: the scheduler forgets what it has woken a ledger for.
  if (const absl::Time due = slot.cell->state().NextDue(); due < absl::InfiniteFuture())
    scheduler_->Expect(ledger, due);
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
