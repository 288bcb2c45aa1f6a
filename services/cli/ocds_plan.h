// What a contracting process becomes in a ledger, decided before anything is sent.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "parley/v1/activity.pb.h"
#include "parley/v1/objective.pb.h"
#include "parley/v1/relationship.pb.h"
#include "services/import/ocds_reader.h"

namespace parley {

// Something that has no place yet.
struct Unplaced {
  std::string subject;  // "contracts/1"
  std::string reason;
};

struct OcdsPlan {
  v1::EstablishRelationshipRequest relationship;
  std::vector<v1::StateObjectiveRequest> objectives;  // The buyer's own drafts: nobody ranked them yet.
  std::vector<v1::Activity> activities;
  std::vector<Unplaced> unplaced;
};

// Buyers and procuring entities are buyers, suppliers are providers, everybody else is a third party. Planning becomes the
// buyer's objectives, what happened (tenders, awards, contracts, amendments, milestones, transactions) activities, by whom
// as far as the release says so. Money, documents, items and budgets are unplaced, each of them by name, and so is every
// detail of a placed fact that an activity has no field for. `importer`: first member of every party. `now`: what lies
// later did not happen yet and is unplaced.
OcdsPlan PlanOcds(const OcdsContracting& contracting, const std::string& importer, absl::Time now);

}  // namespace parley
