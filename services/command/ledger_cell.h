// One ledger in memory: its state, and the decisions made on it.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "eventstore/base/clock.h"
#include "eventstore/base/random.h"
#include "eventstore/event_log.h"
#include "eventstore/person_keys.h"
#include "services/aggregate/ledger_state.h"
#include "services/command/command.h"
#include "services/command/progress.h"
#include "services/command/request.h"
#include "services/command/snapshots.h"

namespace parley {

// A command on its way.
struct CommandTask {
  Identity identity;
  Command command;
  CommonFields common;
  Target target;
  std::string fingerprint;
  std::function<bool()> cancelled;
  std::function<void(absl::StatusOr<Answer>)> done;
  // Puts the task back to be decided again, after another writer was faster.
  std::function<void(std::shared_ptr<CommandTask>)> retry;
  int attempts = 0;
};

// What all cells share.
struct CellEnvironment {
  EventLog* log = nullptr;
  Snapshots* snapshots = nullptr;
  Clock* clock = nullptr;
  RandomSource* random = nullptr;
  PersonKeys* person_keys = nullptr;
};

// Used by one thread at a time.
class LedgerCell {
 public:
  static absl::StatusOr<std::unique_ptr<LedgerCell>> Load(const CellEnvironment& env, const LedgerId& ledger);

  // False once an append of this ledger failed: drop the cell and load it again.
  bool usable() const { return !progress_->failed(); }
  // Takes in what other writers on the same log have added.
  absl::Status CatchUp();

  // Decides a command; its `done` is called once, when everything that the answer rests on is durable.
  void Execute(std::shared_ptr<CommandTask> task);
  // Records every deadline due by now, in order of (due, stream). Part of every Execute, too.
  absl::Status SettleDeadlines(absl::Time now);
  // Calls `done` when everything decided so far is durable.
  void WhenDurable(std::function<void(absl::Status)> done);

  // Keeps a snapshot if enough happened since the last one and everything is durable.
  void MaybeSnapshot(bool leaving);
  // Whether nothing waits for the disk.
  bool idle() const { return progress_->durable() == state_.next_sequence(); }

  const LedgerState& state() const { return state_; }
  absl::Time Now() const;

 private:
  LedgerCell(const CellEnvironment& env, LoadedState loaded);

  // A command's outcome before the disk has it.
  absl::StatusOr<Answer> Run(const CommandTask& task);
  // Answers a repeat, if it is one. True: the task is taken care of.
  absl::StatusOr<bool> HandleRepeat(const std::shared_ptr<CommandTask>& task);
  absl::StatusOr<Answer> AnswerRepeat(const CommandTask& task, const RequestRecord& original) const;
  absl::StatusOr<Actor> ActorOf(const CommandTask& task) const;
  // Of the target; picks an id where the server is to.
  std::string StreamOf(const CommandTask& task) const;
  absl::StatusOr<std::shared_ptr<google::protobuf::Message>> Preview(const CommandTask& task, const Events& events,
                                                                     const Context& context) const;
  // Appends the events and folds them in.
  absl::Status Append(const Events& events, const Context& context, const std::string& request_id,
                      const std::string& fingerprint);
  void Answered(const std::shared_ptr<CommandTask>& task, absl::StatusOr<Answer> outcome);

  const CellEnvironment env_;
  LedgerState state_;
  std::shared_ptr<Progress> progress_;
  uint64_t generation_;
  uint64_t snapshot_at_;
  // Requests whose entries are not durable yet, by actor and id; the log knows the others.
  absl::flat_hash_map<std::string, uint64_t> inflight_;
  std::deque<std::pair<uint64_t, std::string>> inflight_order_;
};

}  // namespace parley
