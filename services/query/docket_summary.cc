#include "services/query/docket_summary.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "eventstore/base/proto_util.h"

namespace parley {
namespace {

using v1::DocketEntry;
using v1::DocketSummary;
using Entries = google::protobuf::RepeatedPtrField<DocketEntry>;
using Durations = std::vector<absl::Duration>;

bool IsOpen(const DocketEntry& entry) { return entry.has_open_since_time(); }

// The lower median. `sorted` ascending, not empty.
google::protobuf::Duration Median(const Durations& sorted) { return ToProto(sorted[(sorted.size() - 1) / 2]); }

v1::DocketAges AgesOf(Durations ages) {
  std::sort(ages.begin(), ages.end());
  v1::DocketAges out;
  out.set_open(static_cast<int32_t>(ages.size()));
  *out.mutable_oldest() = ToProto(ages.back());
  *out.mutable_median() = Median(ages);
  return out;
}

void CountEntry(const DocketEntry& entry, DocketSummary& summary) {
  summary.set_open(summary.open() + IsOpen(entry));
  summary.set_resolved(summary.resolved() + (entry.state() == v1::DISPUTE_STATE_RESOLVED));
  summary.set_withdrawn(summary.withdrawn() + (entry.state() == v1::DISPUTE_STATE_WITHDRAWN));
  summary.set_reopened(summary.reopened() + (entry.reopen_count() > 0));
  summary.set_acknowledgements_pending(summary.acknowledgements_pending() + !entry.unacknowledged_by().empty());
  summary.set_acknowledgements_overdue(summary.acknowledgements_overdue() + entry.acknowledgement_overdue());
  summary.set_windows_overdue(summary.windows_overdue() + entry.window_overdue());
  summary.set_work_suspended(summary.work_suspended() + (IsOpen(entry) && entry.work_suspended()));
  summary.set_recurring(summary.recurring() + (entry.earlier_disputes() > 0));
  for (const v1::DocketEscalation& escalation : entry.escalations()) {
    if (escalation.mode() == v1::ESCALATION_MODE_ONE_SIDED) {
      summary.set_one_sided_escalations(summary.one_sided_escalations() + 1);
    } else {
      summary.set_joint_escalations(summary.joint_escalations() + 1);
    }
  }
}

void SummariseAges(const Entries& entries, DocketSummary& summary) {
  std::map<std::pair<int32_t, std::string>, Durations> by_tier;
  std::map<v1::DisputeType, Durations> by_type;
  std::map<v1::DisputeStyle, Durations> by_style;
  for (const DocketEntry& entry : entries) {
    if (!IsOpen(entry)) continue;
    const absl::Duration age = FromProto(entry.open_for());
    by_tier[{entry.tier_level(), entry.tier_id()}].push_back(age);
    by_type[entry.type()].push_back(age);
    by_style[entry.style()].push_back(age);
  }
  for (auto& [tier, ages] : by_tier) {
    auto* out = summary.add_by_tier();
    out->set_tier_level(tier.first);
    out->set_tier_id(tier.second);
    *out->mutable_ages() = AgesOf(std::move(ages));
  }
  for (auto& [type, ages] : by_type) {
    auto* out = summary.add_by_type();
    out->set_type(type);
    *out->mutable_ages() = AgesOf(std::move(ages));
  }
  for (auto& [style, ages] : by_style) {
    auto* out = summary.add_by_style();
    out->set_style(style);
    *out->mutable_ages() = AgesOf(std::move(ages));
  }
}

void SummariseTimesToResolve(const Entries& entries, DocketSummary& summary) {
  Durations times;
  for (const DocketEntry& entry : entries) {
    if (entry.has_time_to_resolve()) times.push_back(FromProto(entry.time_to_resolve()));
  }
  if (times.empty()) return;
  std::sort(times.begin(), times.end());
  *summary.mutable_median_time_to_resolve() = Median(times);
  *summary.mutable_longest_time_to_resolve() = ToProto(times.back());
}

void SummariseParties(const Entries& entries, DocketSummary& summary) {
  std::map<std::string, v1::DocketParty> parties;
  for (const DocketEntry& entry : entries) {
    auto& raiser = parties[entry.raised_by_party()];
    raiser.set_raised(raiser.raised() + 1);
    for (const std::string& party : entry.respondents()) parties.try_emplace(party);
    for (const std::string& party : entry.acknowledged_late_by()) {
      parties[party].set_acknowledged_late(parties[party].acknowledged_late() + 1);
    }
    for (const v1::DocketEscalation& escalation : entry.escalations()) {
      if (escalation.mode() != v1::ESCALATION_MODE_ONE_SIDED) continue;
      auto& party = parties[escalation.alone_party()];
      party.set_escalated_alone(party.escalated_alone() + 1);
      party.set_escalated_alone_early(party.escalated_alone_early() + escalation.early());
      party.set_escalated_alone_skipping(party.escalated_alone_skipping() + !escalation.skipped_tier_ids().empty());
    }
  }
  for (auto& [id, party] : parties) {
    party.set_party_id(id);
    *summary.add_parties() = std::move(party);
  }
}

void SummariseRecurrences(const Entries& entries, DocketSummary& summary) {
  std::map<std::string, std::vector<const DocketEntry*>> by_first;
  for (const DocketEntry& entry : entries) by_first[entry.first_dispute()].push_back(&entry);
  for (auto& [first, same] : by_first) {
    if (same.size() < 2) continue;
    std::sort(same.begin(), same.end(),
              [](const auto* a, const auto* b) { return a->earlier_disputes() < b->earlier_disputes(); });
    auto* recurrence = summary.add_recurrences();
    recurrence->set_subject(same.front()->subject());
    for (const DocketEntry* entry : same) {
      recurrence->add_disputes(entry->dispute());
      recurrence->set_open(recurrence->open() + IsOpen(*entry));
    }
  }
}

void SummariseOutcomes(const Entries& entries, DocketSummary& summary) {
  struct Outcome {
    int32_t resolutions = 0;
    int32_t reopened = 0;
    std::map<std::string, v1::DocketStyleSatisfaction> satisfactions;  // By party.
  };
  std::map<v1::DisputeStyle, Outcome> outcomes;
  for (const DocketEntry& entry : entries) {
    for (int i = 0; i < entry.resolutions_size(); ++i) {
      const v1::DocketResolution& resolution = entry.resolutions(i);
      Outcome& outcome = outcomes[resolution.style()];
      ++outcome.resolutions;
      // Opened again as often as counted: the resolutions up to there were.
      outcome.reopened += i < entry.reopen_count();
      for (const v1::DocketSatisfaction& satisfaction : resolution.satisfactions()) {
        auto& of_party = outcome.satisfactions[satisfaction.party_id()];
        of_party.set_scores(of_party.scores() + 1);
        of_party.set_sum(of_party.sum() + satisfaction.score());
      }
    }
  }
  for (auto& [style, outcome] : outcomes) {
    auto* out = summary.add_outcomes_by_style();
    out->set_style(style);
    out->set_resolutions(outcome.resolutions);
    out->set_reopened(outcome.reopened);
    for (auto& [party, satisfaction] : outcome.satisfactions) {
      const int64_t scores = satisfaction.scores();
      const int64_t sum = satisfaction.sum();
      satisfaction.set_party_id(party);
      satisfaction.set_average_hundredths(static_cast<int32_t>((200 * sum + scores) / (2 * scores)));
      *out->add_satisfactions() = std::move(satisfaction);
    }
  }
}

}  // namespace

v1::DocketSummary SummariseDocket(const Entries& entries) {
  DocketSummary summary;
  for (const DocketEntry& entry : entries) CountEntry(entry, summary);
  SummariseTimesToResolve(entries, summary);
  SummariseAges(entries, summary);
  SummariseParties(entries, summary);
  SummariseRecurrences(entries, summary);
  SummariseOutcomes(entries, summary);
  return summary;
}

}  // namespace parley
