// A record of the log as bytes: a serialised StoredGroup, put together from commits that are serialised already, and
// taken apart without parsing what nobody asked for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "parley/v1/entry.pb.h"

namespace parley {

// A serialised StoredGroup of serialised StoredCommits.
std::string EncodeGroup(const std::vector<std::string_view>& commits);

// Serialises one more entry onto the end of a serialised StoredCommit.
void AppendToCommit(const v1::StoredEntry& entry, std::string& commit);

// A serialised StoredCommit of serialised StoredEntries.
std::string EncodeCommit(const std::vector<std::string_view>& entries);

// The serialised StoredEntries of one commit; points into the group's bytes.
using CommitView = std::vector<std::string_view>;

// Takes a group apart. DATA_LOSS (LEDGER_QUARANTINED) where the bytes are not a group of commits of entries.
absl::StatusOr<std::vector<CommitView>> SplitGroup(std::string_view bytes);

}  // namespace parley
