#include "services/verify/bundle_entries.h"

#include <vector>

#include "eventstore/base/status.h"

namespace parley {

absl::Status ForEachStored(const BundleDir& bundle, uint64_t from,
                           const std::function<absl::Status(uint64_t sequence, const v1::StoredEntry&)>& visit) {
  for (uint64_t tile = from / kTileWidth; tile * kTileWidth < bundle.manifest().size; ++tile) {
    PARLEY_ASSIGN_OR_RETURN(const std::vector<v1::StoredEntry> entries, bundle.ReadEntries(tile));
    for (size_t i = 0; i < entries.size(); ++i) {
      const uint64_t sequence = tile * kTileWidth + i;
      if (sequence >= from) PARLEY_RETURN_IF_ERROR(visit(sequence, entries[i]));
    }
  }
  return absl::OkStatus();
}

absl::Status ForEachReadable(const BundleDir& bundle, uint64_t from,
                             const std::function<absl::Status(const Entry&)>& visit) {
  return ForEachStored(bundle, from, [&](uint64_t sequence, const v1::StoredEntry& stored) -> absl::Status {
    if (stored.parts().empty()) return absl::OkStatus();
    auto entry = DecodeEntry(stored, Position());
    if (!entry.ok()) {
      return absl::InvalidArgumentError("entry " + std::to_string(sequence) + ": " +
                                        std::string(entry.status().message()));
    }
    return visit(*entry);
  });
}

}  // namespace parley
