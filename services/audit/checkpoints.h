// The checkpoints of every relationship: made, kept, cosigned.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventstore/base/ids.h"
#include "eventstore/kv_store.h"
#include "parley/v1/audit.pb.h"

namespace parley {

// What is kept of them. Not derived from the log: signatures and time-stamps cannot be made again. Thread-safe; a write is on the
// disk when it returns. Beside the store, the newest note of each ledger is a file of its own in `notes_dir`
// (`<ledger>.note`), which a restored store does not bring back to an earlier state.
class CheckpointStore {
 public:
  // `store` outlives this.
  CheckpointStore(KvStore* store, std::string notes_dir) : store_(store), notes_dir_(std::move(notes_dir)) {}

  absl::Status Put(const LedgerId& ledger, uint64_t size, const v1::CheckpointRecord& record);
  absl::StatusOr<std::optional<v1::CheckpointRecord>> Get(const LedgerId& ledger, uint64_t size) const;
  // The smallest of at least `size`, and the newest.
  absl::StatusOr<std::optional<v1::CheckpointRecord>> Covering(const LedgerId& ledger, uint64_t size) const;
  absl::StatusOr<std::optional<v1::CheckpointRecord>> Newest(const LedgerId& ledger) const;
  // From `from_size` on, in the order of sizes, until `visit` returns false.
  absl::Status ForEach(const LedgerId& ledger, uint64_t from_size,
                       const std::function<bool(uint64_t size, const v1::CheckpointRecord&)>& visit) const;
  // The newest note as the file outside the store has it.
  absl::StatusOr<std::optional<std::string>> NoteOutside(const LedgerId& ledger) const;
  // Every ledger that has such a file.
  absl::StatusOr<std::vector<LedgerId>> LedgersOutside() const;

 private:
  KvStore* const store_;
  const std::string notes_dir_;
};

}  // namespace parley
