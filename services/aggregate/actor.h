// Whom a caller acts for. The same answer when a command is decided and when history is decided again.
#pragma once

#include "absl/status/statusor.h"
#include "eventstore/base/status.h"
#include "parley/v1/relationship.pb.h"
#include "services/aggregate/context.h"

namespace parley {

// Settles what a caller claims to be against who is who in the ledger. Without a party: the only one that the principal holds
// roles of, none if there is none. For whoever has no part in the relationship, those who once had included, NOT_FOUND: a
// refusal must not tell what is there. NOT_A_MEMBER where a party is claimed, or a principal acted for, without right;
// PARTY_AMBIGUOUS.
absl::StatusOr<Actor> ResolveActor(const v1::Relationship& relationship, Actor claimed);

// NOT_FOUND, the same whether there is no such ledger or the caller may not know.
Reject NoSuchRelationship();

}  // namespace parley
