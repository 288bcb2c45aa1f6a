// Checks a log and its index from end to end: that every promise about what is stored holds, entry by entry.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "eventstore/base/ids.h"
#include "eventstore/engine.h"
#include "eventstore/kv_store.h"

namespace parley {

struct FsckOptions {
  uint32_t shards = 1;
  size_t max_findings = 1000;  // More are counted but not listed.
};

// What can be wrong.
enum class FsckProblem {
  kRecordUnreadable,     // Checksum, layout, or a hole in the offsets.
  kEntryUnreadable,      // Does not decode.
  kCommitmentMismatch,   // A part is not what the header commits to.
  kPartMissing,          // A sealed part is gone, and the ledger has no record that its person was erased.
  kSequenceBroken,       // Not the ledger's next sequence, or several ledgers in one commit.
  kWrongShard,           // The ledger belongs to another shard.
  kRecordedAtWentBack,   // Within the ledger.
  kEffectiveAtWentBack,  // Within the stream.
  kStreamMismatch,       // The stream is not one of the header's ledger and owner.
  kRequestRepeated,      // A request id led to two commits.
  kIndexRowMissing,      // A row that the log implies is not there or says something else.
  kIndexRowExtra,        // A row that nothing in the log implies.
  kIndexAhead,           // The index has seen what the log lacks.
};
std::string_view FsckProblemName(FsckProblem problem);

struct FsckFinding {
  FsckProblem problem;
  Position position;   // Of the entry or record; {} for index rows without one.
  std::string ledger;  // Empty where it is not known.
  std::string detail;
};

struct FsckReport {
  uint64_t records = 0;
  uint64_t commits = 0;
  uint64_t entries = 0;
  uint64_t ledgers = 0;
  uint64_t index_rows = 0;
  uint64_t problems = 0;  // Those beyond max_findings included.
  std::vector<FsckFinding> findings;
  bool clean() const { return problems == 0; }
};

// Neither engine nor index is written to meanwhile. An index that lags behind the log is not a problem, since opening
// the log mends that. Damage is a finding; the status is an error only where engine or index cannot be read at all.
// Memory: a few words for each ledger, stream and index row.
absl::StatusOr<FsckReport> Fsck(const Engine& engine, const KvReader& index, const FsckOptions& options);

}  // namespace parley
