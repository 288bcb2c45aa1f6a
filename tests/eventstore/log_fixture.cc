#include "tests/eventstore/log_fixture.h"

#include <thread>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"

namespace parley {

v1::StoredEntry MakeEntry(const EntrySpec& spec) {
  static SystemRandom random;
  NewEntry entry;
  entry.ledger = LedgerId(spec.ledger);
  entry.sequence = spec.sequence;
  entry.recorded_at = spec.recorded_at;
  entry.record.set_stream(StreamOf(spec.ledger, spec.id));
  entry.record.set_event_type("decision.proposed");
  entry.record.set_schema_version(1);
  *entry.record.mutable_effective_at() = ToProto(spec.effective_at);
  entry.record.set_actor(spec.actor);
  entry.record.set_request_id(spec.request_id);
  if (!spec.request_id.empty()) entry.record.set_request_fingerprint("fingerprint of " + spec.request_id);
  entry.record.set_event(spec.event);
  entry.personal = spec.personal;
  return EncodeEntry(entry, random);
}

Commit MakeCommit(EntrySpec first, size_t entries) {
  Commit commit;
  commit.ledger = LedgerId(first.ledger);
  const std::string event = first.event;
  for (size_t i = 0; i < entries; ++i, ++first.sequence) {
    first.event = absl::StrCat(event, " ", i + 1, " of ", entries);
    commit.entries.push_back(MakeEntry(first));
  }
  return commit;
}

absl::StatusOr<Appended> AppendAndWait(EventLog& log, Commit commit) {
  std::promise<absl::StatusOr<Appended>> answer;
  const uint64_t generation = log.generation();
  commit.generation = generation;
  log.Append(std::move(commit), [&](absl::StatusOr<Appended> appended) { answer.set_value(std::move(appended)); });
  absl::StatusOr<Appended> appended = answer.get_future().get();
  while (!appended.ok() && log.generation() == generation) std::this_thread::yield();
  return appended;
}

absl::StatusOr<std::vector<Entry>> ReadAll(const EventLog& log, const std::string& ledger) {
  std::vector<Entry> all;
  while (true) {
    PARLEY_ASSIGN_OR_RETURN(auto entries, log.Read(LedgerId(ledger), all.size(), {}));
    if (entries.empty()) return all;
    for (Entry& entry : entries) all.push_back(std::move(entry));
  }
}

std::vector<std::string> EventsOf(const std::vector<Entry>& entries) {
  std::vector<std::string> events;
  for (const Entry& entry : entries) events.push_back(entry.record.event());
  return events;
}

}  // namespace parley
