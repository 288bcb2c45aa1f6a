// The rules of keys: whose they are, how one takes another's place, for which sizes of the tree each is valid.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "parley/v1/key.pb.h"
#include "services/aggregate/aggregate.h"
#include "services/aggregate/context.h"

namespace parley {

struct RecordedCommand;

void Evolve(v1::Key& key, const v1::KeyEvent& event, const EventInfo& info);

// A party's key: for its administrators, before a charter binds and after the relationship ended, too, since what is left to
// prove is. The log's: for the system only, under the id "log-<generation>".
absl::StatusOr<Events> Decide(const v1::Key&, const v1::RegisterKeyRequest&, const Context&);
absl::StatusOr<Events> Decide(const v1::Key&, const v1::RevokeKeyRequest&, const Context&);
absl::StatusOr<Events> Redecide(const v1::Key&, const RecordedCommand&, const Context&);

// Whether a signature of this key over the tree of `size` entries counts: the entry that registered it is in that tree, the one
// that ended it is not.
bool ValidAt(const v1::Key& key, uint64_t size);

// The id of the log's key of a generation (from 1): "log-1"; and back, 0 where `id` is none such.
std::string LogKeyId(uint32_t generation);
uint32_t LogKeyGeneration(std::string_view id);

}  // namespace parley
