// What the log's tests share: commits to append, and appends that wait.
#pragma once

#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "eventstore/entry.h"
#include "eventstore/event_log.h"
#include "gtest/gtest.h"

namespace parley {

inline const absl::Time kDay = absl::FromUnixSeconds(1'700'000'000);

inline std::string StreamOf(const std::string& ledger, const std::string& id = "d1") {
  return absl::StrCat("relationships/", ledger, "/decisions/", id);
}

struct EntrySpec {
  std::string ledger = "acme";
  uint64_t sequence = 0;
  std::string id = "d1";  // Of the decision whose stream it is.
  std::string actor = "ann";
  std::string request_id = "";
  std::string event = "event";
  absl::Time recorded_at = kDay;
  absl::Time effective_at = kDay;
  std::vector<NewPersonalPart> personal = {};
};

v1::StoredEntry MakeEntry(const EntrySpec& spec);

// A commit of `entries` like `first`, in sequence, their events "<event> <number> of <entries>".
Commit MakeCommit(EntrySpec first, size_t entries = 1);

// Appends under the log's generation and waits for the answer, and after a refusal for the next generation, so that the
// caller's next append counts as decided afterwards.
absl::StatusOr<Appended> AppendAndWait(EventLog& log, Commit commit);

// Everything in a ledger, or what kept it from being read.
absl::StatusOr<std::vector<Entry>> ReadAll(const EventLog& log, const std::string& ledger);
// The events of a ledger's entries.
std::vector<std::string> EventsOf(const std::vector<Entry>& entries);

}  // namespace parley
