// What does not hold in a bundle, collected while it is read.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/verify/verify.h"

namespace parley {

// Keeps the earliest of each kind, and each entry that was not allowed (the first thousand): an auditor wants the list.
class Findings {
 public:
  // A finding about no entry in particular is later than any that names one.
  void Add(Verdict verdict, std::optional<uint64_t> sequence, std::string what);
  bool Has(Verdict verdict) const { return first_.contains(verdict); }
  // In the order of verdicts, then of sequences.
  std::vector<Finding> List() const;

 private:
  std::map<Verdict, Finding> first_;
  std::vector<Finding> unauthorised_;
};

}  // namespace parley
