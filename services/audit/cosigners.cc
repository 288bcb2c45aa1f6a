#include "services/audit/cosigners.h"

#include <algorithm>

#include "eventstore/base/status.h"
#include "parley/v1/relationship.pb.h"
#include "projections/resources.h"
#include "services/key/key.h"
#include "services/query/scan_rows.h"

namespace parley {

absl::StatusOr<Cosigners> Cosigners::Read(ReadView& view, const LedgerId& ledger) {
  constexpr auto kModel = ResourcesProjection::kName;
  Cosigners out;
  PARLEY_ASSIGN_OR_RETURN(out.known_size_, view.NextSequence(kModel, ledger));
  PARLEY_RETURN_IF_ERROR(ScanRows(view, kModel, ledger, RowsInto{ResourcesProjection::Prefix("keys", ""), out.keys_}));
  PARLEY_ASSIGN_OR_RETURN(const auto relationship,
                          view.Get<v1::Relationship>(
                              kModel, ledger, ResourcesProjection::Key({ledger, "", "relationships", ledger.str()})));
  if (relationship) {
    for (const v1::Party& party : relationship->parties()) {
      if (party.kind() == v1::PARTY_KIND_BUYER) out.buyers_.insert(party.party_id());
      if (party.kind() == v1::PARTY_KIND_PROVIDER) out.providers_.insert(party.party_id());
    }
  }
  return out;
}

std::set<std::string> Cosigners::Of(const SignedNote& note, uint64_t size) const {
  std::set<std::string> parties;
  for (const v1::Key& key : keys_) {
    if (key.party_id().empty() || !ValidAt(key, size)) continue;
    const auto verifier = NoteVerifierKey::Parse(key.vkey());
    if (verifier.ok() && note.Verify(*verifier).ok()) parties.insert(key.party_id());
  }
  return parties;
}

bool Cosigners::Complete(const std::set<std::string>& cosigned, uint64_t size) const {
  for (const v1::Key& key : keys_) {
    const bool counts = buyers_.contains(key.party_id()) || providers_.contains(key.party_id());
    if (counts && ValidAt(key, size) && !cosigned.contains(key.party_id())) return false;
  }
  const auto cosigned_it = [&](const std::string& party) { return cosigned.contains(party); };
  return std::any_of(buyers_.begin(), buyers_.end(), cosigned_it) &&
         std::any_of(providers_.begin(), providers_.end(), cosigned_it);
}

bool Cosigners::Final(const SignedNote& note, uint64_t size) const {
  return size <= known_size_ && Complete(Of(note, size), size);
}

}  // namespace parley
