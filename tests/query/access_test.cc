// Who sees what.
#include "eventstore/base/status.h"
#include "parley/v1/timeline.pb.h"
#include "tests/query/query_fixture.h"

namespace parley::test {
namespace {

class AccessTest : public QueryTest {
 protected:
  v1::Reason Get(const std::string& principal, const std::string& name) {
    v1::GetDecisionRequest request;
    request.set_name(name);
    return ReasonOf(Ask<v1::GetDecisionResponse>(principal, request).status());
  }
  bool ReadsAcme(const std::string& principal) {
    v1::GetRelationshipRequest request;
    request.set_name(kAcme);
    const auto response = Ask<v1::GetRelationshipResponse>(principal, request);
    EXPECT_EQ(ReasonOf(response.status()), response.ok() ? v1::REASON_UNSPECIFIED : v1::REASON_NOT_FOUND);
    return response.ok();
  }
};

TEST_F(AccessTest, MembersReadWhatIsJoint) {
  World world;
  Chartered(world);
  Decided(world, "d1");
  Publish(world);
  v1::GetDecisionRequest request;
  request.set_name(InAcme("decisions/d1"));
  const auto response = Ask<v1::GetDecisionResponse>("brian", request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->decision().state(), v1::DECISION_STATE_DECIDED);
  EXPECT_EQ(response->decision().SerializeAsString(),
            world.state().Find<v1::Decision>(InAcme("decisions/d1"))->SerializeAsString())
      << "the read model is not what the write side decides on";
  EXPECT_EQ(Get("brian", InAcme("decisions/d2")), v1::REASON_NOT_FOUND);
  EXPECT_EQ(Get("brian", kAcme), v1::REASON_FIELD_INVALID);
  // To those who are no members, nothing is there, whether it is or not.
  EXPECT_EQ(Get("mallory", InAcme("decisions/d1")), v1::REASON_NOT_FOUND);
  EXPECT_EQ(Get("mallory", InAcme("decisions/d2")), v1::REASON_NOT_FOUND);
  EXPECT_EQ(Get("mallory", "relationships/none/decisions/d1"), v1::REASON_NOT_FOUND);
  v1::ListDecisionsRequest list;
  list.set_parent(kAcme);
  EXPECT_EQ(ReasonOf(Ask<v1::ListDecisionsResponse>("mallory", list).status()), v1::REASON_NOT_FOUND);
}

TEST_F(AccessTest, WhoOpenedItReadsUntilACharterBindsAndTheInvitedReadToAccept) {
  World world;
  Established(world);
  Publish(world);
  EXPECT_TRUE(ReadsAcme("otto"));
  EXPECT_TRUE(ReadsAcme("bea"));
  EXPECT_FALSE(ReadsAcme("bill"));
  World later;
  Chartered(later);
  Publish(later);
  EXPECT_FALSE(ReadsAcme("otto"));
  EXPECT_TRUE(ReadsAcme("bea"));
  EXPECT_TRUE(ReadsAcme("bill"));
}

TEST_F(AccessTest, ARoleTakenBackIsReadingTakenBack) {
  World world;
  Chartered(world);
  Publish(world);
  EXPECT_TRUE(ReadsAcme("brian"));
  v1::RelationshipEvent event;
  event.mutable_role_revoked()->set_principal("brian");
  event.mutable_role_revoked()->set_party_id("buyer");
  event.mutable_role_revoked()->set_role("observer");
  log_.Add("acme", kAcme, event);
  ASSERT_TRUE(WaitUntilCaughtUp(*runner_, log_));
  EXPECT_FALSE(ReadsAcme("brian"));
  EXPECT_EQ(Ask<v1::ListRelationshipsResponse>("brian", v1::ListRelationshipsRequest())->relationships_size(), 0);
}

TEST_F(AccessTest, APartysOwnIsReadByItsMembersOnly) {
  World world;
  Chartered(world);
  Publish(world);
  v1::DecisionEvent event;
  event.mutable_proposed()->set_title("what we really want");
  const std::string name = InAcme("parties/buyer/decisions/p1");
  log_.Add("acme", name, event, "buyer");
  ASSERT_TRUE(WaitUntilCaughtUp(*runner_, log_));
  EXPECT_EQ(Get("brian", name), v1::REASON_UNSPECIFIED);
  EXPECT_EQ(Get("pat", name), v1::REASON_NOT_FOUND);
  EXPECT_EQ(Get("pat", InAcme("parties/buyer/decisions/none")), v1::REASON_NOT_FOUND);
  v1::ListDecisionsRequest list;
  list.set_parent(InAcme("parties/buyer"));
  EXPECT_EQ(Ask<v1::ListDecisionsResponse>("brian", list)->decisions_size(), 1);
  EXPECT_EQ(ReasonOf(Ask<v1::ListDecisionsResponse>("pat", list).status()), v1::REASON_NOT_FOUND);
  list.set_parent(kAcme);
  EXPECT_EQ(Ask<v1::ListDecisionsResponse>("brian", list)->decisions_size(), 0) << "joint lists are joint";

  // On the timeline, the others see that an entry is there, and whose.
  v1::ListTimelineEntriesRequest timeline;
  timeline.set_parent(kAcme);
  timeline.set_order(v1::TIMELINE_ORDER_NEWEST_FIRST);
  timeline.set_page_size(1);
  const auto mine = Ask<v1::ListTimelineEntriesResponse>("brian", timeline);
  EXPECT_EQ(mine->timeline_entries(0).stream(), name);
  EXPECT_FALSE(mine->timeline_entries(0).withheld());
  const auto theirs = Ask<v1::ListTimelineEntriesResponse>("pat", timeline);
  v1::TimelineEntry expected;
  expected.set_sequence(mine->timeline_entries(0).sequence());
  *expected.mutable_recorded_at() = mine->timeline_entries(0).recorded_at();
  expected.set_owner("buyer");
  expected.set_withheld(true);
  EXPECT_EQ(theirs->timeline_entries(0).SerializeAsString(), expected.SerializeAsString());
  timeline.mutable_selection()->set_stream(name);
  EXPECT_EQ(Ask<v1::ListTimelineEntriesResponse>("brian", timeline)->timeline_entries_size(), 1);
  EXPECT_EQ(Ask<v1::ListTimelineEntriesResponse>("pat", timeline)->timeline_entries_size(), 0);
}

}  // namespace
}  // namespace parley::test
