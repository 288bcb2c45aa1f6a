// Which attribute of an event log means what. A mapping is a small JSON file:
//
//   {
//     "version": 1,
//     "source": "servicedesk",                  the source system's name, in lower case: part of every source id
//     "activity": "concept:name",               the attributes' keys; activity must be given, of the others those that
//     "status": "lifecycle:transition",         the log has
//     "team": "org:group",
//     "site": "resource country",
//     "person": "org:resource",                 its values become handles
//     "org_line": "organization involved",      by whose value the party is found in "parties"
//     "parties": {"Org line X": "buyer"},       org line to party id
//     "default_party": "provider",              for org lines not listed; without it an unlisted one is an error
//     "waiting": ["Wait - User"],               statuses that stop the clock
//     "metrics": [{                             monthly metrics to compute from the log: the share of the cases
//     resolved in
//       "id": "resolved-within-5-days",         a month that took at most so long
//       "title": "Incidents resolved within 5 days",
//       "resolved": ["Resolved", "Closed"],     statuses in which a case counts as resolved
//       "within_hours": 120,
//       "expected_percent": 80,                 optional, whole numbers: the levels of the metric's definition
//       "target_percent": 90
//     }]
//   }
//
// An unknown member is an error, so that a misspelt one is noticed.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/import/xes_reader.h"

namespace parley {

struct XesMetric {
  std::string id;
  std::string title;
  std::set<std::string, std::less<>> resolved;
  int64_t within_hours = 0;
  std::optional<int> expected_percent;
  std::optional<int> target_percent;
};

struct XesMapping {
  std::string source;
  std::string activity, status, team, site, person, org_line;  // Attribute keys; empty: the log has none.
  std::map<std::string, std::string, std::less<>> parties;
  std::string default_party;
  std::set<std::string, std::less<>> waiting;
  std::vector<XesMetric> metrics;

  // Errors are ImportError(kInvalidMapping) and name the member.
  static absl::StatusOr<XesMapping> Parse(std::string_view json);
  static absl::StatusOr<XesMapping> Load(const std::string& path);
  // For incident logs of the shape of the BPI Challenge 2013.
  static XesMapping Default();
  // The same as a file to start from.
  static std::string_view DefaultJson();

  // What the reader has to pass on for this mapping.
  XesOptions ReaderOptions() const;
  bool IsWaiting(const XesEvent& event) const { return waiting.contains(event.Value(status)); }
};

// One event in Parley's terms.
struct ImportedActivity {
  std::string source;
  std::string source_id;  // "<case>.<index in case>": the same in every run.
  std::string case_id;
  std::string activity;
  std::string status;
  std::string party;
  std::string team;
  std::string site;
  std::string person;  // A handle.
  absl::Time time;
  bool waiting = false;  // The clock stands from here to the case's next event.
};

// Fails where the event has no activity, or its org line belongs to no party.
absl::StatusOr<ImportedActivity> MapEvent(const XesMapping& mapping, const XesTrace& trace, const XesEvent& event);

}  // namespace parley
