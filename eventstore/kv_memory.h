// A KvStore in memory: the reference for the contract suite, and the store of tests and throw-away servers.
#pragma once

#include <memory>

#include "eventstore/kv_store.h"

namespace parley {

// Nothing survives the object. A write while a snapshot or a scan is alive copies the whole store: made for small data.
// Snapshots must not outlive the store.
std::unique_ptr<KvStore> NewMemoryKvStore();

}  // namespace parley
