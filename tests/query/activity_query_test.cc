#include "services/query/activity_query.h"

#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "parley/v1/activity.pb.h"
#include "tests/query/query_fixture.h"

namespace parley::test {
namespace {

class ActivityQueryTest : public QueryTest {
 protected:
  ActivityQueryTest() { Chartered(world_); }

  // An activity of case "c" at so many seconds after the world began.
  void Record(int second, const std::string& team, bool waiting = false) {
    v1::ActivityEvent event;
    event.mutable_recorded()->set_source("desk");
    event.mutable_recorded()->set_case_id("c");
    event.mutable_recorded()->set_team(team);
    event.mutable_recorded()->set_waiting(waiting);
    world_.AdvanceTo(Epoch() + absl::Seconds(second));
    const auto recorded = world_.Record(InAcme("activities/desk~" + std::to_string(++activities_)), event);
    ASSERT_TRUE(recorded.ok()) << recorded.status();
  }

  static v1::GetActivityViewRequest Request(int max_teams = 0) {
    v1::GetActivityViewRequest request;
    request.set_name(kAcme);
    request.set_max_teams(max_teams);
    return request;
  }
  v1::GetActivityViewResponse View(int max_teams = 0) {
    Publish(world_);
    const auto answer = Ask<v1::GetActivityViewResponse>("brian", Request(max_teams));
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.value_or(v1::GetActivityViewResponse());
  }

  using Strings = std::vector<std::string>;
  static Strings Names(const google::protobuf::RepeatedPtrField<v1::ActivityTeam>& teams) {
    Strings names;
    for (const v1::ActivityTeam& team : teams) names.push_back(team.team());
    return names;
  }

  World world_;
  int activities_ = 0;
};

TEST_F(ActivityQueryTest, GivesTheShareOfWaitingInPartsPerMillionRoundedDown) {
  Record(0, "a");
  Record(2, "a", true);
  EXPECT_EQ(View().waiting_ppm(), 0);
  Record(3, "a");
  EXPECT_EQ(View().waiting_ppm(), 333'333);
  Record(6, "a", true);
  Record(12, "a");
  const auto view = View();
  EXPECT_EQ(view.waiting_ppm(), 583'333);
  EXPECT_EQ(FromProto(view.summary().waiting()), absl::Seconds(7));
  EXPECT_EQ(FromProto(view.summary().elapsed()), absl::Seconds(12));
}

TEST_F(ActivityQueryTest, ListsMonthsInOrder) {
  for (const int day : {0, 31, 400}) Record(day * 86'400, "a");
  const auto view = View();
  ASSERT_EQ(view.months_size(), 3);
  EXPECT_EQ(view.months(0).month(), "2026-01");
  EXPECT_EQ(view.months(1).month(), "2026-02");
  EXPECT_EQ(view.months(2).month(), "2027-02");
  EXPECT_EQ(view.months(0).cases_started(), 1);
  EXPECT_EQ(view.months(2).cases_ended(), 1);
}

TEST_F(ActivityQueryTest, RanksTeamsByActivitiesAndByHandovers) {
  // Handovers: a to c, c to d, d to b, b to d: d has three, b and c two, a one.
  int second = 0;
  for (const char* team : {"a", "a", "a", "a", "c", "d", "b", "b", "d"}) Record(++second, team);
  const auto view = View();
  EXPECT_EQ(Names(view.busiest_teams()), (Strings{"a", "b", "d", "c"}));
  EXPECT_EQ(Names(view.handover_teams()), (Strings{"d", "b", "c", "a"}));
  EXPECT_EQ(view.handover_teams(0).handovers_in(), 2);
  EXPECT_EQ(view.handover_teams(0).handovers_out(), 1);
  EXPECT_EQ(Names(View(2).busiest_teams()), (Strings{"a", "b"}));
  EXPECT_EQ(Names(View(2).handover_teams()), (Strings{"d", "b"}));
}

TEST_F(ActivityQueryTest, TeamsWithoutHandoversAreNotRankedByThem) {
  Record(1, "a");
  EXPECT_EQ(Names(View().busiest_teams()), Strings{"a"});
  EXPECT_EQ(Names(View().handover_teams()), Strings());
}

TEST_F(ActivityQueryTest, OfNoActivityIsEmpty) {
  const auto view = View();
  EXPECT_TRUE(view.has_summary());
  EXPECT_EQ(view.summary().ByteSizeLong(), 0u);
  EXPECT_EQ(view.waiting_ppm(), 0);
  EXPECT_EQ(view.months_size() + view.busiest_teams_size(), 0);
  EXPECT_EQ(FromProto(view.read_time()), clock_.Now());
}

TEST_F(ActivityQueryTest, RefusesStrangersAndNegativeNumbers) {
  Publish(world_);
  EXPECT_EQ(ReasonOf(Ask<v1::GetActivityViewResponse>("mallory", Request()).status()), v1::REASON_NOT_FOUND);
  EXPECT_EQ(ReasonOf(Ask<v1::GetActivityViewResponse>("bea", Request(-1)).status()), v1::REASON_FIELD_INVALID);
}

}  // namespace
}  // namespace parley::test
