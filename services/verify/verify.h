// The verifier: from a bundle, public keys and a policy alone, whether a relationship's history is complete, ordered and unaltered,
// and whether everything in it was allowed. It knows nothing of the server that wrote the history and believes it nothing: it
// re-hashes every byte, checks every signature, decides every command again, folds the read models again.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/proof/policy.h"
#include "parley/v1/as_of.pb.h"
#include "parley/v1/audit.pb.h"
#include "parley/v1/digest.pb.h"

namespace parley {

// What a bundle turns out to be. The first two are good; of the others, the first that applies, in this order.
enum class Verdict {
  kComplete,             // Everything holds, the policy's signatures are there.
  kErasedWithAuthority,  // The same; parts are missing, each named by an Erased entry of the person it was about.
  kDamaged,              // Bytes that do not match the manifest, or do not parse.
  kBadSignature,  // A signature that the policy requires is missing, wrong, or under a key not valid at that size.
  kAltered,       // A part that does not match its commitment, or headers that do not give the root.
  kHidden,        // A part missing that this reader may read and that no Erased entry names.
  kTruncated,     // Fewer entries than a seen, validly signed checkpoint covers.
  kForked,        // A seen checkpoint that this tree does not extend.
  kStale,         // The newest cosigned checkpoint is older than the policy allows.
  kBackdated,  // recorded_at goes back, or is later than a cosignature or time-stamp over it or than now; effective_at breaks
               // its rule.
  kUnauthorised,  // An entry that the charter then in force did not allow, or that Decide would have refused.
  kDivergent,     // A Digest entry, or a read model, that the replay does not reproduce; or one that is missing.
};
// In the order of precedence.
const std::vector<Verdict>& Verdicts();
// "complete", "erased-with-authority", "damaged", …
std::string_view VerdictName(Verdict verdict);
// One sentence: the evidence for it.
std::string_view VerdictMeaning(Verdict verdict);
// The first two.
bool IsGood(Verdict verdict);

struct VerifyOptions {
  std::string bundle;  // Directory.
  Policy policy;
  // Signed notes seen earlier: the history must extend each.
  std::vector<std::string> seen = {};
  // For `stale`, and nothing is recorded later; unset: the machine's clock.
  std::optional<absl::Time> now = {};
  // What as_of_digests are computed for; nothing set: for nothing.
  v1::AsOf as_of = {};
  // People's keys, released for a time: the sealed parts of these people are opened and checked against their commitments too. Null:
  // sealed parts are checked by the hash of their ciphertext alone.
  const v1::PersonKeys* keys = nullptr;
  // Where read models may be written while they are folded: a directory of the verifier's own, emptied before it is used, not removed.
  std::string scratch;
};

// One thing that does not hold.
struct Finding {
  Verdict verdict = Verdict::kDamaged;
  std::optional<uint64_t> sequence;  // Of the entry, where it is about one.
  std::string what;                  // Names file, entry or key; without newlines.
};

// A time that somebody else gives for the history up to a size.
struct Witnessed {
  uint64_t size = 0;
  std::string by;  // Name of a witness in the policy, "timestamp-authority", or, beside the policy, "party <id>".
  absl::Time time;
};

struct VerifyReport {
  Verdict verdict = Verdict::kComplete;
  std::string detail;               // What the first finding says; empty where the verdict is good.
  std::optional<uint64_t> offence;  // First offending sequence.
  // The first of each kind of finding but for `unauthorised`, of which it has every one; in the order of verdicts, then of sequences.
  std::vector<Finding> findings;

  std::string origin;
  std::string reader;  // Party id; empty: an auditor.
  uint64_t size = 0;
  std::string root;                   // 32 bytes: what the headers give.
  std::vector<Witnessed> cosigned;    // Over the bundle's checkpoint.
  std::vector<Witnessed> timestamps;  // Over any of its checkpoints, in the order of their sizes.

  // How far the replay came: all of it, where nothing is damaged, altered or hidden.
  uint64_t entries = 0;
  uint64_t withheld = 0;      // Another party's own: the header is all there is.
  uint64_t sealed_parts = 0;  // That are there.
  uint64_t opened_parts = 0;  // Of those, opened with `keys`.
  uint64_t erased_parts = 0;  // Missing, with authority.
  absl::Time first_recorded_at = absl::InfinitePast();
  absl::Time last_recorded_at = absl::InfinitePast();

  std::vector<v1::ReadModelDigest> digests;        // Of the joint read models at the end.
  std::vector<v1::ReadModelDigest> as_of_digests;  // The same as of as_of; empty where nothing was asked for.
  uint64_t digests_recorded = 0;                   // Digest entries; …
  uint64_t digests_reproduced = 0;                 // … of those, the ones that the replay gives again whole.
  // One of these speaks of every joint entry but digests and keys, and of every joint read model of this build: what the dashboards
  // said at the end is in the tree, and right.
  bool digests_agree = false;
  // What could not be checked, and why: a digest by a build with other read models, a witness's key that the bundle cannot lead to.
  std::vector<std::string> warnings;
};

// INVALID_ARGUMENT, NOT_FOUND where it cannot even begin: no bundle there, a seen note that is not one or is signed by nobody that the
// policy or the bundle leads to, a policy without the bundle's log, an as_of that is no moment of it. Anything that the bundle itself lacks is a verdict.
// Memory is bounded by the relationship's state, not by the length of its history.
absl::StatusOr<VerifyReport> VerifyBundle(const VerifyOptions& options);

}  // namespace parley
