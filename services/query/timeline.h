// A relationship's history as its members see it: pages, and a live feed. Read from the log; the read models only say
// who may read, and when there is more.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "parley/v1/membership.pb.h"
#include "parley/v1/timeline.pb.h"
#include "projections/runner.h"
#include "services/query/proofs.h"
#include "services/query/query.h"

namespace parley {

// Adds the handler of ListTimelineEntries.
void AddTimeline(std::map<std::string, QueryHandler>& handlers);

// An entry as a member may see it: of another party's own entries, that they are there.
// With the texts about people that are still there.
absl::StatusOr<v1::TimelineEntry> RenderEntry(const Entry& entry, const v1::Membership& reader, const PersonKeys* keys,
                                              const ProvenUpTo& proven);

absl::Status CheckSelection(const v1::TimelineSelection& selection);
bool Selected(const v1::TimelineSelection& selection, const v1::TimelineEntry& entry);

// What WatchTimeline sends, pulled as fast as the receiver takes it. Not thread-safe, but for NotifyWhenMore's
// callback.
class TimelineWatch {
 public:
  // FIELD_INVALID, NOT_FOUND. What is passed in outlives the watch.
  static absl::StatusOr<std::unique_ptr<TimelineWatch>> Open(const EventLog& log, const PersonKeys* keys,
                                                             const ReadSource& store, Runner& runner, Caller caller,
                                                             const v1::WatchTimelineRequest& request,
                                                             ReadProven proven = nullptr);
  ~TimelineWatch();

  // The next entries that are there, at most `max`, maybe none. NOT_FOUND once the caller may not read them any more.
  absl::StatusOr<std::vector<v1::TimelineEntry>> Next(size_t max);
  // Whether everything that was there when Next was called last has been given out.
  bool caught_up() const { return caught_up_; }
  // Calls `more` once, when there is more to ask for (or an error that ends the watch), maybe before this returns,
  // maybe on another thread: it must not block.
  void NotifyWhenMore(std::function<void(absl::Status)> more);
  // Lets go of the callback that was handed to NotifyWhenMore last, and of any to come: for whoever is kept alive by it.
  void Stop();

 private:
  TimelineWatch(const EventLog& log, const PersonKeys* keys, const ReadSource& store, Runner& runner, Caller caller,
                LedgerId ledger, const v1::WatchTimelineRequest& request, ReadProven proven)
      : log_(log),
        keys_(keys),
        store_(store),
        runner_(runner),
        caller_(std::move(caller)),
        ledger_(std::move(ledger)),
        selection_(request.selection()),
        proven_(std::move(proven)),
        next_(request.start_sequence()) {}

  const EventLog& log_;
  const PersonKeys* const keys_;
  const ReadSource& store_;
  Runner& runner_;
  const Caller caller_;
  const LedgerId ledger_;
  const v1::TimelineSelection selection_;
  const ReadProven proven_;
  uint64_t next_;
  bool caught_up_ = false;
  std::mutex mu_;
  uint64_t waiter_ = 0;
  bool stopped_ = false;
};

}  // namespace parley
