// Who signed a bundle's checkpoints, whether that is what the policy asks for, and what their times say.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/proof/bundle.h"
#include "eventstore/proof/policy.h"
#include "services/verify/contents.h"
#include "services/verify/findings.h"

namespace parley {

// What some keys, any of which would do, have to say about a note.
struct Signed {
  bool good = false;
  bool wrong = false;                      // A signature under the name and id of one of them is not by it.
  absl::Time time = absl::InfinitePast();  // Of a cosignature: the latest.
};
Signed SignedBy(const SignedNote& note, const std::vector<NoteVerifierKey>& keys);
// Keys of the log that count under a checkpoint of the bundle, for whoever trusts `log_key`.
std::vector<NoteVerifierKey> LogKeysFor(const BundleNote& note, const BundleContents& contents,
                                        const NoteVerifierKey& log_key);

// The signatures of every checkpoint (bad-signature), and how old the newest is at `now` (stale). Who cosigned, and when, goes to
// `report`, as do time-stamps. Returns the times by which somebody in the policy saw the history of a size, by size: no entry under
// it may be recorded later.
std::vector<Witnessed> CheckSignatures(const Policy& policy, const NoteVerifierKey& log_key, const BundleDir& bundle,
                                       const BundleContents& contents, absl::Time now, Findings& findings,
                                       VerifyReport& report);

// A checkpoint seen earlier.
struct SeenNote {
  SignedNote note;
  Checkpoint checkpoint;
};
// INVALID_ARGUMENT where one is no checkpoint.
absl::StatusOr<std::vector<SeenNote>> ParseSeen(const std::vector<std::string>& notes);
// Whether the history reaches each and extends it (truncated, forked). INVALID_ARGUMENT where one is of another log, or neither
// the log nor a witness of the policy signed it: it says nothing then. `contents` has the roots of their sizes.
absl::Status CheckSeen(const std::vector<SeenNote>& seen, const Policy& policy, const NoteVerifierKey& log_key,
                       const BundleContents& contents, Findings& findings);

}  // namespace parley
