// The entries of a bundle, one after another, without judging them.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "eventstore/entry.h"
#include "eventstore/proof/bundle.h"

namespace parley {

// Of an entry that says: from here on there is no text about this person.
inline constexpr std::string_view kErasedEvent = "person.erased";

// Calls `visit` for each entry from `from` on as it stands, until it says an error. INVALID_ARGUMENT where a tile is damaged.
absl::Status ForEachStored(const BundleDir& bundle, uint64_t from,
                           const std::function<absl::Status(uint64_t sequence, const v1::StoredEntry&)>& visit);

// The same for those whose record is there, taken apart: withheld ones are passed over. INVALID_ARGUMENT, too, where one does not
// parse.
absl::Status ForEachReadable(const BundleDir& bundle, uint64_t from,
                             const std::function<absl::Status(const Entry&)>& visit);

}  // namespace parley
