// Reading: finds positions in the index, and entries in the engine's records. Nothing beyond the index is ever shown,
// and the index holds what is durable only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "eventstore/engine.h"
#include "eventstore/event_log.h"
#include "eventstore/log_index.h"

namespace parley {

// Thread-safe. The methods are EventLog's.
class LogReader {
 public:
  LogReader(const Engine& engine, const LogIndex& index, uint32_t shards)
      : engine_(engine), index_(index), shards_(shards) {}

  absl::StatusOr<std::vector<Entry>> Read(const LedgerId& ledger, uint64_t from_sequence, ReadLimit limit) const;
  absl::StatusOr<std::vector<Entry>> ReadStream(const LedgerId& ledger, const std::string& stream,
                                                uint64_t from_sequence, ReadLimit limit) const;
  absl::StatusOr<std::vector<Entry>> ReadShard(Position from, ReadLimit limit) const;
  // Those among the next `limit` entries that are wanted, from memory where they are there. Sets `next` behind what was looked at.
  absl::StatusOr<std::vector<std::shared_ptr<const Entry>>> Follow(Position& next, ReadLimit limit,
                                                                   const EventLog::Wanted& wanted) const;
  absl::StatusOr<std::optional<Position>> PositionOf(const LedgerId& ledger, uint64_t sequence) const;
  absl::StatusOr<std::optional<RequestRecord>> FindRequest(const LedgerId& ledger, const std::string& actor,
                                                           const std::string& request_id) const;
  absl::StatusOr<std::vector<LedgerId>> Ledgers(const LedgerId& after, size_t limit) const;

 private:
  // ReadShard, of those that are wanted. Sets `next` behind what was looked at.
  absl::StatusOr<std::vector<Entry>> ReadWanted(Position& next, ReadLimit limit, const EventLog::Wanted& wanted) const;
  // Stand-ins for entries that cannot be read: whose they are, as the index remembers it.
  absl::StatusOr<std::vector<Entry>> Damaged(Position from, size_t limit, const absl::Status& damage) const;
  // The commit that holds `sequence`; nullopt where the ledger is not that long.
  absl::StatusOr<std::optional<CommitRow>> CommitOf(const LedgerId& ledger, uint64_t sequence) const;

  const Engine& engine_;
  const LogIndex& index_;
  const uint32_t shards_;
};

}  // namespace parley
