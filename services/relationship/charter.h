// What a charter must have before anyone may propose or sign it, and how its decision rights are looked up.
#pragma once

#include <set>
#include <string>

#include "absl/status/status.h"
#include "google/type/money.pb.h"
#include "parley/v1/relationship.pb.h"

namespace parley {

// CHARTER_INCOMPLETE with one violation per fault, all of them at once: one currency; a Decide role exactly once per
// class and band; bands from zero, touching, the last without end; forums with a quorum for each buyer and provider;
// tiers with a forum and a positive window; windows positive; every party named admitted; a buyer and a provider there.
absl::Status CheckCharter(const v1::Charter& charter, const v1::Relationship& relationship);

// Every party that has a quorum, a decision right or an override: all buyers and providers, and third parties as far as
// the charter concerns them. These must sign.
std::set<std::string> PartiesNamedBy(const v1::Charter& charter);

// The class, or null.
const v1::DecisionClass* FindClass(const v1::Charter& charter, std::string_view class_id);
// The band of a class that an amount of money falls into. An amount without a currency is zero. Null where the currency
// is not the charter's or the amount is negative.
const v1::AmountBand* FindBand(const v1::Charter& charter, const v1::DecisionClass& decision_class,
                               const google::type::Money& amount);

}  // namespace parley
