// Texts about people, put in when something is shown: rows and events hold none, the entries that do hold them sealed.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventstore/base/ids.h"
#include "eventstore/entry.h"
#include "eventstore/event_log.h"
#include "eventstore/person_keys.h"

namespace parley {

// Reads one entry, from wherever there are entries. NOT_FOUND where there is none of that sequence.
using ReadEntry = std::function<absl::StatusOr<Entry>(const LedgerId& ledger, uint64_t sequence)>;
// From a log, which outlives it.
ReadEntry EntriesOf(const EventLog& log);

// Fills in the personal fields of a resource, each from the entry that `sealed_in` beside it names, if that is an entry of the
// resource's own stream and below `size`. A text whose part or key is gone stays empty: it was erased. DATA_LOSS where one is there
// and does not open. Without keys (null) nothing is filled in. Reads disk, where the resource has such fields.
absl::Status RevealResource(const ReadEntry& read_entry, const PersonKeys* keys, uint64_t size,
                            google::protobuf::Message& resource);

// The same for the event of an entry: by the paths that its record names.
absl::Status RevealEvent(const PersonKeys* keys, const Entry& entry, google::protobuf::Message& event);

}  // namespace parley
