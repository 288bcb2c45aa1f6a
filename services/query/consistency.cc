#include "services/query/consistency.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <utility>

#include "eventstore/base/clock.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "services/query/base64url.h"

namespace parley {
namespace {

absl::Status Invalid(std::string_view why) {
  return Reject(v1::REASON_CONSISTENCY_TOKEN_INVALID, "consistency_token: " + std::string(why))
      .Field("consistency_token", why);
}

}  // namespace

absl::Status BehindToken(const v1::ConsistencyToken& token) {
  return Reject(v1::REASON_READ_MODEL_BEHIND, "the read model did not reach the consistency token in time")
      .With("ledger", token.ledger())
      .With("sequence", std::to_string(token.sequence()));
}

std::string EncodeConsistencyToken(const LedgerId& ledger, uint64_t sequence, std::string_view incarnation) {
  v1::ConsistencyToken token;
  token.set_ledger(ledger.str());
  token.set_sequence(sequence);
  token.set_incarnation(std::string(incarnation));
  return EncodeBase64Url(Canonical(token));
}

absl::StatusOr<v1::ConsistencyToken> DecodeConsistencyToken(std::string_view text, const LedgerId& ledger,
                                                            const EventLog& log) {
  const auto bytes = DecodeBase64Url(text);
  v1::ConsistencyToken token;
  if (!bytes || !token.ParseFromString(*bytes) || token.ledger().empty()) return Invalid("it is malformed");
  if (token.incarnation() != log.incarnation()) {
    return Invalid("it is of a history that was replaced when the log was restored");
  }
  if (!ledger.empty() && token.ledger() != ledger.str()) return Invalid("it is of another relationship");
  return token;
}

absl::Status TokenBeyondEnd() { return Invalid("it is of an entry that does not exist"); }

struct TokenWaiter::Waiting {
  v1::ConsistencyToken token;
  std::pair<absl::Duration, uint64_t> at;  // Its place in by_deadline, if it is there.
  Done done;
  size_t missing = 0;
  bool finished = false;
  std::vector<uint64_t> subscriptions;
};

struct TokenWaiter::State {
  Runner& runner;
  std::mutex mu;  // Over everything below, and over what is in it.
  std::condition_variable cv;
  bool stop = false;
  uint64_t last_id = 0;
  std::map<std::pair<absl::Duration, uint64_t>, std::shared_ptr<Waiting>> by_deadline;  // Monotonic().
};

TokenWaiter::TokenWaiter(Runner& runner)
    : state_(new State{.runner = runner}), timer_([state = state_] { RunTimer(state); }) {}

TokenWaiter::~TokenWaiter() {
  {
    std::lock_guard lock(state_->mu);
    state_->stop = true;
  }
  state_->cv.notify_all();
  timer_.join();
  while (true) {
    std::shared_ptr<Waiting> next;
    {
      std::lock_guard lock(state_->mu);
      if (state_->by_deadline.empty()) return;
      next = state_->by_deadline.begin()->second;
    }
    Finish(state_, next, BehindToken(next->token));
  }
}

void TokenWaiter::Finish(const std::shared_ptr<State>& state, const std::shared_ptr<Waiting>& waiting,
                         absl::Status status) {
  std::vector<uint64_t> subscriptions;
  Done done;
  {
    std::lock_guard lock(state->mu);
    if (waiting->finished) return;
    if (status.ok() && --waiting->missing > 0) return;
    waiting->finished = true;
    state->by_deadline.erase(waiting->at);
    subscriptions.swap(waiting->subscriptions);
    done = std::move(waiting->done);
  }
  for (const uint64_t subscription : subscriptions) state->runner.Cancel(subscription);
  done(std::move(status));
}

void TokenWaiter::Wait(const v1::ConsistencyToken& token, const std::vector<std::string>& projections,
                       absl::Duration timeout, Done done, IfStopped if_stopped) {
  auto waiting = std::make_shared<Waiting>();
  waiting->token = token;
  waiting->done = std::move(done);
  waiting->missing = projections.size() + 1;  // This call counts too, until everything is asked for.
  const absl::Duration deadline = Monotonic() + timeout;
  for (const std::string& projection : projections) {
    const uint64_t subscription =
        state_->runner.NotifyWhenApplied(projection, LedgerId(token.ledger()), token.sequence(),
                                         [state = state_, waiting, if_stopped](absl::Status status) {
                                           if (if_stopped == IfStopped::kPassOver) status = absl::OkStatus();
                                           Finish(state, waiting, std::move(status));
                                         });
    std::unique_lock lock(state_->mu);
    const bool finished = waiting->finished;
    if (!finished) waiting->subscriptions.push_back(subscription);
    lock.unlock();
    if (finished) state_->runner.Cancel(subscription);
  }
  Finish(state_, waiting, absl::OkStatus());
  {
    std::lock_guard lock(state_->mu);
    if (waiting->finished) return;  // Mostly: then there is nothing to time.
    waiting->at = {deadline, ++state_->last_id};
    const auto [place, added] = state_->by_deadline.emplace(waiting->at, waiting);
    if (place != state_->by_deadline.begin()) return;  // The timer looks earlier anyway.
  }
  state_->cv.notify_all();
}

void TokenWaiter::RunTimer(const std::shared_ptr<State>& state) {
  std::unique_lock lock(state->mu);
  while (!state->stop) {
    if (state->by_deadline.empty()) {
      state->cv.wait(lock);
      continue;
    }
    const std::shared_ptr<Waiting> first = state->by_deadline.begin()->second;
    const absl::Duration left = first->at.first - Monotonic();
    if (left > absl::ZeroDuration()) {
      state->cv.wait_for(lock, absl::ToChronoMilliseconds(std::min(left, absl::Hours(1)) + absl::Milliseconds(1)));
      continue;
    }
    lock.unlock();
    Finish(state, first, BehindToken(first->token));
    lock.lock();
  }
}

}  // namespace parley
