// Consistency tokens: "ledger up to and including sequence", and queries that wait until the read models have seen
// that.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/base/ids.h"
#include "eventstore/event_log.h"
#include "parley/v1/entry.pb.h"
#include "projections/runner.h"

namespace parley {

std::string EncodeConsistencyToken(const LedgerId& ledger, uint64_t sequence, std::string_view incarnation);

// CONSISTENCY_TOKEN_INVALID where `token` is malformed, of another incarnation of the log, or of another ledger than
// `ledger` (where that is not empty). Whether the log has its entry is not looked at.
absl::StatusOr<v1::ConsistencyToken> DecodeConsistencyToken(std::string_view token, const LedgerId& ledger,
                                                            const EventLog& log);

// READ_MODEL_BEHIND: it has not folded in yet what the token says.
absl::Status BehindToken(const v1::ConsistencyToken& token);

// CONSISTENCY_TOKEN_INVALID: of an entry that the log does not have.
absl::Status TokenBeyondEnd();

// Waits without holding a thread. Thread-safe.
class TokenWaiter {
 public:
  explicit TokenWaiter(Runner& runner);
  // Everyone who waits still gets DRAINING from the runner or READ_MODEL_BEHIND from here.
  ~TokenWaiter();

  using Done = std::function<void(absl::Status)>;
  enum class IfStopped { kFail, kPassOver };
  // Calls `done` once: OK when each of `projections` has folded in what the token says, or is passed over since it never will;
  // PROJECTION_STOPPED where one of them never will; READ_MODEL_BEHIND when `timeout` is over first. Maybe before this returns, maybe on
  // a thread of the runner or of this: it must not block.
  void Wait(const v1::ConsistencyToken& token, const std::vector<std::string>& projections, absl::Duration timeout,
            Done done, IfStopped if_stopped = IfStopped::kFail);

 private:
  struct Waiting;
  struct State;
  static void Finish(const std::shared_ptr<State>& state, const std::shared_ptr<Waiting>& waiting, absl::Status status);
  static void RunTimer(const std::shared_ptr<State>& state);

  const std::shared_ptr<State> state_;  // Shared with callbacks that are on their way when this ends.
  std::thread timer_;
};

}  // namespace parley
