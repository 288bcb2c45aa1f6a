// What of a bundle was erased since it was fetched.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace parley {

// Drops from the bundle in `path` every sealed part about a person whom an Erased entry from sequence `from` on names; a bundle fetched
// anew would not have them. How many there were. INVALID_ARGUMENT where a tile of the bundle is damaged. Believes the entries: a
// bundle is verified first. Memory: a tile.
absl::StatusOr<uint64_t> DropErasedParts(const std::string& path, uint64_t from);

}  // namespace parley
