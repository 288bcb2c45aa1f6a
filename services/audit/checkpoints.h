// The checkpoints of every relationship: kept, and found again.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/base/ids.h"
#include "eventstore/kv_store.h"
#include "eventstore/proof/note.h"
#include "parley/v1/audit.pb.h"

namespace parley {

// What a note's text says. INVALID_ARGUMENT where it is no note of a checkpoint; its signatures are not looked at.
absl::StatusOr<Checkpoint> CheckpointOf(std::string_view note);

// What the newest signed checkpoint of a ledger covers.
struct SignedSize {
  LedgerId ledger;
  uint64_t entries = 0;
};

// What the notes in `notes_dir` say, in the order of names. Needs no store, so that thousands of files can be read while that is opened.
// FAILED_PRECONDITION where one is no checkpoint.
absl::StatusOr<std::vector<SignedSize>> SignedSizesOutside(const std::string& notes_dir);

// What is kept of them. Not derived from the log: signatures and time-stamps cannot be made again. Thread-safe; a write is on the
// disk when it returns. Beside the store, the newest note of each ledger is a file of its own in `notes_dir`
// (`<ledger>.note`), which a restored store does not bring back to an earlier state.
//
// Rows: "c/" || ledger || "/" || size, 8 bytes, big-endian: a CheckpointRecord. "domain": the log domain of every origin.
class CheckpointStore {
 public:
  // `store` outlives this; `notes_dir` is there.
  CheckpointStore(KvStore* store, std::string notes_dir) : store_(store), notes_dir_(std::move(notes_dir)) {}

  // Origins are signed: FAILED_PRECONDITION where the store has been used with another log domain.
  absl::Status PinDomain(const std::string& domain);

  // Whether a checkpoint was ever kept, in the store or outside.
  absl::StatusOr<bool> AnySigned() const;

  // Makes or replaces the record of that size. The file outside is written first, so that it is never behind the store, and keeps the
  // note of the largest size that it was ever given.
  absl::Status Put(const LedgerId& ledger, uint64_t size, const v1::CheckpointRecord& record);
  // Changes the record of that size, with nobody else changing it meanwhile; returns what it is then. NOT_FOUND where there is none, or
  // what `change` says: then nothing is written.
  absl::StatusOr<v1::CheckpointRecord> Update(const LedgerId& ledger, uint64_t size,
                                              const std::function<absl::Status(v1::CheckpointRecord&)>& change);
  // The file outside only: for a note that this server signed and does not have any more.
  absl::Status PutOutside(const LedgerId& ledger, uint64_t size, const std::string& note);
  // Takes from the file outside what the store lacks, since it was put back to an earlier state: the checkpoint, as of `create_time`, or
  // cosignatures of one that it has. Of a file about another root than the store's nothing is taken.
  absl::Status TakeFromOutside(const LedgerId& ledger, absl::Time create_time);
  // A note that contradicts the history here (`<ledger>.fork` beside the others), the first one: kept until somebody removes the file.
  absl::Status PutFork(const LedgerId& ledger, const std::string& note);
  absl::StatusOr<std::optional<std::string>> Fork(const LedgerId& ledger) const;
  absl::StatusOr<std::optional<v1::CheckpointRecord>> Get(const LedgerId& ledger, uint64_t size) const;
  // The smallest of at least `size`, and the newest.
  absl::StatusOr<std::optional<v1::CheckpointRecord>> Covering(const LedgerId& ledger, uint64_t size) const;
  absl::StatusOr<std::optional<v1::CheckpointRecord>> Newest(const LedgerId& ledger) const;
  // From `from_size` on, in the order of sizes, until `visit` returns false.
  absl::Status ForEach(const LedgerId& ledger, uint64_t from_size,
                       const std::function<bool(uint64_t size, const v1::CheckpointRecord&)>& visit) const;
  // The same downwards, from the newest.
  absl::Status ForEachNewestFirst(const LedgerId& ledger,
                                  const std::function<bool(uint64_t size, const v1::CheckpointRecord&)>& visit) const;
  // The newest note as the file outside the store has it.
  absl::StatusOr<std::optional<std::string>> NoteOutside(const LedgerId& ledger) const;
  // Every ledger that has a file there, in name order.
  absl::StatusOr<std::vector<LedgerId>> LedgersOutside() const;

 private:
  std::string NotePath(const LedgerId& ledger) const;
  std::string ForkPath(const LedgerId& ledger) const;
  // mu_ is held.
  absl::Status Write(const LedgerId& ledger, uint64_t size, const v1::CheckpointRecord& record);
  absl::Status WriteOutside(const LedgerId& ledger, uint64_t size, const std::string& note);

  KvStore* const store_;
  const std::string notes_dir_;
  std::mutex mu_;  // Held while writing.
};

}  // namespace parley
