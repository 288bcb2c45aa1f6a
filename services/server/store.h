// The directory of a server: what is where, opened.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "eventstore/base/random.h"
#include "eventstore/engine.h"
#include "eventstore/event_log.h"
#include "eventstore/kv_store.h"
#include "eventstore/person_keys.h"

namespace parley {

struct Store {
  std::unique_ptr<Engine> engine;    // <data>/log: the record itself.
  std::unique_ptr<KvStore> derived;  // <data>/derived: the log's index, and snapshots of ledgers' states.
  std::unique_ptr<KvStore> views;    // <data>/views: the read models.
  // <data>/checkpoints: signed notes and what speaks for them. Not computed from anything.
  std::unique_ptr<KvStore> checkpoints;
  std::string fingerprint_key;  // <data>/secrets/fingerprint.key: tells repeats of requests.
  std::string page_token_key;   // <data>/secrets/page-token.key: authenticates page tokens.
  // <data>/keyring: people's keys, wrapped; the keys that wrap them in <data>/secrets.
  std::unique_ptr<PersonKeys> person_keys;
  std::unique_ptr<EventLog> log;  // Over engine and derived.
};

// Opens what is in `data_dir`, or makes it. One process at a time.
absl::StatusOr<Store> OpenStore(const std::string& data_dir, RandomSource& random);

}  // namespace parley
