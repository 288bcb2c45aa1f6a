// What the record says its read models were, held against the replay.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "eventstore/entry.h"
#include "parley/v1/digest.pb.h"
#include "projections/replayed_store.h"
#include "services/verify/contents.h"
#include "services/verify/findings.h"

namespace parley {

// Follows a history beside the replay of its read models. What the replay does not reproduce is `divergent`, as is a checkpoint that
// no digest stands behind: of a history that is complete, what the dashboards said is in the tree.
//
// A digest leaves out no read model that there was in the first release, and is of no version before that one or after this build's.
// What lies between was right for the build of its time: that cannot be folded again here, and is a warning.
class DigestCheck {
 public:
  // `models` has folded in what came before the entry at hand. All outlive this.
  DigestCheck(ReplayedStore& models, const BundleContents& contents, Findings& findings, VerifyReport& report)
      : models_(models), contents_(contents), findings_(findings), report_(report) {}

  // Before the entry at `size` is folded in.
  absl::Status Before(uint64_t size);
  // An entry that can be read, before it is folded in.
  absl::Status Add(const Entry& entry);
  // There are no more.
  void Finish();

 private:
  void Compare(uint64_t sequence, const v1::DigestEvent::Recorded& recorded);
  // Whether the replay gives the same.
  bool CompareModel(uint64_t sequence, uint64_t size, const v1::ReadModelDigest& said,
                    const std::vector<v1::ReadModelDigest>& found);
  void Divergent(uint64_t sequence, std::string what);
  // Once each.
  void Unchecked(std::string what);

  ReplayedStore& models_;
  const BundleContents& contents_;
  Findings& findings_;
  VerifyReport& report_;
  std::map<uint64_t, std::vector<v1::ReadModelDigest>> digests_;  // By size: what the replay gives.
  std::set<std::string> unchecked_;
  uint64_t end_of_joint_ = 0;  // After the last joint entry but digests and keys.
  uint64_t spoken_of_ = 0;     // The entries below: by a digest, …
  uint64_t agreed_ = 0;        // … by one that the replay reproduces whole.
};

}  // namespace parley
