#include "projections/unwritten.h"

#include <utility>

namespace parley {

bool Unwritten::Await(const std::string& ledger, const std::function<void()>& wake) {
  std::unique_lock lock(mu_);
  if (stop_) return false;
  if (ledger.empty() ? names_.empty() : !names_.contains(ledger)) return true;
  if (ledger.empty()) {
    wanted_.all = true;
  } else {
    wanted_.names.insert(ledger);
  }
  const uint64_t ticket = ++asked_;
  lock.unlock();
  wake();
  lock.lock();
  served_cv_.wait(lock, [&] { return served_ >= ticket || stop_; });
  return served_ >= ticket && failed_ < ticket;
}

void Unwritten::Want(const std::string& ledger) {
  std::lock_guard lock(mu_);
  wanted_.names.insert(ledger);
}

void Unwritten::Stop() {
  {
    std::lock_guard lock(mu_);
    stop_ = true;
  }
  served_cv_.notify_all();
}

void Unwritten::Add(const std::set<std::string>& ledgers) {
  std::lock_guard lock(mu_);
  names_.insert(ledgers.begin(), ledgers.end());
}

void Unwritten::Remove(const Ledgers& ledgers) {
  std::lock_guard lock(mu_);
  if (ledgers.all) names_.clear();
  for (const std::string& name : ledgers.names) names_.erase(name);
}

std::set<std::string> Unwritten::names() const {
  std::lock_guard lock(mu_);
  return names_;
}

bool Unwritten::Has(const std::string& ledger) const {
  std::lock_guard lock(mu_);
  return names_.contains(ledger);
}

Unwritten::Ledgers Unwritten::TakeWanted() {
  std::lock_guard lock(mu_);
  taken_ = asked_;
  return std::exchange(wanted_, {});
}

void Unwritten::Served(bool written) {
  {
    std::lock_guard lock(mu_);
    if (served_ == taken_) return;
    served_ = taken_;
    if (!written) failed_ = taken_;
  }
  served_cv_.notify_all();
}

}  // namespace parley
