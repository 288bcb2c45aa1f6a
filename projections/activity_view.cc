#include "projections/activity_view.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/base/resource_name.h"
#include "parley/v1/activity.pb.h"
#include "parley/v1/activity_view.pb.h"

namespace parley {
namespace {

using v1::ActivityCase;
using v1::ActivityStep;
using v1::ActivitySummary;

// What one case adds to the totals.
struct CaseCount {
  int steps = 0;
  absl::Time start;  // Of the first step, and `end` of the last; of no meaning without any.
  absl::Time end;
  absl::Duration elapsed;
  absl::Duration waiting;
  int64_t handovers = 0;
  int64_t ping_pongs = 0;
  int64_t party_handovers = 0;
  std::vector<std::pair<std::string, std::string>> handovers_between;  // Teams, in order.
};

void CountHandover(const ActivityStep& from, const ActivityStep& to, const std::string& team_before, CaseCount& count) {
  ++count.handovers;
  count.handovers_between.emplace_back(from.team(), to.team());
  if (to.team() == team_before) ++count.ping_pongs;
  if (!from.party_id().empty() && !to.party_id().empty() && from.party_id() != to.party_id()) ++count.party_handovers;
}

CaseCount Count(const ActivityCase& activity_case) {
  CaseCount count;
  count.steps = activity_case.steps_size();
  if (count.steps > 0) {
    count.start = FromProto(activity_case.steps(0).time());
    count.end = FromProto(activity_case.steps(count.steps - 1).time());
  }
  const ActivityStep* holder = nullptr;  // The latest step with a team.
  std::string team_before;               // The team that had the case before the holder's.
  for (int i = 0; i < activity_case.steps_size(); ++i) {
    const ActivityStep& step = activity_case.steps(i);
    if (i > 0) {
      const ActivityStep& previous = activity_case.steps(i - 1);
      const absl::Duration gap = FromProto(step.time()) - FromProto(previous.time());
      count.elapsed += gap;
      if (previous.waiting()) count.waiting += gap;
    }
    if (step.team().empty()) continue;
    if (holder != nullptr && holder->team() != step.team()) {
      CountHandover(*holder, step, team_before, count);
      team_before = holder->team();
    }
    holder = &step;
  }
  return count;
}

bool MostlyWaiting(const CaseCount& count) { return 2 * count.waiting > count.elapsed; }

// Takes a case's count before out of the totals and adds the one after.
void UpdateTotals(const CaseCount& before, const CaseCount& after, ActivitySummary& summary) {
  *summary.mutable_elapsed() = ToProto(FromProto(summary.elapsed()) + (after.elapsed - before.elapsed));
  *summary.mutable_waiting() = ToProto(FromProto(summary.waiting()) + (after.waiting - before.waiting));
  summary.set_handovers(summary.handovers() + after.handovers - before.handovers);
  summary.set_ping_pongs(summary.ping_pongs() + after.ping_pongs - before.ping_pongs);
  summary.set_party_handovers(summary.party_handovers() + after.party_handovers - before.party_handovers);
  summary.set_cases_mostly_waiting(summary.cases_mostly_waiting() + MostlyWaiting(after) - MostlyWaiting(before));
  summary.set_cases_handed_over_twice(summary.cases_handed_over_twice() + (after.handovers >= 2) -
                                      (before.handovers >= 2));
}

// Inserts in order of (time, ordinal, id).
void Insert(ActivityCase& activity_case, ActivityStep step) {
  const auto key = [](const ActivityStep& s) {
    return std::make_tuple(s.time().seconds(), s.time().nanos(), s.ordinal(), s.activity_id());
  };
  *activity_case.add_steps() = std::move(step);
  auto& steps = *activity_case.mutable_steps();
  for (int i = steps.size() - 1; i > 0 && key(steps[i]) < key(steps[i - 1]); --i) steps.SwapElements(i, i - 1);
}

// "2026-11"
std::string MonthOf(absl::Time time) {
  const absl::CivilMonth month = absl::ToCivilMonth(time, absl::UTCTimeZone());
  return absl::StrCat(absl::Dec(month.year(), absl::kZeroPad4), "-", absl::Dec(month.month(), absl::kZeroPad2));
}

void UpdateMonth(const std::string& month, Rows& rows, const std::function<void(v1::ActivityMonth&)>& change) {
  auto& row = rows.Mutable<v1::ActivityMonth>(ActivityViewProjection::kMonths + month);
  row.set_month(month);
  change(row);
}

// Moves a case between the months in which cases start or end.
void MoveCase(std::optional<absl::Time> from, absl::Time to, Rows& rows, int64_t (v1::ActivityMonth::*get)() const,
              void (v1::ActivityMonth::*set)(int64_t)) {
  if (from == to) return;  // Most often: months need not be worked out.
  const auto add = [&](int64_t n) { return [=](v1::ActivityMonth& m) { (m.*set)((m.*get)() + n); }; };
  const std::string month = MonthOf(to);
  if (from && MonthOf(*from) == month) return;
  if (from) UpdateMonth(MonthOf(*from), rows, add(-1));
  UpdateMonth(month, rows, add(1));
}

void UpdateMonths(const CaseCount& before, const CaseCount& after, absl::Time time, Rows& rows) {
  UpdateMonth(MonthOf(time), rows, [](v1::ActivityMonth& m) { m.set_activities(m.activities() + 1); });
  const auto was = [&](absl::Time t) { return before.steps == 0 ? std::nullopt : std::optional(t); };
  MoveCase(was(before.start), after.start, rows, &v1::ActivityMonth::cases_started,
           &v1::ActivityMonth::set_cases_started);
  MoveCase(was(before.end), after.end, rows, &v1::ActivityMonth::cases_ended, &v1::ActivityMonth::set_cases_ended);
}

void UpdateTeams(const CaseCount& before, const CaseCount& after, const std::string& team, ActivitySummary& summary,
                 Rows& rows) {
  struct Change {
    int64_t activities = 0;
    int64_t in = 0;
    int64_t out = 0;
  };
  std::map<std::string, Change> changes;
  if (!team.empty()) changes[team].activities = 1;
  // Most often the step is the case's last, and the handovers before it are as they were.
  const auto& was = before.handovers_between;
  const auto& is = after.handovers_between;
  const auto [same_in_is, same_in_was] = std::mismatch(is.begin(), is.end(), was.begin(), was.end());
  const auto count = [&](const auto& from_to, int n) {
    changes[from_to.first].out += n;
    changes[from_to.second].in += n;
  };
  std::for_each(same_in_is, is.end(), [&](const auto& handover) { count(handover, 1); });
  std::for_each(same_in_was, was.end(), [&](const auto& handover) { count(handover, -1); });
  for (const auto& [name, change] : changes) {
    if (change.activities == 0 && change.in == 0 && change.out == 0) continue;
    auto& row = rows.Mutable<v1::ActivityTeam>(ActivityViewProjection::kTeams + name);
    if (row.team().empty()) summary.set_teams(summary.teams() + 1);
    row.set_team(name);
    row.set_activities(row.activities() + change.activities);
    row.set_handovers_in(row.handovers_in() + change.in);
    row.set_handovers_out(row.handovers_out() + change.out);
  }
}

void Widen(ActivitySummary& summary, absl::Time time) {
  if (!summary.has_first_time() || time < FromProto(summary.first_time()))
    *summary.mutable_first_time() = ToProto(time);
  if (!summary.has_last_time() || time > FromProto(summary.last_time())) *summary.mutable_last_time() = ToProto(time);
}

}  // namespace

absl::Status ActivityViewProjection::Apply(const RecordedEvent& event, Rows& rows) const {
  const auto* activity_event = event.As<v1::ActivityEvent>();
  if (activity_event == nullptr) return absl::OkStatus();
  const auto& recorded = activity_event->recorded();

  ActivityStep step;
  *step.mutable_time() = ToProto(event.info.effective_at);
  step.set_ordinal(recorded.ordinal());
  step.set_activity_id(event.info.stream.substr(event.info.stream.rfind('/') + 1));
  step.set_waiting(recorded.waiting());
  step.set_team(recorded.team());
  step.set_party_id(recorded.party_id());

  // Case ids are the source's own: cases of different sources are different cases.
  const std::string key = "case/" + recorded.source() + "/" + recorded.case_id();
  auto& activity_case = rows.Mutable<ActivityCase>(key);
  auto& summary = rows.Mutable<ActivitySummary>(kSummary);
  const CaseCount before = Count(activity_case);
  Insert(activity_case, std::move(step));
  const CaseCount after = Count(activity_case);
  summary.set_activities(summary.activities() + 1);
  if (before.steps == 0) summary.set_cases(summary.cases() + 1);
  UpdateTotals(before, after, summary);
  Widen(summary, event.info.effective_at);
  UpdateTeams(before, after, recorded.team(), summary, rows);
  UpdateMonths(before, after, event.info.effective_at, rows);
  return absl::OkStatus();
}

}  // namespace parley
