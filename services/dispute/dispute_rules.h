// What the rules of disputes share among their files.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "parley/v1/dispute.pb.h"
#include "services/aggregate/context.h"

namespace parley::dispute {

using Assents = google::protobuf::RepeatedPtrField<v1::DisputeAssent>;

bool IsOpen(const v1::Dispute& dispute);
bool IsPartyTo(const v1::Dispute& dispute, const std::string& party_id);
bool AllAcknowledged(const v1::Dispute& dispute);
// Whether the window runs: it has an end and that has not come.
bool Runs(const v1::DisputeWindow& window);

// Whether an acknowledgement is still waited for in time. Once it has been resolved, it was understood.
bool AwaitsAcknowledgement(const v1::Dispute& dispute);

// WRONG_STATE unless it is open.
absl::Status RequireOpen(const v1::Dispute& dispute);
// The role that gives a party to the dispute the permission; NOT_YOUR_PARTY for parties that are none.
absl::StatusOr<std::string> RequireParty(const v1::Dispute& dispute, v1::Permission permission, const Context& context);
// RequireParty and RequireOpen.
absl::StatusOr<std::string> RequirePartyToOpen(const v1::Dispute& dispute, v1::Permission permission,
                                               const Context& context);
// Text, a style, and a decided decision if one is cited.
absl::Status CheckTerms(const v1::DisputeTerms& terms, const Context& context);

bool HasAssented(const Assents& assents, const std::string& party_id);
// Whether every party has assented once `party_id` has, too.
bool CompletedBy(const v1::Dispute& dispute, const Assents& assents, const std::string& party_id);
// WRONG_STATE where the acting party assented to the very same before.
absl::Status RequireNotAssented(const Assents& assents, const Context& context);

// The tier in the charter version that is pinned, and its place in the ladder; -1 where there is none of that id.
int TierIndex(const v1::Charter& charter, const std::string& tier_id);

}  // namespace parley::dispute
