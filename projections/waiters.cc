#include "projections/waiters.h"

namespace parley {

uint64_t Waiters::Add(Target target, Done done) {
  std::lock_guard lock(mu_);
  const uint64_t id = ++last_id_;
  by_ledger_.emplace(std::make_pair(target.ledger.str(), target.projection), id);
  waiters_.emplace(id, Waiter{std::move(target), std::move(done)});
  count_ = waiters_.size();
  return id;
}

void Waiters::Forget(std::map<uint64_t, Waiter>::iterator it) {
  const Target& target = it->second.target;
  auto [begin, end] = by_ledger_.equal_range({target.ledger.str(), target.projection});
  for (; begin != end; ++begin) {
    if (begin->second == it->first) {
      by_ledger_.erase(begin);
      break;
    }
  }
  waiters_.erase(it);
  count_ = waiters_.size();
}

bool Waiters::IsAwaited(const std::string& ledger) {
  if (count_ == 0) return false;
  std::lock_guard lock(mu_);
  const auto first = by_ledger_.lower_bound({ledger, ""});
  return first != by_ledger_.end() && first->first.first == ledger;
}

bool Waiters::Cancel(uint64_t id) {
  Done done;  // Destroyed without the lock: what it holds may cancel others.
  std::lock_guard lock(mu_);
  const auto it = waiters_.find(id);
  if (it == waiters_.end()) return false;
  done = std::move(it->second.done);
  Forget(it);
  return true;
}

void Waiters::Call(Ended ended) {
  for (auto& [done, status] : ended) done(std::move(status));
}

void Waiters::Reached(const std::string& projection, const std::string& ledger, uint64_t next_sequence) {
  End(projection, ledger, next_sequence, nullptr);
}

void Waiters::Stopped(const std::string& projection, const std::string& ledger, uint64_t next_sequence,
                      const absl::Status& why) {
  End(projection, ledger, next_sequence, &why);
}

void Waiters::End(const std::string& projection, const std::string& ledger, uint64_t next_sequence,
                  const absl::Status* why) {
  // Add counts itself in before it looks at the store, the worker writes to the store before it looks here.
  if (count_ == 0) return;
  Ended ended;
  {
    std::lock_guard lock(mu_);
    auto [begin, end] = by_ledger_.equal_range({ledger, projection});
    while (begin != end) {
      const auto it = waiters_.find((begin++)->second);
      const bool reached = it->second.target.sequence < next_sequence;
      if (!reached && why == nullptr) continue;
      ended.emplace_back(std::move(it->second.done), reached ? absl::OkStatus() : *why);
      Forget(it);
    }
  }
  Call(std::move(ended));
}

void Waiters::Recheck(const Check& check, uint64_t id) {
  std::vector<std::pair<uint64_t, Target>> targets;
  {
    std::lock_guard lock(mu_);
    auto it = id == 0 ? waiters_.begin() : waiters_.find(id);
    for (; it != waiters_.end(); ++it) {
      targets.emplace_back(it->first, it->second.target);
      if (id != 0) break;
    }
  }
  Ended ended;
  for (const auto& [waiter, target] : targets) {
    std::optional<absl::Status> status = check(target);
    if (!status) continue;
    std::lock_guard lock(mu_);
    const auto it = waiters_.find(waiter);
    if (it == waiters_.end()) continue;
    ended.emplace_back(std::move(it->second.done), *std::move(status));
    Forget(it);
  }
  Call(std::move(ended));
}

void Waiters::EndAll(const absl::Status& why) {
  Recheck([&](const Target&) { return std::optional<absl::Status>(why); });
}

}  // namespace parley
