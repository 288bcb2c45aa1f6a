// What the people of both sides did, case by case, as the ticketing system has it.
#include <string_view>

#include "absl/strings/str_format.h"
#include "eventstore/base/proto_util.h"
#include "services/cli/demo_cast.h"
#include "services/cli/demo_chapters.h"

namespace parley::demo {
namespace {

struct Team {
  char letter;
  const char* name;
  const char* party;
  const char* site;
  Person person;
};

constexpr Team kTeams[] = {
    {'D', "service-desk", kProvider, "Lodz", kServiceManager},
    {'N', "night-desk", kProvider, "Manila", {"laurel", kProvider}},
    {'S', "sap-support", kProvider, "Bengaluru", {"juniper", kProvider}},
    {'P', "plant-it", kBuyer, "Lyon", {"martin", kBuyer}},
};

// The course of a case: the team of each step; `w` after it: from here on the case waits for the user, `v`: for a
// vendor. How many in a hundred cases take it, by half-year.
struct Path {
  std::string_view steps;
  int share[4];
};

// The night desk hands on what it does not understand; in the second half-year that is at its worst.
constexpr Path kPaths[] = {
    {"DDD", {26, 18, 24, 34}},       // Solved where it was reported.
    {"DDwDD", {20, 22, 16, 12}},     // Once the user has answered.
    {"DSSS", {16, 12, 18, 22}},      // One handover.
    {"DSSvSS", {10, 8, 10, 10}},     // And a vendor.
    {"NDDwDD", {10, 12, 10, 8}},     // Taken over in the morning.
    {"DSDSSwSS", {8, 14, 10, 6}},    // Sent back once.
    {"NDPDPwPSS", {6, 8, 6, 4}},     // Between the two companies.
    {"NDSDSDwDwDSS", {4, 6, 6, 4}},  // Nobody's.
};

constexpr int kCasesInMonth = 6;

const Team& TeamOf(char letter) {
  for (const Team& team : kTeams) {
    if (team.letter == letter) return team;
  }
  return kTeams[0];
}

std::string_view PathOf(Dice& dice, int month) {
  int64_t left = dice.Between(0, 99);
  for (const Path& path : kPaths) {
    left -= path.share[month / 6];
    if (left < 0) return path.steps;
  }
  return kPaths[0].steps;
}

// What is done in a step, and the status that it leaves the case in.
struct Doing {
  const char* activity;
  const char* status;
};

Doing DoingOf(bool first, bool last, bool handed_over, char waits_for) {
  if (waits_for == 'w') return {"ask", "wait-user"};
  if (waits_for == 'v') return {"order", "wait-vendor"};
  if (last) return {"resolve", "resolved"};
  if (first) return {"open", "assigned"};
  return {handed_over ? "take-over" : "work", "in-progress"};
}

// One case, from a day early in the month on; over before the batch is taken.
void AddCase(const Agenda& agenda, int month, int number, v1::RecordActivitiesRequest& batch) {
  const std::string case_id = absl::StrFormat("INC-%02d%02d", month + 1, number);
  Dice dice = agenda.Throw("case " + case_id);
  const std::string_view path = PathOf(dice, month);
  absl::Time time =
      agenda.TimeOf({month, static_cast<int>(dice.Between(1, 12)), 6}) + absl::Minutes(dice.Between(0, 700));
  char before = 0;
  int step = 0;
  for (size_t i = 0; i < path.size(); ++i) {
    const char waits_for = i + 1 < path.size() && path[i + 1] >= 'a' ? path[i + 1] : 0;
    const Team& team = TeamOf(path[i]);
    const size_t next = i + (waits_for ? 2 : 1);
    const Doing doing = DoingOf(i == 0, next == path.size(), before != 0 && before != path[i], waits_for);
    auto& activity = *batch.add_activities();
    activity.set_source("globex-tickets");
    activity.set_source_id(absl::StrFormat("%s-%d", case_id, ++step));
    activity.set_case_id(case_id);
    activity.set_activity(doing.activity);
    activity.set_status(doing.status);
    activity.set_waiting(waits_for != 0);
    activity.set_party_id(team.party);
    activity.set_team(team.name);
    activity.set_site(team.site);
    activity.set_person(std::string(team.person.handle));
    activity.set_ordinal(step);
    *activity.mutable_time() = ToProto(time);
    // Waiting takes up to a day and a half, a queue up to ten hours, work an hour or two.
    const bool queued = next < path.size() && path[next] != path[i];
    time += absl::Minutes(waits_for ? dice.Between(120, 1'900)
                          : queued  ? dice.Between(60, 600)
                                    : dice.Between(10, 120));
    before = path[i];
    i = next - 1;
  }
}

}  // namespace

void TellActivities(Agenda& agenda) {
  for (int month = 0; month < kMonths; ++month) {
    v1::RecordActivitiesRequest batch;
    batch.set_parent(agenda.root());
    for (int number = 1; number <= kCasesInMonth; ++number) AddCase(agenda, month, number, batch);
    agenda.Add({month, 27, 18}, kServiceManager, &v1::ActivityService::Stub::RecordActivities,
               "activities/" + agenda.Month(month), batch, batch.activities_size());
  }
}

}  // namespace parley::demo
