// Where read models are written while they are folded.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "eventstore/kv_store.h"

namespace parley {

// An empty store in the directory `path`, which is made, or emptied where it is there. On disk, so that memory does not grow with a
// relationship's history. UNAVAILABLE where the directory cannot be used.
absl::StatusOr<std::unique_ptr<KvStore>> NewScratchStore(const std::string& path);

}  // namespace parley
