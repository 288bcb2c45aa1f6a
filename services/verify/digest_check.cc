#include "services/verify/digest_check.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventstore/base/status.h"
#include "services/aggregate/aggregate.h"

namespace parley {
namespace {

// The joint read models of the first release with their versions, and the fold that they rested on: no digest was ever made without
// them, or by an older build. Not to be changed: records of that time are checked by it.
struct FirstModel {
  std::string_view name;
  uint32_t version;
};
constexpr FirstModel kFirstModels[] = {
    {"activity-view", 1}, {"coverage", 1}, {"decision-register", 1}, {"dispute-docket", 1},
    {"membership", 1},    {"overview", 2}, {"resources", 2},         {"scoreboard", 1},
};
constexpr uint32_t kFirstFoldVersion = 2;

bool IsOlderThanAny(const v1::ReadModelDigest& said) {
  if (said.fold_version() < kFirstFoldVersion) return true;
  const auto* first = std::find_if(std::begin(kFirstModels), std::end(kFirstModels),
                                   [&](const FirstModel& model) { return model.name == said.model(); });
  return first != std::end(kFirstModels) && said.version() < first->version;
}

bool WasThereFromTheFirst(std::string_view name) {
  return std::any_of(std::begin(kFirstModels), std::end(kFirstModels),
                     [&](const FirstModel& model) { return model.name == name; });
}

}  // namespace

absl::Status DigestCheck::Before(uint64_t size) {
  if (!contents_.digest_sizes.contains(size)) return absl::OkStatus();
  PARLEY_ASSIGN_OR_RETURN(digests_[size], models_.Digests(contents_.ledger));
  return absl::OkStatus();
}

absl::Status DigestCheck::Add(const Entry& entry) {
  const std::string& type = entry.record.event_type();
  if (!type.starts_with("digest.")) {
    // A key changes who may vouch for what the read models say, not what they say of anything else.
    if (entry.joint() && !type.starts_with("key.")) end_of_joint_ = entry.sequence() + 1;
    return absl::OkStatus();
  }
  PARLEY_ASSIGN_OR_RETURN(const RecordedEvent event, DecodeEvent(entry));
  if (const auto* digest = event.As<v1::DigestEvent>()) Compare(entry.sequence(), digest->recorded());
  return absl::OkStatus();
}

void DigestCheck::Compare(uint64_t sequence, const v1::DigestEvent::Recorded& recorded) {
  ++report_.digests_recorded;
  const auto found = digests_.find(recorded.size());
  if (found == digests_.end()) {
    return Divergent(sequence, absl::StrCat("digests of ", recorded.size(), " entries, which are not all there"));
  }
  bool agrees = true;
  std::set<std::string> said;
  for (const v1::ReadModelDigest& model : recorded.models()) {
    said.insert(model.model());
    agrees &= CompareModel(sequence, recorded.size(), model, found->second);
  }
  for (const v1::ReadModelDigest& model : found->second) {
    if (said.contains(model.model())) continue;
    agrees = false;
    if (WasThereFromTheFirst(model.model())) {
      Divergent(sequence, "says nothing of the read model " + model.model());
    } else {
      Unchecked("the record has digests without one of the read model " + model.model());
    }
  }
  spoken_of_ = std::max(spoken_of_, recorded.size());
  if (!agrees) return;
  agreed_ = std::max(agreed_, recorded.size());
  ++report_.digests_reproduced;
}

bool DigestCheck::CompareModel(uint64_t sequence, uint64_t size, const v1::ReadModelDigest& said,
                               const std::vector<v1::ReadModelDigest>& found) {
  const auto it =
      std::find_if(found.begin(), found.end(), [&](const auto& model) { return model.model() == said.model(); });
  if (it != found.end() && it->version() == said.version() && it->fold_version() == said.fold_version()) {
    if (it->sha256() == said.sha256()) return true;
    Divergent(sequence, absl::StrCat("the read model ", said.model(), " of ", size,
                                     " entries is not what the record says it was"));
    return false;
  }
  const std::string what =
      absl::StrCat("the read model ", said.model(), " in version ", said.version(), "/", said.fold_version());
  const bool newer = said.fold_version() > kFoldVersion || (it != found.end() && said.version() > it->version());
  if (newer || IsOlderThanAny(said)) {
    Divergent(sequence, what + (newer ? " is of a newer build than this one: verify with that" : " never was"));
  } else {
    Unchecked("digests of " + what + ", which this build cannot fold, are not checked");
  }
  return false;
}

void DigestCheck::Finish() {
  if (spoken_of_ < end_of_joint_) {
    Divergent(spoken_of_, "of what the read models said from here on, the record has no digest");
  }
  report_.digests_agree = agreed_ >= end_of_joint_;
}

void DigestCheck::Divergent(uint64_t sequence, std::string what) {
  findings_.Add(Verdict::kDivergent, sequence, absl::StrCat("entry ", sequence, ": ", std::move(what)));
}

void DigestCheck::Unchecked(std::string what) {
  if (unchecked_.insert(what).second) report_.warnings.push_back(std::move(what));
}

}  // namespace parley
