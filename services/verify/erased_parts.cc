#include "services/verify/erased_parts.h"

#include <set>
#include <utility>
#include <vector>

#include "eventstore/base/status.h"
#include "eventstore/entry.h"
#include "eventstore/proof/bundle_writer.h"
#include "services/verify/bundle_entries.h"

namespace parley {
namespace {

// How many parts of `stored` are about `persons`; they are gone then.
absl::StatusOr<uint64_t> DropFrom(v1::StoredEntry& stored, const std::set<std::string>& persons) {
  uint64_t dropped = 0;
  if (stored.parts_size() < 2) return dropped;  // Withheld, or about nobody.
  PARLEY_ASSIGN_OR_RETURN(const Entry entry, DecodeEntry(stored, Position()));
  for (int i = 1; i < stored.parts_size() && i <= entry.record.personal_parts_size(); ++i) {
    if (IsMissing(stored.parts(i)) || !persons.contains(entry.record.personal_parts(i - 1).person())) continue;
    stored.mutable_parts(i)->Clear();
    ++dropped;
  }
  return dropped;
}

}  // namespace

absl::StatusOr<uint64_t> DropErasedParts(const std::string& path, uint64_t from) {
  PARLEY_ASSIGN_OR_RETURN(const BundleDir bundle, BundleDir::Open(path));
  std::set<std::string> persons;
  PARLEY_RETURN_IF_ERROR(ForEachReadable(bundle, from, [&](const Entry& entry) {
    if (entry.record.event_type() == kErasedEvent) persons.insert(entry.record.stream());
    return absl::OkStatus();
  }));
  uint64_t dropped = 0;
  if (persons.empty()) return dropped;
  PARLEY_ASSIGN_OR_RETURN(BundleWriter writer, BundleWriter::Open(path, bundle.manifest().reader));
  PARLEY_RETURN_IF_ERROR(writer.Amend());
  for (const TileId& tile : EntryTilesOf(bundle.manifest().size, TileId::Kind::kParts)) {
    PARLEY_ASSIGN_OR_RETURN(std::vector<v1::StoredEntry> entries, bundle.ReadEntries(tile.index));
    uint64_t here = 0;
    for (v1::StoredEntry& entry : entries) {
      PARLEY_ASSIGN_OR_RETURN(const uint64_t count, DropFrom(entry, persons));
      here += count;
    }
    if (here > 0) PARLEY_RETURN_IF_ERROR(writer.Replace(tile.Path(), EncodeParts(entries)));
    dropped += here;
  }
  PARLEY_RETURN_IF_ERROR(writer.Finish());
  return dropped;
}

}  // namespace parley
