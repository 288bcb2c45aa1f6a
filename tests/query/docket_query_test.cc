#include "services/query/docket_query.h"

#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "tests/query/query_fixture.h"
#include "tests/support/dispute_fixtures.h"

namespace parley::test {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

class DocketQueryTest : public QueryTest {
 protected:
  v1::GetDocketRequest At(absl::Time read_time) {
    v1::GetDocketRequest request;
    request.set_name(kAcme);
    *request.mutable_read_time() = ToProto(read_time);
    return request;
  }
  v1::GetDocketResponse Docket(absl::Time read_time) {
    const auto answer = Ask<v1::GetDocketResponse>("brian", At(read_time));
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.value_or(v1::GetDocketResponse());
  }
};

TEST_F(DocketQueryTest, ComputesAgesAndWhatIsOverdueAsOfTheReadTime) {
  Spec<v1::Dispute> s = Raised();
  s.After(kDay).By("bill").Given(Raise("d2"));
  s.By("bill").Given(
      D1<v1::EscalateDisputeRequest>("tier_id: 'working-level' mode: ESCALATION_MODE_ONE_SIDED reason: 'r'"));
  Publish(s.world());

  v1::GetDocketResponse docket = Docket(Epoch() + 3 * kDay - absl::Nanoseconds(1));
  ASSERT_EQ(docket.entries_size(), 2);
  EXPECT_EQ(FromProto(docket.read_time()), Epoch() + 3 * kDay - absl::Nanoseconds(1));
  EXPECT_EQ(docket.entries(0).dispute(), InAcme("disputes/d1"));
  EXPECT_EQ(FromProto(docket.entries(0).open_for()), 3 * kDay - absl::Nanoseconds(1));
  EXPECT_EQ(FromProto(docket.entries(0).on_tier_for()), 2 * kDay - absl::Nanoseconds(1));
  EXPECT_FALSE(docket.entries(0).acknowledgement_overdue());
  EXPECT_EQ(docket.summary().acknowledgements_pending(), 2);
  EXPECT_EQ(docket.summary().acknowledgements_overdue(), 0);

  docket = Docket(Epoch() + 3 * kDay);
  EXPECT_TRUE(docket.entries(0).acknowledgement_overdue());
  EXPECT_FALSE(docket.entries(1).acknowledgement_overdue());
  EXPECT_FALSE(docket.entries(0).window_overdue());

  docket = Docket(Epoch() + 6 * kDay);
  EXPECT_TRUE(docket.entries(0).window_overdue());
  EXPECT_FALSE(docket.entries(1).window_overdue()) << "below the ladder no tier's window runs";
  EXPECT_EQ(docket.summary().windows_overdue(), 1);
  EXPECT_EQ(docket.summary().by_tier_size(), 2);
  EXPECT_EQ(docket.summary().by_tier(1).tier_id(), "working-level");
  EXPECT_EQ(FromProto(docket.summary().by_tier(1).ages().oldest()), 6 * kDay);
  EXPECT_EQ(docket.summary().parties(0).escalated_alone(), 1);
}

TEST_F(DocketQueryTest, WhatIsClosedHasNoAgeAndIsNeverOverdue) {
  Spec<v1::Dispute> s = Resolved();
  Publish(s.world());
  const v1::GetDocketResponse docket = Docket(Epoch() + 99 * kDay);
  ASSERT_EQ(docket.entries_size(), 1);
  EXPECT_FALSE(docket.entries(0).has_open_for());
  EXPECT_FALSE(docket.entries(0).has_on_tier_for());
  EXPECT_FALSE(docket.entries(0).acknowledgement_overdue());
  EXPECT_EQ(docket.summary().open(), 0);
  EXPECT_EQ(docket.summary().resolved(), 1);
  EXPECT_EQ(docket.summary().by_tier_size(), 0);
}

TEST_F(DocketQueryTest, IsForMembersAndReadsNowByDefault) {
  Spec<v1::Dispute> s = Raised();
  Publish(s.world());
  v1::GetDocketRequest request = At(Epoch());
  EXPECT_EQ(ReasonOf(Ask<v1::GetDocketResponse>("mallory", request).status()), v1::REASON_NOT_FOUND);
  request.set_name("acme");
  EXPECT_EQ(ReasonOf(Ask<v1::GetDocketResponse>("bea", request).status()), v1::REASON_FIELD_INVALID);
  request.set_name(kAcme);
  request.clear_read_time();
  clock_.AdvanceTo(Epoch() + 7 * kDay);
  const auto answer = Ask<v1::GetDocketResponse>("bea", request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(FromProto(answer->read_time()), Epoch() + 7 * kDay);
  EXPECT_EQ(FromProto(answer->entries(0).open_for()), 7 * kDay);
}

}  // namespace
}  // namespace parley::test
