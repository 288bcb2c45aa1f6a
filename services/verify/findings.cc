#include "services/verify/findings.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace parley {
namespace {

constexpr size_t kMaxUnauthorised = 1000;

uint64_t PlaceOf(const Finding& finding) { return finding.sequence.value_or(std::numeric_limits<uint64_t>::max()); }

// Messages of several lines, as those of a few libraries are, would break a report of one line per finding.
std::string OnOneLine(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

void Findings::Add(Verdict verdict, std::optional<uint64_t> sequence, std::string what) {
  Finding finding{verdict, sequence, OnOneLine(std::move(what))};
  if (verdict == Verdict::kUnauthorised && unauthorised_.size() < kMaxUnauthorised) unauthorised_.push_back(finding);
  const auto [it, added] = first_.emplace(verdict, finding);
  if (!added && PlaceOf(finding) < PlaceOf(it->second)) it->second = std::move(finding);
}

std::vector<Finding> Findings::List() const {
  std::vector<Finding> list;
  for (const auto& [verdict, finding] : first_) {
    if (verdict != Verdict::kUnauthorised) {
      list.push_back(finding);
      continue;
    }
    list.insert(list.end(), unauthorised_.begin(), unauthorised_.end());
    std::stable_sort(list.end() - static_cast<std::ptrdiff_t>(unauthorised_.size()), list.end(),
                     [](const Finding& a, const Finding& b) { return PlaceOf(a) < PlaceOf(b); });
  }
  return list;
}

}  // namespace parley
