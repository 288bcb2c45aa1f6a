#include "services/audit/export.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "eventstore/base/status.h"

namespace parley {
namespace {

constexpr std::string_view kErasedEvent = "person.erased";

bool MayRead(const Entry& entry, const std::string& reader) { return entry.joint() || entry.header.owner() == reader; }

// Calls `visit` for each entry from `from` on, until it returns false or the log ends.
absl::Status ForEachEntry(const EventLog& log, const LedgerId& ledger, uint64_t from,
                          const std::function<absl::StatusOr<bool>(const Entry&)>& visit) {
  while (true) {
    PARLEY_ASSIGN_OR_RETURN(const std::vector<Entry> entries, log.Read(ledger, from, ReadLimit()));
    if (entries.empty()) return absl::OkStatus();
    for (const Entry& entry : entries) {
      PARLEY_ASSIGN_OR_RETURN(const bool go_on, visit(entry));
      if (!go_on) return absl::OkStatus();
    }
    from += entries.size();
  }
}

// The entry by which a person was erased; nullopt where there is none.
absl::StatusOr<std::optional<uint64_t>> ErasedIn(const EventLog& log, const LedgerId& ledger,
                                                 const std::string& person) {
  for (uint64_t from = 0;;) {
    PARLEY_ASSIGN_OR_RETURN(const std::vector<Entry> entries, log.ReadStream(ledger, person, from, ReadLimit()));
    if (entries.empty()) return std::optional<uint64_t>();
    for (const Entry& entry : entries) {
      if (entry.record.event_type() == kErasedEvent) return std::optional(entry.sequence());
    }
    from = entries.back().sequence() + 1;
  }
}

}  // namespace

absl::StatusOr<uint64_t> SizeCoveringErasures(const EventLog& log, const LedgerId& ledger, const std::string& reader,
                                              uint64_t size) {
  uint64_t least = size;
  PARLEY_RETURN_IF_ERROR(ForEachEntry(log, ledger, size, [&](const Entry& entry) -> absl::StatusOr<bool> {
    if (entry.record.event_type() != kErasedEvent || !MayRead(entry, reader)) return true;
    // A person is registered before anything is said about them: one that came later has no part below `size`.
    PARLEY_ASSIGN_OR_RETURN(const std::vector<Entry> first,
                            log.ReadStream(ledger, entry.record.stream(), 0, {.entries = 1}));
    if (!first.empty() && first.front().sequence() < size) least = entry.sequence() + 1;
    return true;
  }));
  return least;
}

absl::StatusOr<std::unique_ptr<BundleExport>> BundleExport::Open(const ExportSource& source, ExportOptions options) {
  if (!options.after_path.empty() && !TileId::Parse(options.after_path)) {
    return InvalidField("after_path", "must be the path of a tile");
  }
  if (options.have_size > options.size) return InvalidField("have_size", "must not be larger than the size");
  std::unique_ptr<BundleExport> made(new BundleExport(source, std::move(options)));
  const ExportOptions& o = made->options_;
  PARLEY_ASSIGN_OR_RETURN(const uint64_t least, SizeCoveringErasures(*source.log, o.ledger, o.reader, o.size));
  if (least > o.size) return made->TooEarly(least);
  PARLEY_RETURN_IF_ERROR(made->ListFiles());
  return made;
}

absl::Status BundleExport::TooEarly(uint64_t least_size) const {
  return Reject(v1::REASON_WRONG_STATE,
                "parts of the first " + std::to_string(options_.size) +
                    " entries were erased later: only a bundle that names the erasure can be had, "
                    "of at least " +
                    std::to_string(least_size) + " entries")
      .With("least_size", std::to_string(least_size));
}

absl::Status BundleExport::ListFiles() {
  bool found = false;
  PARLEY_RETURN_IF_ERROR(
      source_.checkpoints->ForEach(options_.ledger, 0, [&](uint64_t size, const v1::CheckpointRecord& record) {
        if (size > options_.size) return false;
        found = size == options_.size;
        files_.push_back({.path = found ? std::string(kCheckpointPath) : CheckpointPath(size), .checkpoint = size});
        for (int i = 0; i < record.timestamps_size(); ++i) {
          const auto index = static_cast<uint64_t>(i);
          files_.push_back({.path = TimestampPath(size, index), .checkpoint = size, .timestamp = index});
        }
        return true;
      }));
  if (!found) {
    return Reject(v1::REASON_NOT_CHECKPOINTED,
                  "there is no checkpoint of " + std::to_string(options_.size) + " entries");
  }
  for (const TileId& tile : TilesOfBundle(options_.size)) {
    std::string path = tile.Path();
    if (path <= options_.after_path) continue;
    // A tile of level L covers 256^(L+1) entries; what is full then was full before.
    const uint64_t covered = options_.have_size >> (kTileHeight * tile.level);
    if (tile.width == kTileWidth && (tile.index + 1) * kTileWidth <= covered) continue;
    files_.push_back({.path = std::move(path), .tile = tile});
  }
  std::sort(files_.begin(), files_.end(), [](const File& a, const File& b) { return a.path < b.path; });
  return absl::OkStatus();
}

absl::StatusOr<std::optional<v1::ExportBundleResponse>> BundleExport::Next() {
  std::optional<v1::ExportBundleResponse> out;
  if (next_ == files_.size()) return out;
  const File& file = files_[next_];
  if (!bytes_) {
    PARLEY_ASSIGN_OR_RETURN(bytes_, BytesOf(file));
    sent_ = 0;
  }
  out.emplace();
  if (!std::exchange(started_, true)) out->set_size(options_.size);
  out->set_path(file.path);
  out->set_data(bytes_->substr(sent_, kExportPieceBytes));
  sent_ += out->data().size();
  if (sent_ < bytes_->size()) return out;
  out->set_file_end(true);
  bytes_.reset();
  ++next_;
  return out;
}

absl::StatusOr<std::string> BundleExport::BytesOf(const File& file) {
  if (!file.tile) {
    PARLEY_ASSIGN_OR_RETURN(const auto record, source_.checkpoints->Get(options_.ledger, file.checkpoint));
    const bool is_note = !file.path.starts_with("timestamps/");
    if (!record || (!is_note && file.timestamp >= static_cast<uint64_t>(record->timestamps_size()))) {
      return absl::InternalError("a checkpoint is gone: " + file.path);
    }
    return is_note ? record->note() : record->timestamps(static_cast<int>(file.timestamp));
  }
  switch (file.tile->kind) {
    case TileId::Kind::kHashes:
      return source_.tree->Tile(options_.ledger, *file.tile);
    case TileId::Kind::kEntries: {
      PARLEY_ASSIGN_OR_RETURN(const auto entries, ReadEntries(*file.tile));
      return EncodeHeaders(entries);
    }
    case TileId::Kind::kParts: {
      PARLEY_ASSIGN_OR_RETURN(const auto entries, ReadEntries(*file.tile));
      return EncodeParts(entries);
    }
  }
  return absl::InternalError("no such kind of tile");
}

absl::StatusOr<std::vector<v1::StoredEntry>> BundleExport::ReadEntries(const TileId& tile) {
  std::vector<v1::StoredEntry> out;
  const bool check = tile.kind == TileId::Kind::kParts;
  const uint64_t first = tile.index * kTileWidth;
  while (out.size() < tile.width) {
    const ReadLimit limit{.entries = tile.width - out.size()};
    PARLEY_ASSIGN_OR_RETURN(std::vector<Entry> entries, source_.log->Read(options_.ledger, first + out.size(), limit));
    if (entries.empty()) return absl::DataLossError("the log ends before its checkpoint does");
    for (const Entry& entry : entries) {
      const bool readable = MayRead(entry, options_.reader);
      if (check && readable) PARLEY_RETURN_IF_ERROR(CheckErased(entry));
      out.push_back(ForReader(entry.stored, !readable));
    }
  }
  return out;
}

absl::Status BundleExport::CheckErased(const Entry& entry) {
  for (int part = 1; part < entry.stored.parts_size(); ++part) {
    if (!IsMissing(entry.stored.parts(part)) || part > entry.record.personal_parts_size()) continue;
    const std::string& person = entry.record.personal_parts(part - 1).person();
    if (erased_.contains(person)) continue;
    PARLEY_ASSIGN_OR_RETURN(const auto sequence, ErasedIn(*source_.log, options_.ledger, person));
    // Nothing is erased before its Erased entry is on the disk: without one the log has been tampered with. A bundle then shows it.
    if (sequence && *sequence >= options_.size) return TooEarly(*sequence + 1);
    erased_.insert(person);
  }
  return absl::OkStatus();
}

}  // namespace parley
