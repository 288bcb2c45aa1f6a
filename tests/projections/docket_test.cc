#include "projections/docket.h"

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "eventstore/base/proto_util.h"
#include "eventstore/kv_memory.h"
#include "parley/v1/docket.pb.h"
#include "tests/support/dispute_fixtures.h"
#include "tests/support/map_rows.h"
#include "tests/support/test_log.h"

namespace parley::test {
namespace {

using S = Spec<v1::Dispute>;

constexpr absl::Duration kDay = absl::Hours(24);

v1::DocketEntry EntryOf(S& s, const std::string& id = "d1") {
  MapRows rows = FoldWorld(DocketProjection(), s.world());
  const auto* entry = rows.Find<v1::DocketEntry>(DocketProjection::kEntries + InAcme("disputes/" + id));
  return entry != nullptr ? *entry : v1::DocketEntry();
}

v1::EscalateDisputeRequest Escalate(const std::string& tier, const std::string& mode, const std::string& more = "") {
  return D1<v1::EscalateDisputeRequest>("tier_id: '" + tier + "' mode: ESCALATION_MODE_" + mode + " reason: 'r' " +
                                        more);
}

void Satisfied(S& s, const std::string& principal, int score) {
  s.By(principal).Given(D1<v1::GiveDisputeSatisfactionRequest>("score: " + std::to_string(score)));
}

std::vector<std::string> ListOf(const google::protobuf::RepeatedPtrField<std::string>& field) {
  return {field.begin(), field.end()};
}
using Strings = std::vector<std::string>;

TEST(Docket, AnEntrySaysWhatWasRaised) {
  S s;
  s.Given(Chartered).After(kDay).By("bill").Given(
      Raise("d1",
            "subject: 'relationships/acme' amount { currency_code: 'EUR' units: 500 } "
            "style: DISPUTE_STYLE_COMPETING work_suspension_reason: 'unsafe'"));
  const v1::DocketEntry entry = EntryOf(s);
  const auto expected = Parse<v1::DocketEntry>(R"pb(
    dispute: "relationships/acme/disputes/d1"
    type: DISPUTE_TYPE_SERVICE
    title: "Outage"
    subject: "relationships/acme"
    amount { currency_code: "EUR" units: 500 }
    state: DISPUTE_STATE_RAISED
    style: DISPUTE_STYLE_COMPETING
    raised_by: "bill"
    raised_by_party: "buyer"
    respondents: "provider"
    raise_time { seconds: 1767312000 }
    open_since_time { seconds: 1767312000 }
    tier_since_time { seconds: 1767312000 }
    unacknowledged_by: "provider"
    acknowledge_due_time { seconds: 1767571200 }
    work_suspended: true
    first_dispute: "relationships/acme/disputes/d1"
  )pb");
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(entry, expected)) << entry.DebugString();
}

TEST(Docket, ShowsWhoHasNotAcknowledgedAndWhoDidLate) {
  S s;
  s.Given(Chartered).Given(WithAdviser).By("bill").Given(Raise("d1", "respondents: ['provider', 'adviser']"));
  s.By("petra").Given(D1<v1::AcknowledgeDisputeRequest>());
  v1::DocketEntry entry = EntryOf(s);
  EXPECT_EQ(ListOf(entry.unacknowledged_by()), Strings{"adviser"});
  EXPECT_EQ(FromProto(entry.acknowledge_due_time()), Epoch() + 3 * kDay);

  s.WhenTimePasses(4 * kDay).By("ann").Given(D1<v1::AcknowledgeDisputeRequest>());
  entry = EntryOf(s);
  EXPECT_EQ(ListOf(entry.unacknowledged_by()), Strings());
  EXPECT_FALSE(entry.has_acknowledge_due_time());
  EXPECT_EQ(ListOf(entry.acknowledged_late_by()), Strings{"adviser"});
  EXPECT_EQ(entry.windows_expired(), 0) << "that was no tier's window";
}

TEST(Docket, AnAcknowledgementIsNotWaitedForOnceItWasResolved) {
  S s = Resolved();
  EXPECT_EQ(ListOf(EntryOf(s).unacknowledged_by()), Strings());
  s.By("pat").Given(D1<v1::ReopenDisputeRequest>("reason: 'again'"));
  EXPECT_EQ(ListOf(EntryOf(s).unacknowledged_by()), Strings());
  EXPECT_FALSE(EntryOf(s).has_acknowledge_due_time());
}

TEST(Docket, FollowsTheLadderAndWhoClimbedAlone) {
  S s = Raised();
  s.By("petra").After(kDay).Given(Escalate("working-level", "ONE_SIDED"));  // Not acknowledged, in time to be.
  v1::DocketEntry entry = EntryOf(s);
  EXPECT_EQ(entry.state(), v1::DISPUTE_STATE_ESCALATED);
  EXPECT_EQ(entry.tier_level(), 1);
  EXPECT_EQ(FromProto(entry.tier_since_time()), Epoch() + kDay);
  EXPECT_EQ(FromProto(entry.open_since_time()), Epoch());
  EXPECT_EQ(FromProto(entry.window_due_time()), Epoch() + 6 * kDay);

  s.WhenTimePasses(6 * kDay);
  EXPECT_EQ(EntryOf(s).windows_expired(), 1);
  EXPECT_EQ(FromProto(EntryOf(s).window_due_time()), Epoch() + 6 * kDay) << "it stays until the dispute moves on";

  s.By("bill").Given(Escalate("management", "JOINT"));
  EXPECT_EQ(EntryOf(s).escalations_size(), 1) << "one side's assent moves nothing";
  s.By("petra").Given(Escalate("management", "JOINT"));
  s.By("bill").After(kDay).Given(Escalate("expert", "ONE_SIDED", "urgent_relief: true"));
  entry = EntryOf(s);
  EXPECT_EQ(entry.tier_id(), "expert");
  EXPECT_EQ(entry.tier_level(), 4);
  EXPECT_EQ(FromProto(entry.tier_since_time()), Epoch() + 8 * kDay);
  ASSERT_EQ(entry.escalations_size(), 3);
  const auto& [first, second, third] = std::tie(entry.escalations(0), entry.escalations(1), entry.escalations(2));
  EXPECT_EQ(first.alone_party(), "provider");
  EXPECT_TRUE(first.early());
  EXPECT_FALSE(first.urgent_relief());
  EXPECT_EQ(second.mode(), v1::ESCALATION_MODE_JOINT);
  EXPECT_EQ(second.alone_party(), "") << "whoever completed it did not escalate alone";
  EXPECT_FALSE(second.early());
  EXPECT_EQ(third.alone_party(), "buyer");
  EXPECT_TRUE(third.early());
  EXPECT_TRUE(third.urgent_relief());
  EXPECT_EQ(ListOf(third.skipped_tier_ids()), Strings{"executive"});
}

TEST(Docket, ATiersLevelIsThatOfTheCharterThatWasPinned) {
  v1::ProposeCharterRequest amend = On<v1::ProposeCharterRequest>("");
  *amend.mutable_charter() = StandardCharter();
  amend.mutable_charter()->mutable_escalation_tiers()->DeleteSubrange(0, 1);
  const auto adopt = On<v1::AdoptCharterRequest>("", "version: 2");
  S s = Raised();
  s.By("bea").Given(amend).Given(adopt).By("pat").Given(adopt).By("bill").Given(Raise("d2"));
  s.Given(Escalate("working-level", "ONE_SIDED")).Given(Escalate("management", "ONE_SIDED"));
  s.Given(On<v1::EscalateDisputeRequest>("disputes/d2",
                                         "tier_id: 'management' mode: ESCALATION_MODE_ONE_SIDED reason: 'r'"));
  EXPECT_EQ(EntryOf(s, "d1").tier_level(), 2);
  EXPECT_EQ(EntryOf(s, "d2").tier_level(), 1);
}

TEST(Docket, KeepsEveryResolutionAndTheScoresOfEachParty) {
  S s = Raised();
  s.By("bill").Given(Escalate("working-level", "ONE_SIDED")).After(2 * kDay);
  s.By("bea").Given(D1<v1::ProposeDisputeSettlementRequest>("terms { text: 'no' style: DISPUTE_STYLE_AVOIDING }"));
  Settle(s, 2);
  Satisfied(s, "petra", 2);
  Satisfied(s, "bill", 5);
  v1::DocketEntry entry = EntryOf(s);
  EXPECT_EQ(entry.state(), v1::DISPUTE_STATE_RESOLVED);
  EXPECT_EQ(entry.settlements_proposed(), 2);
  EXPECT_EQ(FromProto(entry.time_to_resolve()), 2 * kDay);
  for (const char* gone : {"open_since_time", "tier_since_time", "window_due_time"}) {
    EXPECT_FALSE(entry.GetReflection()->HasField(entry, entry.GetDescriptor()->FindFieldByName(gone))) << gone;
  }
  EXPECT_EQ(entry.tier_id(), "working-level") << "where it was when it was resolved";
  const auto expected = Parse<v1::DocketResolution>(R"pb(
    style: DISPUTE_STYLE_COMPROMISING
    time { seconds: 1767398400 }
    satisfactions { party_id: "buyer" score: 5 }
    satisfactions { party_id: "provider" score: 2 }
  )pb");
  ASSERT_EQ(entry.resolutions_size(), 1);
  EXPECT_EQ(entry.resolutions(0).DebugString(), expected.DebugString());

  s.After(3 * kDay).By("pat").Given(D1<v1::ReopenDisputeRequest>("reason: 'again'"));
  entry = EntryOf(s);
  EXPECT_EQ(entry.state(), v1::DISPUTE_STATE_ESCALATED);
  EXPECT_EQ(FromProto(entry.open_since_time()), Epoch() + 5 * kDay);
  EXPECT_EQ(FromProto(entry.tier_since_time()), Epoch() + 5 * kDay);
  EXPECT_EQ(FromProto(entry.window_due_time()), Epoch() + 10 * kDay);
  s.After(kDay);
  Settle(s, 3);
  entry = EntryOf(s);
  EXPECT_EQ(entry.reopen_count(), 1);
  ASSERT_EQ(entry.resolutions_size(), 2);
  EXPECT_EQ(entry.resolutions(0).DebugString(), expected.DebugString());
  EXPECT_EQ(entry.resolutions(1).satisfactions_size(), 0);
  EXPECT_EQ(FromProto(entry.time_to_resolve()), 2 * kDay) << "the first time";
}

TEST(Docket, ShowsTheNeutralAndWhatWasDetermined) {
  S s = Raised();
  const auto neutral = D1<v1::AppointNeutralRequest>("neutral { principal: 'ann' party_id: 'adviser' binding: true }");
  s.Given(WithAdviser).By("bea").Given(D1<v1::AgreeJointStatementRequest>("text: 'we'")).Given(neutral);
  EXPECT_EQ(EntryOf(s).neutral(), "");
  EXPECT_FALSE(EntryOf(s).joint_statement());
  s.By("pat").Given(D1<v1::AgreeJointStatementRequest>("text: 'we'")).Given(neutral);
  s.Given([](World& world) { Decided(world, "go"); });
  s.By("ann").Given(
      D1<v1::DetermineDisputeRequest>("terms { text: 'so be it' style: DISPUTE_STYLE_COMPROMISING precedent: true "
                                      "decision: 'relationships/acme/decisions/go' }"));
  const v1::DocketEntry entry = EntryOf(s);
  EXPECT_EQ(entry.neutral(), "ann");
  EXPECT_EQ(entry.neutral_party(), "adviser");
  EXPECT_TRUE(entry.neutral_binding());
  EXPECT_TRUE(entry.joint_statement());
  ASSERT_EQ(entry.resolutions_size(), 1);
  EXPECT_TRUE(entry.resolutions(0).determined());
  EXPECT_TRUE(entry.resolutions(0).precedent());
  EXPECT_EQ(entry.resolutions(0).decision(), InAcme("decisions/go"));
}

TEST(Docket, CountsDisputesOnTheSameSubject) {
  const auto about = [](const std::string& id, const std::string& subject) {
    return Raise(id, "subject: '" + subject + "'");
  };
  S s;
  s.Given(Chartered).Given([](World& world) { Decided(world, "go"); }).By("bill");
  s.Given(about("z", kAcme)).Given(about("d1", InAcme("decisions/go"))).Given(about("m", kAcme));
  // A dispute may itself be what another is about: that makes them no recurrence of each other.
  s.Given(about("a", kAcme)).Given(Raise("n")).Given(about("o", InAcme("disputes/n")));
  struct Expected {
    std::string id, first;
    int earlier;
  };
  for (const Expected& e : std::vector<Expected>{
           {"z", "z", 0}, {"d1", "d1", 0}, {"m", "z", 1}, {"a", "z", 2}, {"n", "n", 0}, {"o", "o", 0}}) {
    SCOPED_TRACE(e.id);
    EXPECT_EQ(EntryOf(s, e.id).first_dispute(), InAcme("disputes/" + e.first));
    EXPECT_EQ(EntryOf(s, e.id).earlier_disputes(), e.earlier);
  }
}

TEST(Docket, CountsChainsOfRecurrenceWithoutASubject) {
  const auto again = [](const std::string& id, const std::string& of) {
    return Raise(id, "recurrence_of: '" + InAcme("disputes/" + of) + "'");
  };
  const auto withdraw = [](const std::string& id) { return On<v1::WithdrawDisputeRequest>("disputes/" + id); };
  S s = Raised();
  s.By("bill").Given(withdraw("d1")).Given(Raise("other"));
  s.Given(again("d2", "d1")).Given(withdraw("d2")).Given(again("d3", "d2")).Given(again("d4", "d1"));
  EXPECT_EQ(EntryOf(s, "d3").recurrence_of(), InAcme("disputes/d2"));
  for (const auto& [id, earlier] : std::map<std::string, int>{{"d1", 0}, {"d2", 1}, {"d3", 2}, {"d4", 3}}) {
    SCOPED_TRACE(id);
    EXPECT_EQ(EntryOf(s, id).first_dispute(), InAcme("disputes/d1"));
    EXPECT_EQ(EntryOf(s, id).earlier_disputes(), earlier);
  }
  EXPECT_EQ(EntryOf(s, "other").earlier_disputes(), 0);
  EXPECT_EQ(EntryOf(s, "d1").state(), v1::DISPUTE_STATE_WITHDRAWN);
  EXPECT_FALSE(EntryOf(s, "d1").has_open_since_time());
  EXPECT_FALSE(EntryOf(s, "d1").has_time_to_resolve());
}

TEST(Docket, HasTheSameRowsWhateverTheBatches) {
  S s = Raised();
  s.By("petra").Given(Escalate("working-level", "ONE_SIDED")).WhenTimePasses(9 * kDay);
  s.By("bill").Given(Raise("d2", "subject: 'relationships/acme'")).Given(Raise("d3", "subject: 'relationships/acme'"));
  Settle(s, 1);
  Satisfied(s, "petra", 1);
  Satisfied(s, "bea", 3);
  s.By("pat").Given(D1<v1::ReopenDisputeRequest>("reason: 'again'"));
  TestLog log;
  log.AddWorld(s.world());
  const DocketProjection docket;
  const MapRows by_hand = FoldWorld(docket, s.world());
  EXPECT_GT(by_hand.rows().size(), 6u);
  std::set<std::string> digests;
  for (const size_t batch : {size_t{1}, size_t{3}, size_t{500}}) {
    const auto store = NewMemoryKvStore();
    auto runner =
        Runner::Start({.log = &log.log(), .store = store.get(), .projections = {&docket}, .batch = {.entries = batch}});
    ASSERT_TRUE(runner.ok()) << runner.status();
    ASSERT_TRUE(WaitUntilCaughtUp(**runner, log));
    ReadView view(*store);
    const auto digest = view.Digest(docket.name(), LedgerId("acme"));
    ASSERT_TRUE(digest.ok()) << digest.status();
    digests.insert(*digest);
    // And the rows that it is a digest of are those of a fold by hand.
    for (const auto& [key, value] : by_hand.rows()) {
      const auto row = view.GetBytes(docket.name(), LedgerId("acme"), key);
      ASSERT_TRUE(row.ok()) << row.status();
      EXPECT_EQ(*row, value) << key;
    }
  }
  EXPECT_EQ(digests.size(), 1u);
}

}  // namespace
}  // namespace parley::test
