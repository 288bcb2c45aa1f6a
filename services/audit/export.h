// Makes the files of a bundle (eventstore/proof/bundle.h), one after another in the order of their paths, without a transport.
//
// How a broken transfer goes on: the bytes of a tile, of hashes, entries or parts, follow from ledger, reader and size, and its path
// says the size where it is partial; so a receiver asks again for the same size, names the last tile up to which it has everything
// (`after_path`) and gets the ones after it. Notes and time-stamps (checkpoint, checkpoints/…, timestamps/…) may have gained signatures
// meanwhile: they are sent again each time.
//
// How a bundle is brought up to date: full tiles never change, so a receiver that has a bundle of an earlier size for the same reader
// says so (`have_size`) and gets none of that bundle's full tiles. But for one thing: parts that were erased since. It sees them named
// by the Erased entries that it gets, and drops them (services/verify/erased_parts.h).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventstore/base/ids.h"
#include "eventstore/event_log.h"
#include "eventstore/proof/bundle.h"
#include "parley/v1/audit.pb.h"
#include "services/audit/checkpoints.h"
#include "services/audit/ledger_tree.h"

namespace parley {

// At most so much in one response.
inline constexpr size_t kExportPieceBytes = 256 << 10;

// What an export reads from. Nothing is owned.
struct ExportSource {
  const EventLog* log = nullptr;
  const CheckpointStore* checkpoints = nullptr;
  LedgerTree* tree = nullptr;
};

// ExportBundleRequest, checked: the size is a checkpoint's.
struct ExportOptions {
  LedgerId ledger;
  std::string reader;  // Party id; empty: an auditor.
  uint64_t size = 0;
  std::string after_path = {};
  uint64_t have_size = 0;
};

// The least size, `size` or more, under which stands every erasure of what `reader` may read below `size`. Reads what was recorded
// since.
absl::StatusOr<uint64_t> SizeCoveringErasures(const EventLog& log, const LedgerId& ledger, const std::string& reader,
                                              uint64_t size);

// Not thread-safe. Memory: a tile of entries.
class BundleExport {
 public:
  // FIELD_INVALID where options make no sense; NOT_CHECKPOINTED where no checkpoint has that size; WRONG_STATE where parts of that
  // size were erased later: "least_size" in the metadata then says from which size on it can be had.
  static absl::StatusOr<std::unique_ptr<BundleExport>> Open(const ExportSource& source, ExportOptions options);

  // The next piece; nullopt after the last. WRONG_STATE as above, where the erasure came meanwhile.
  absl::StatusOr<std::optional<v1::ExportBundleResponse>> Next();

 private:
  // A file yet to be sent.
  struct File {
    std::string path;
    uint64_t checkpoint = 0;  // For a note or time-stamp: of which size, …
    uint64_t timestamp = 0;   // … and which of its time-stamps.
    std::optional<TileId> tile;
  };
  BundleExport(const ExportSource& source, ExportOptions options) : source_(source), options_(std::move(options)) {}
  absl::Status ListFiles();
  absl::StatusOr<std::string> BytesOf(const File& file);
  absl::StatusOr<std::vector<v1::StoredEntry>> ReadEntries(const TileId& tile);
  absl::Status CheckErased(const Entry& entry);
  absl::Status TooEarly(uint64_t least_size) const;

  const ExportSource source_;
  const ExportOptions options_;
  std::vector<File> files_;
  size_t next_ = 0;
  bool started_ = false;
  std::optional<std::string> bytes_;  // Of the file that is being sent.
  size_t sent_ = 0;
  std::set<std::string> erased_;  // People whose erasure stands below the size.
};

}  // namespace parley
