#include "tests/eventstore/fault_workload.h"

#include <future>
#include <thread>

#include "absl/strings/str_cat.h"
#include "eventstore/base/status.h"
#include "tests/eventstore/log_fixture.h"

namespace parley {
namespace {

// Enough for memory buffers to be written out several times in a run.
const std::string kBallast(3000, 'x');

}  // namespace

std::vector<FaultWorkload::Step> FaultWorkload::StepsOf(int round) const {
  std::vector<Step> steps;
  for (int i = 0; i < 3; ++i) {
    steps.push_back(
        {i == 1 ? "bolt" : "acme", absl::StrCat("r", round, ".", i), static_cast<size_t>(1 + (round + i) % 3)});
  }
  return steps;
}

Commit FaultWorkload::CommitOf(const Step& step, uint64_t sequence) {
  return MakeCommit({.ledger = step.ledger, .sequence = sequence, .request_id = step.request, .event = kBallast},
                    step.entries);
}

void FaultWorkload::See(const EventLog& log) {
  for (const char* ledger : {"acme", "bolt"}) {
    const auto next = log.NextSequence(LedgerId(ledger));
    if (next.ok()) seen_[ledger] = std::max(seen_[ledger], *next);
  }
}

void FaultWorkload::Run(EventLog& log, const FaultFs& fs) {
  for (; round_ < rounds_ && !fs.off(); ++round_) {
    // The first attempt is made all at once, each commit on top of the ones before it.
    std::map<std::string, uint64_t> next;
    std::vector<std::future<void>> answers;
    const uint64_t generation = log.generation();
    const std::vector<Step> steps = StepsOf(round_);
    for (const Step& step : steps) {
      if (log.FindRequest(LedgerId(step.ledger), "ann", step.request).value_or(std::nullopt)) continue;
      if (!next.contains(step.ledger)) next[step.ledger] = log.NextSequence(LedgerId(step.ledger)).value_or(0);
      Commit commit = CommitOf(step, next[step.ledger]);
      commit.generation = generation;
      next[step.ledger] += step.entries;
      const auto answered = std::make_shared<std::promise<void>>();
      answers.push_back(answered->get_future());
      log.Append(std::move(commit), [this, answered, request = step.request](const absl::StatusOr<Appended>& appended) {
        if (appended.ok()) acknowledged_[request] = appended->first_sequence;
        answered->set_value();
      });
    }
    for (auto& answer : answers) answer.wait();
    See(log);
    for (const Step& step : steps) {
      if (!Repeat(log, fs, step)) return;
    }
  }
}

bool FaultWorkload::Repeat(EventLog& log, const FaultFs& fs, const Step& step) {
  while (true) {
    const auto found = log.FindRequest(LedgerId(step.ledger), "ann", step.request);
    See(log);
    if (found.ok() && *found) {
      acknowledged_[step.request] = (*found)->first_sequence;
      return true;
    }
    if (fs.off()) return false;
    const auto sequence = log.NextSequence(LedgerId(step.ledger));
    if (sequence.ok()) AppendAndWait(log, CommitOf(step, *sequence)).IgnoreError();
    std::this_thread::yield();
  }
}

std::vector<std::string> FaultWorkload::Check(const EventLog& log) const {
  std::vector<std::string> wrong;
  std::map<std::string, uint64_t> found;  // First sequence by request.
  for (const char* ledger : {"acme", "bolt"}) {
    const auto entries = ReadAll(log, ledger);
    if (!entries.ok()) {
      wrong.push_back(absl::StrCat(ledger, " cannot be read: ", entries.status().ToString()));
      continue;
    }
    const auto seen = seen_.find(ledger);
    if (seen != seen_.end() && entries->size() < seen->second) {
      wrong.push_back(absl::StrCat(ledger, " had ", seen->second, " entries and now has ", entries->size()));
    }
    for (size_t i = 0; i < entries->size();) {
      const std::string request = (*entries)[i].record.request_id();
      size_t of = 0;
      while (i + of < entries->size() && (*entries)[i + of].record.request_id() == request) ++of;
      if (!found.emplace(request, i).second) wrong.push_back(request + " is there twice");
      for (size_t k = 0; k < of; ++k) {
        const std::string expected = absl::StrCat(kBallast, " ", k + 1, " of ", of);
        if ((*entries)[i + k].record.event() != expected) wrong.push_back(request + " is not whole");
      }
      i += of;
    }
  }
  for (const auto& [request, sequence] : acknowledged_) {
    const auto there = found.find(request);
    if (there == found.end()) {
      wrong.push_back(request + " was acknowledged and is gone");
    } else if (there->second != sequence) {
      wrong.push_back(request + " was acknowledged elsewhere");
    }
  }
  return wrong;
}

}  // namespace parley
