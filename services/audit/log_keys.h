// The log's own signing keys. One seed per generation serves the whole server; each relationship has it under its own origin, as an
// entry in its own record, so that which key is valid follows from the size of a relationship's tree.
//
// <secrets>/log-key-<generation>.seed   32 bytes, for this user only; generations count from 1
// <secrets>/log-key-<generation>.lost   an empty file by which the operator says that this seed is lost for good: relationships that
//                                       were under it go over to the next key without a statement, for all to see
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventstore/base/ids.h"
#include "eventstore/base/random.h"
#include "eventstore/event_log.h"
#include "eventstore/proof/note.h"
#include "parley/v1/key.pb.h"
#include "services/command/pipeline.h"

namespace parley {

struct LogKeysOptions {
  std::string secrets_dir;  // Exists.
  // The first part of every origin: "<log domain>/relationships/<id>".
  std::string log_domain;
  // These outlive the keys.
  EventLog* log = nullptr;
  CommandPipeline* pipeline = nullptr;
  RandomSource* random = nullptr;
  // Whether a checkpoint was ever signed here: then there must be a key, and none is made in place of one that is missing.
  bool notes_exist = false;
};

// Thread-safe.
class LogKeys {
 public:
  struct Generation {
    uint32_t number = 0;
    std::string public_key;  // Ed25519, 32 bytes.
  };

  // Reads the seeds; makes the first where there is none, and the next where the newest is lost. FAILED_PRECONDITION where all are
  // missing although checkpoints were signed.
  static absl::StatusOr<std::unique_ptr<LogKeys>> Open(LogKeysOptions options);

  std::string OriginOf(const LedgerId& ledger) const;

  // Sees to it that the newest key stands in the ledger's record: before each checkpoint. Returns when that is durable; blocks, so
  // not on a thread of the pipeline's. FAILED_PRECONDITION where the seed before is missing and not said to be lost, or where
  // the record is ahead of the seeds that are here.
  absl::Status EnsureRegistered(const LedgerId& ledger);

  // The key that signs the ledger's tree of `size` entries: of the registered ones the latest whose entry is in that tree.
  // FAILED_PRECONDITION where there is none, or where its seed is not here.
  absl::StatusOr<NoteSigningKey> KeyFor(const LedgerId& ledger, uint64_t size) const;

  // Makes the next generation, on the disk when this returns. Each ledger goes over to it in EnsureRegistered.
  absl::StatusOr<Generation> Rotate();
  Generation newest() const;
  // Those whose seeds are here, oldest first.
  std::vector<Generation> generations() const;

 private:
  explicit LogKeys(LogKeysOptions options) : options_(std::move(options)) {}
  std::string PathOf(uint32_t generation, const char* ending) const;
  absl::Status ReadSeeds();
  absl::Status MakeNext();  // mu_ is held.
  // FAILED_PRECONDITION where it is not here.
  absl::StatusOr<std::string> SeedOf(uint32_t generation) const;
  absl::StatusOr<NoteSigningKey> SigningKey(const LedgerId& ledger, uint32_t generation) const;
  // The log's keys in the ledger's record, oldest first, of the generations known here.
  absl::StatusOr<std::vector<v1::Key>> Registered(const LedgerId& ledger) const;
  // By which `previous` hands over to `next`; empty where its seed is lost.
  absl::StatusOr<std::string> Statement(const LedgerId& ledger, const NoteVerifierKey& next,
                                        const v1::Key& previous) const;

  const LogKeysOptions options_;
  mutable std::mutex mu_;
  std::map<uint32_t, std::string> seeds_;  // Guarded by mu_.
  std::set<uint32_t> lost_;                // Not changed once opened.
};

}  // namespace parley
