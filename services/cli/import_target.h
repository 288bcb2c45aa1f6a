// The relationship that an import goes into.
#pragma once

#include <grpcpp/support/status.h>

#include <string>
#include <string_view>

#include "parley/v1/relationship.pb.h"
#include "services/cli/client.h"

namespace parley {

// "BPIC 2013_incidents" -> "bpic-2013-incidents": an id made of what a file calls itself. Empty where nothing is left.
std::string Slugged(std::string_view text);

// Who imports where nobody says who: a handle.
inline constexpr char kDefaultImporter[] = "importer";

// Reads the relationship that `wanted` names, and opens it where it is not there, as of `wanted.effective_at`; accepts for
// every party whose first member the caller is and that has not accepted yet. `created`: it was not there. An import that
// stopped half-way through this is taken up where it stopped.
grpc::Status EnsureRelationship(Client& client, const v1::EstablishRelationshipRequest& wanted,
                                v1::Relationship* relationship, bool* created);

// Brings a charter that holds only what metrics need into force, signed by the caller for every party; nothing where one
// binds already. Only for a relationship whose parties the caller itself stands in for. `consistency_token` stands for what
// earlier imports recorded: the relationship is read again as it was left by them.
grpc::Status EnsureCharter(Client& client, const std::string& consistency_token, v1::Relationship* relationship);

// True where the caller is the first member of every buyer and provider: the relationship is an import's own.
bool StandsInForAll(const v1::Relationship& relationship, const std::string& principal);

}  // namespace parley
