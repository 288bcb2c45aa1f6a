// What the ledger knows of each kind of aggregate, so that the pipeline, the projections and fsck treat all alike.
//
// An area <a> has, in services/<a>/<a>.h and namespace parley, three to seven free functions over its resource message R
// and its event message E (a message with `oneof kind`):
//   void Evolve(R&, const E&, const EventInfo&);                      total: any event, any state
//   absl::StatusOr<Events> Decide(const R&, const SomeRequest&, const Context&);   one per mutating request
//   absl::StatusOr<Events> Redecide(const R&, const RecordedCommand&, const Context&);   recheck.h says what for
//   std::vector<Deadline> Deadlines(const R&);                        only if it has deadlines
//   absl::StatusOr<Events> Expire(const R&, const Deadline&, const Context&);      likewise
//   void Upcast(E&, uint32_t from_version);                           only if a stored event has had earlier schemas
//   bool BlocksExit(const R&);                                        only if a relationship must not end with it open
// and one line in registry.cc.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/entry.h"
#include "services/aggregate/events.h"

namespace parley {

class Context;
struct RecordedCommand;

// What an entry says about its event.
struct EventInfo {
  std::string stream;
  uint64_t sequence = 0;
  absl::Time recorded_at;
  absl::Time effective_at;
  std::string actor;
  std::string party;  // Empty for the system.
  std::string role;
  bool historical = false;
};

// A moment at which the ledger itself acts. Ordered by (due, stream).
struct Deadline {
  absl::Time due;
  std::string stream;      // Filled in by the ledger.
  std::string kind;        // "review", "window", …: unique in the stream together with `occurrence`.
  std::string occurrence;  // Which one of its kind, for example "2" or "2024-03".

  friend bool operator<(const Deadline& a, const Deadline& b) {
    return std::tie(a.due, a.stream, a.kind, a.occurrence) < std::tie(b.due, b.stream, b.kind, b.occurrence);
  }
  bool operator==(const Deadline&) const = default;
};

// One event type whose schema is past version 1.
struct EventSchema {
  std::string_view kind;  // Field name in the oneof.
  uint32_t version;
};

// One kind of aggregate, type-erased.
struct AggregateType {
  std::string_view collection;                // As in resource names: "decisions".
  std::string_view prefix;                    // Of event types: "decision" in "decision.proposed".
  const google::protobuf::Message* resource;  // Default instances.
  const google::protobuf::Message* event;
  // A stream of this kind holds one event, ever; the ledger remembers that it exists, not its state.
  bool single_event = false;
  // May also live under a party: relationships/{r}/parties/{p}/….
  bool may_be_private = false;
  std::vector<EventSchema> schemas = {};  // Event types not listed are at version 1.

  void (*evolve)(google::protobuf::Message&, const google::protobuf::Message&, const EventInfo&) = nullptr;
  std::vector<Deadline> (*deadlines)(const google::protobuf::Message&) = nullptr;
  absl::StatusOr<Events> (*expire)(const google::protobuf::Message&, const Deadline&, const Context&) = nullptr;
  void (*upcast)(google::protobuf::Message&, uint32_t) = nullptr;
  bool (*blocks_exit)(const google::protobuf::Message&) = nullptr;
  absl::StatusOr<Events> (*redecide)(const google::protobuf::Message&, const RecordedCommand&,
                                     const Context&) = nullptr;

  uint32_t SchemaVersion(std::string_view kind) const;
};

// Every kind of aggregate there is: the one list, in registry.cc.
const std::vector<AggregateType>& Aggregates();
// By collection, and by resource message; null where unknown.
const AggregateType* AggregateOfCollection(std::string_view collection);
const AggregateType* AggregateOfResource(const google::protobuf::Descriptor* resource);

// Bumped whenever an Evolve changes what it makes of stored events, or a snapshot says more: snapshots of other versions
// are not used.
inline constexpr uint32_t kFoldVersion = 2;

// An event as code sees it: typed, at the current schema version.
struct RecordedEvent {
  const AggregateType* type = nullptr;
  std::shared_ptr<const google::protobuf::Message> event;
  std::string kind;   // Field name in the oneof: "proposed".
  std::string owner;  // Party id; empty: joint.
  EventInfo info;
  // Personal fields that were taken out of the event and sealed, in the order of their parts.
  std::vector<v1::PersonalPart> personal = {};

  template <class E>
  const E* As() const {
    return type->event == &E::default_instance() ? static_cast<const E*>(event.get()) : nullptr;
  }
};

// Takes an entry's record apart and upcasts its event. DATA_LOSS (LEDGER_QUARANTINED) where the type or version is
// unknown or the bytes are not such an event: never skipped silently.
absl::StatusOr<RecordedEvent> DecodeEvent(const Entry& entry);

// The field name of the kind that is set: "proposed". Empty where none is.
std::string EventKind(const google::protobuf::Message& event);

// Sets `name`, `etag`, `create_time` and `update_time`, which every resource has, from the event just folded in. The etag
// is the sequence of the stream's latest entry.
void StampResource(google::protobuf::Message& resource, const EventInfo& info);

}  // namespace parley
