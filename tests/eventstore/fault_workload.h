// A load on a log whose file system fails, and the check of what is left: what was acknowledged, or only seen, is
// there, in order, once.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "eventstore/event_log.h"
#include "tests/support/fault_fs.h"

namespace parley {

class FaultWorkload {
 public:
  // `rounds` of three commits each, several at a time, in two ledgers.
  explicit FaultWorkload(int rounds) : rounds_(rounds) {}

  // Runs what is left of the load: repeats what failed under the same request id, gives up when the power goes.
  void Run(EventLog& log, const FaultFs& fs);
  // Commits whose fate the client knows to be: durable.
  size_t acknowledged() const { return acknowledged_.size(); }
  bool done() const { return round_ == rounds_; }

  // What is wrong with `log`, in words; empty where everything that was answered or seen holds.
  std::vector<std::string> Check(const EventLog& log) const;

 private:
  struct Step {
    std::string ledger;
    std::string request;
    size_t entries = 0;
  };
  std::vector<Step> StepsOf(int round) const;
  static Commit CommitOf(const Step& step, uint64_t sequence);
  // Notes what a reader can see now: it must never go away again.
  void See(const EventLog& log);
  bool Repeat(EventLog& log, const FaultFs& fs, const Step& step);

  const int rounds_;
  int round_ = 0;
  std::map<std::string, uint64_t> acknowledged_;  // First sequence by request.
  std::map<std::string, uint64_t> seen_;          // Length by ledger.
};

}  // namespace parley
