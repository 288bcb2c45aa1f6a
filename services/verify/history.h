// The history of a bundle, replayed: each command decided again, the read models folded again.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "eventstore/proof/bundle.h"
#include "parley/v1/as_of.pb.h"
#include "services/verify/contents.h"
#include "services/verify/findings.h"

namespace parley {

struct HistoryOptions {
  // By when somebody saw the history of a size. No entry under it may be recorded in a later second.
  std::vector<Witnessed> seen_by = {};
  v1::AsOf as_of = {};
  std::string scratch;
};

// What does not hold goes to `findings`: backdated, unauthorised, divergent; damaged where an event is of no kind that this build
// knows. Digests go to `report`. FIELD_INVALID where as_of is no moment of this history; otherwise an error is that of the scratch
// directory.
absl::Status ReplayHistory(const BundleDir& bundle, const BundleContents& contents, const HistoryOptions& options,
                           Findings& findings, VerifyReport& report);

}  // namespace parley
