#include "eventstore/log_eraser.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "eventstore/group.h"

namespace parley {
namespace {

Reject NoSuchPart(size_t part) {
  return Reject(v1::REASON_NOT_FOUND, "the entry has no such personal part").With("part", std::to_string(part));
}

// The entry without these parts' ciphertexts; nullopt where they are gone already.
absl::StatusOr<std::optional<std::string>> Without(std::string_view bytes, const std::set<size_t>& parts) {
  v1::StoredEntry stored;
  if (!stored.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || Canonical(stored) != bytes) {
    // What would not come out again as it went in is not touched: everything else must stay as it is.
    return Reject(v1::REASON_LEDGER_QUARANTINED, "an entry does not parse");
  }
  bool changed = false;
  for (const size_t part : parts) {
    if (part == 0 || part >= static_cast<size_t>(stored.parts_size())) return NoSuchPart(part);
    v1::StoredPart& sealed = *stored.mutable_parts(static_cast<int>(part));
    changed = changed || !sealed.sealed().empty();
    sealed.clear_sealed();
  }
  if (!changed) return std::nullopt;
  return Canonical(stored);
}

}  // namespace

absl::Status LogEraser::EraseParts(const LedgerId& ledger, const std::vector<PartRef>& parts) {
  std::lock_guard lock(mu_);
  std::map<ShardId, PartsAt> found;
  for (const PartRef& ref : parts) {
    PARLEY_ASSIGN_OR_RETURN(const auto position, reader_.PositionOf(ledger, ref.sequence));
    if (!position) return NoSuchPart(ref.part).With("sequence", std::to_string(ref.sequence));
    found[position->shard][position->offset].insert(ref.part);
  }
  if (found.empty()) return absl::OkStatus();
  // After a failed write, here or of the writer's: nothing is put into an engine that must be recovered first.
  PARLEY_RETURN_IF_ERROR(engine_.Recover());
  for (const auto& [shard, at] : found) {
    for (auto next = at.begin(); next != at.end();) {
      std::optional<EngineRecord> record;
      PARLEY_RETURN_IF_ERROR(engine_.Read({shard, next->first}, [&](EngineRecord read) {
        record = std::move(read);
        return false;
      }));
      if (!record) return absl::DataLossError("the log ends before what its index has seen: entries are lost");
      const auto end = at.lower_bound(record->position.offset + record->entries);
      PARLEY_RETURN_IF_ERROR(Redact(*std::move(record), PartsAt(next, end)));
      next = end;
    }
  }
  // Also where nothing was left to do: an attempt that was cut short may have got no further than this.
  return engine_.Purge();
}

absl::Status LogEraser::Redact(EngineRecord record, const PartsAt& parts) {
  PARLEY_ASSIGN_OR_RETURN(const std::vector<CommitView> group, SplitGroup(record.bytes));
  uint64_t offset = record.position.offset;
  bool changed = false;
  std::vector<std::string> commits;
  for (CommitView commit : group) {
    std::vector<std::string> replaced;
    replaced.reserve(commit.size());  // So that what points into it stays where it is.
    for (std::string_view& entry : commit) {
      const auto erase = parts.find(offset++);
      if (erase == parts.end()) continue;
      PARLEY_ASSIGN_OR_RETURN(auto without, Without(entry, erase->second));
      if (!without) continue;
      entry = replaced.emplace_back(*std::move(without));
      changed = true;
    }
    commits.push_back(EncodeCommit(commit));
  }
  if (!changed) return absl::OkStatus();
  record.bytes = EncodeGroup({commits.begin(), commits.end()});
  return engine_.Redact(record);
}

}  // namespace parley
