// One entry of a bundle after another, each by itself: that its bytes are what they must be, and what it says of keys, digests and
// erasures.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "eventstore/entry.h"
#include "parley/v1/audit.pb.h"
#include "services/aggregate/aggregate.h"
#include "services/verify/contents.h"
#include "services/verify/findings.h"

namespace parley {

class EntryCheck {
 public:
  // `reader` as in the manifest. Fills in `contents`: its keys, digest sizes and whether it is readable. All outlive this.
  EntryCheck(std::string reader, const v1::PersonKeys* keys, BundleContents& contents, Findings& findings,
             VerifyReport& report);

  // The next entry, which must be the one of that sequence.
  void Check(v1::StoredEntry stored, uint64_t sequence);
  // There are no more: what is missing by now without authority is hidden.
  void Finish();

 private:
  // Returns whether the header is fit to go on with.
  bool CheckHeader(const v1::EntryHeader& header, const v1::StoredEntry& stored, uint64_t sequence);
  void CheckParts(const Entry& entry);
  // An entry that changes what is known of keys, digests or people.
  void Follow(const Entry& entry, const RecordedEvent& event);
  // An entry of which nothing can be relied on.
  void Unreadable(Verdict verdict, uint64_t sequence, std::string what);

  const std::string reader_;
  std::map<std::string, std::string> keys_;  // Of people, by resource name.
  BundleContents& contents_;
  Findings& findings_;
  VerifyReport& report_;
  // By person: the first entry with a part that is missing, and how many are.
  struct Missing {
    uint64_t sequence = 0;
    uint64_t parts = 0;
  };
  std::map<std::string, Missing> missing_;
  std::map<std::string, uint64_t> still_there_;  // By person: sealed parts.
  std::set<std::string> erased_;                 // People with an Erased entry.
};

}  // namespace parley
