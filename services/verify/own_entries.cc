#include "services/verify/own_entries.h"

#include "eventstore/base/status.h"
#include "eventstore/entry.h"
#include "services/aggregate/context.h"
#include "services/verify/bundle_entries.h"

namespace parley {
namespace {

absl::Status NotOwn(uint64_t sequence, const OwnEntries& own, const std::string& why) {
  return absl::PermissionDeniedError("entry " + std::to_string(sequence) + " passes for one of " + own.party + ": " +
                                     why);
}

absl::Status CheckEntry(uint64_t sequence, const v1::StoredEntry& stored, const OwnEntries& own) {
  auto header = DecodeHeader(stored, Position());
  if (!header.ok()) return absl::InvalidArgumentError(std::string(header.status().message()));
  const bool owned = header->owner() == own.party;
  if (stored.parts().empty() || IsMissing(stored.parts(0))) {
    return owned ? NotOwn(sequence, own, "what it holds is withheld") : absl::OkStatus();
  }
  auto entry = DecodeEntry(stored, Position());
  if (!entry.ok()) return absl::InvalidArgumentError(std::string(entry.status().message()));
  const v1::Record& record = entry->record;
  if (record.actor() == kSystemActor && record.party().empty()) return absl::OkStatus();
  if (owned && record.party() != own.party) {
    return NotOwn(sequence, own, "it was recorded for " + (record.party().empty() ? "nobody" : record.party()));
  }
  if (record.party() != own.party || own.request_ids == nullptr) return absl::OkStatus();
  if (own.request_ids->contains(record.request_id())) return absl::OkStatus();
  return NotOwn(sequence, own, "its request " + record.request_id() + " was never sent");
}

}  // namespace

absl::Status CheckOwnEntries(const BundleDir& bundle, uint64_t from, const OwnEntries& own) {
  return ForEachStored(bundle, from, [&](uint64_t sequence, const v1::StoredEntry& stored) {
    return CheckEntry(sequence, stored, own);
  });
}

}  // namespace parley
