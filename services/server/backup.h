// Copies of a store, taken while it is in use. A backup is a directory:
//   log/          as <data>/log
//   checkpoints/  as <data>/checkpoints
//   keyring/      as <data>/keyring: people's keys, wrapped
//   SHA256SUMS    of all of them
// It has no secrets (deploy/custody.md), and nothing that is computed from the log.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "eventstore/base/checksums.h"
#include "eventstore/engine.h"
#include "eventstore/kv_store.h"

namespace parley {

struct BackupSources {
  Engine* log = nullptr;
  KvStore* checkpoints = nullptr;
  std::string keyring_dir;
};

// FIELD_INVALID where `path` is not absolute or exists; UNAVAILABLE where it cannot be written: then nothing is left there.
// May take long; one at a time.
absl::StatusOr<ChecksummedFiles> CreateBackup(const BackupSources& sources, const std::string& path);

}  // namespace parley
