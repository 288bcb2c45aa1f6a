#include "services/command/pipeline.h"

#include <gtest/gtest.h>

#include <set>

#include "eventstore/base/proto_util.h"
#include "tests/command/node.h"
#include "tests/support/world.h"

namespace parley::test {
namespace {

const v1::Decision& DecisionIn(const absl::StatusOr<Answer>& answer) {
  return static_cast<const v1::Decision&>(*answer->resource);
}

uint64_t EntriesOf(Node& node, const std::string& ledger = "acme") { return *node.log->NextSequence(LedgerId(ledger)); }

class PipelineTest : public testing::Test {
 protected:
  void SetUp() override { EstablishChartered(node_); }

  std::unique_ptr<MemoryEngine> engine_ = NewMemoryEngine();
  Node node_{engine_.get()};
};

TEST_F(PipelineTest, AnswersWithTheResourceAndWhereItIs) {
  const auto answer = node_.Call<v1::Decision>("petra", Propose("d1"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(DecisionIn(answer).name(), "relationships/acme/decisions/d1");
  EXPECT_EQ(DecisionIn(answer).state(), v1::DECISION_STATE_PROPOSED);
  EXPECT_EQ(DecisionIn(answer).charter_version(), 1);
  EXPECT_EQ(DecisionIn(answer).etag(), std::to_string(*answer->sequence));
  EXPECT_EQ(*answer->sequence + 1, EntriesOf(node_));
}

TEST_F(PipelineTest, RefusalsWriteNothing) {
  ASSERT_TRUE(node_.Call<v1::Decision>("petra", Propose("d1")).ok());
  const uint64_t before = EntriesOf(node_);
  EXPECT_EQ(ReasonOf(node_.Call<v1::Decision>("petra", DecideOn("d1")).status()), v1::REASON_ROLE_NOT_ENTITLED);
  EXPECT_EQ(ReasonOf(node_.Call<v1::Decision>("mallory", DecideOn("d1")).status()), v1::REASON_NOT_FOUND);
  EXPECT_EQ(ReasonOf(node_.Call<v1::Decision>("bill", DecideOn("d9")).status()), v1::REASON_NOT_FOUND);
  EXPECT_EQ(ReasonOf(node_.Call<v1::Decision>("bill", Propose("d1")).status()), v1::REASON_ALREADY_EXISTS);
  EXPECT_EQ(ReasonOf(node_.Call<v1::Decision>("bill", Propose("d2", "", "nowhere")).status()), v1::REASON_NOT_FOUND);
  EXPECT_EQ(EntriesOf(node_), before);
}

TEST_F(PipelineTest, WhoWasThereOnceLearnsNothing) {
  // carol opens a relationship for others and holds no role in it; once a charter binds, she is nobody there.
  EstablishChartered(node_, "beta", "carol");
  auto proposal = Propose("d1");
  proposal.set_parent("relationships/beta");
  ASSERT_TRUE(node_.Call<v1::Decision>("petra", proposal).ok());
  EXPECT_EQ(ReasonOf(node_.Call<v1::Decision>("carol", proposal).status()), v1::REASON_NOT_FOUND);
  auto decide = DecideOn("d1");
  decide.set_name("relationships/beta/decisions/d1");
  decide.set_etag("1");
  EXPECT_EQ(ReasonOf(node_.Call<v1::Decision>("carol", decide).status()), v1::REASON_NOT_FOUND);
}

// One principal, invited by two parties, accepts for each in its own name.
TEST_F(PipelineTest, AcceptsForThePartyNamed) {
  auto establish = Parse<v1::EstablishRelationshipRequest>(R"pb(
    relationship_id: "both"
    display_name: "Both"
    archetype: ARCHETYPE_TRANSACTIONAL
    stage: STAGE_OPERATING
    parties { party_id: "buyer" kind: PARTY_KIND_BUYER display_name: "B" first_member: "ivy" }
    parties { party_id: "provider" kind: PARTY_KIND_PROVIDER display_name: "P" first_member: "ivy" })pb");
  ASSERT_TRUE(node_.Call<v1::Relationship>("ivy", establish).ok());
  v1::AcceptPartyRequest accept;
  accept.set_name("relationships/both");
  accept.set_party_id("buyer");
  ASSERT_TRUE(node_.SendAs<v1::Relationship>({.principal = "ivy", .party = "buyer"}, accept).get().ok());
  accept.set_party_id("provider");
  EXPECT_EQ(ReasonOf(node_.Call<v1::Relationship>("ivy", accept).status()), v1::REASON_NOT_YOUR_PARTY);
  ASSERT_TRUE(node_.SendAs<v1::Relationship>({.principal = "ivy", .party = "provider"}, accept).get().ok());
  const auto entries = node_.log->Read(LedgerId("both"), 0, {});
  ASSERT_EQ(entries->size(), 3u);
  EXPECT_EQ(entries->at(1).record.party(), "buyer");
  EXPECT_EQ(entries->at(2).record.party(), "provider");
}

TEST_F(PipelineTest, MalformedRequestsNameTheField) {
  auto request = Propose("d1");
  request.set_title(std::string((16 << 10) + 1, 'x'));
  EXPECT_EQ(ReasonOf(node_.Call<v1::Decision>("petra", request).status()), v1::REASON_FIELD_INVALID);
  request = Propose("D 1");
  EXPECT_EQ(ReasonOf(node_.Call<v1::Decision>("petra", request).status()), v1::REASON_FIELD_INVALID);
  request = Propose("d1", std::string(65, 'r'));
  EXPECT_EQ(ReasonOf(node_.Call<v1::Decision>("petra", request).status()), v1::REASON_FIELD_INVALID);
  request = Propose("d1");
  request.mutable_effective_at()->set_nanos(-1);
  const auto rpc = ToRpcStatus(node_.Call<v1::Decision>("petra", request).status());
  google::rpc::BadRequest bad;
  ASSERT_EQ(rpc.details_size(), 2);
  ASSERT_TRUE(rpc.details(1).UnpackTo(&bad));
  EXPECT_EQ(bad.field_violations(0).field(), "effective_at");
}

TEST_F(PipelineTest, WhatTheServerDoesNotKnowIsNotStoredUnread) {
  auto request = Propose("d1");
  auto* option = request.mutable_options(0);
  option->GetReflection()->MutableUnknownFields(option)->AddLengthDelimited(99, "hidden");
  const auto refused = node_.Call<v1::Decision>("petra", request);
  EXPECT_EQ(ReasonOf(refused.status()), v1::REASON_FIELD_INVALID) << refused.status();
  request = Propose("d1");
  request.GetReflection()->MutableUnknownFields(&request)->AddVarint(99, 1);
  EXPECT_EQ(ReasonOf(node_.Call<v1::Decision>("petra", request).status()), v1::REASON_FIELD_INVALID);
}

TEST_F(PipelineTest, ValidateOnlyRefusesWhatTheLogWould) {
  auto request = Propose("d1");
  for (int i = 0; i < 70; ++i) request.add_criteria(std::string(16 << 10, 'x'));
  request.set_validate_only(true);
  EXPECT_EQ(ReasonOf(node_.Call<v1::Decision>("petra", request).status()), v1::REASON_COMMIT_TOO_LARGE);
}

TEST_F(PipelineTest, EtagsGuardAgainstChanges) {
  const auto proposed = node_.Call<v1::Decision>("petra", Propose("d1"));
  v1::GiveDecisionInputRequest input;
  input.set_name("relationships/acme/decisions/d1");
  input.set_text("Cheaper by night.");
  input.set_etag(DecisionIn(proposed).etag());
  ASSERT_TRUE(node_.Call<v1::Decision>("petra", input).ok());
  EXPECT_EQ(ReasonOf(node_.Call<v1::Decision>("petra", input).status()), v1::REASON_ETAG_MISMATCH);
}

TEST_F(PipelineTest, ValidateOnlyAnswersAsIfAndWritesNothing) {
  auto request = Propose("d1", "r1");
  request.set_validate_only(true);
  const uint64_t before = EntriesOf(node_);
  const auto preview = node_.Call<v1::Decision>("petra", request);
  ASSERT_TRUE(preview.ok()) << preview.status();
  EXPECT_EQ(DecisionIn(preview).title(), "Move to the new site");
  EXPECT_EQ(DecisionIn(preview).state(), v1::DECISION_STATE_PROPOSED);
  EXPECT_EQ(EntriesOf(node_), before);
  // Not remembered: the real request may follow under the same id.
  request.set_validate_only(false);
  EXPECT_TRUE(node_.Call<v1::Decision>("petra", request).ok());
  EXPECT_EQ(EntriesOf(node_), before + 1);
}

TEST_F(PipelineTest, ARepeatGetsTheOriginalAnswerHoweverLate) {
  const auto first = node_.Call<v1::Decision>("petra", Propose("d1", "r1"));
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(node_.Call<v1::Decision>("bill", DecideOn("d1", "r2")).ok());
  const uint64_t entries = EntriesOf(node_);
  const auto again = node_.Call<v1::Decision>("petra", Propose("d1", "r1"));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(Canonical(*again->resource), Canonical(*first->resource));
  EXPECT_EQ(again->sequence, first->sequence);
  EXPECT_EQ(EntriesOf(node_), entries);
}

TEST_F(PipelineTest, ARepeatFindsItsOriginalAfterARestart) {
  const auto first = node_.Call<v1::Decision>("petra", Propose("", "r1"));
  ASSERT_TRUE(first.ok());
  node_.pipeline->Drain();
  Node restarted(engine_.get());
  const auto again = restarted.Call<v1::Decision>("petra", Propose("", "r1"));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(DecisionIn(again).name(), DecisionIn(first).name());
}

TEST_F(PipelineTest, RepeatsInFlightWaitForTheOriginal) {
  std::vector<std::future<absl::StatusOr<Answer>>> answers;
  for (int i = 0; i < 20; ++i) answers.push_back(node_.Send<v1::Decision>("petra", Propose("", "same")));
  std::set<std::string> names;
  for (auto& answer : answers) {
    const auto got = answer.get();
    ASSERT_TRUE(got.ok()) << got.status();
    names.insert(DecisionIn(got).name());
  }
  EXPECT_EQ(names.size(), 1u);
}

TEST_F(PipelineTest, ARequestIdServesOneRequest) {
  ASSERT_TRUE(node_.Call<v1::Decision>("petra", Propose("d1", "r1")).ok());
  EXPECT_EQ(ReasonOf(node_.Call<v1::Decision>("petra", Propose("d2", "r1")).status()), v1::REASON_REQUEST_ID_REUSED);
  // On somebody's behalf is another request, too.
  std::promise<absl::Status> answered;
  node_.pipeline->Submit(
      {.principal = "petra", .on_behalf_of = "paul"},
      MakeCommand<v1::Decision>(std::make_shared<const v1::ProposeDecisionRequest>(Propose("d1", "r1"))), nullptr,
      [&](const absl::StatusOr<Answer>& answer) { answered.set_value(answer.status()); });
  EXPECT_EQ(ReasonOf(answered.get_future().get()), v1::REASON_REQUEST_ID_REUSED);
  // Another caller's ids are their own.
  EXPECT_TRUE(node_.Call<v1::Decision>("bill", Propose("d2", "r1")).ok());
}

TEST_F(PipelineTest, EffectiveAtStaysBetweenTheStreamsLastEventAndNow) {
  node_.clock.AdvanceTo(kStart + absl::Hours(10));
  ASSERT_TRUE(node_.Call<v1::Decision>("petra", Propose("d1")).ok());
  auto decide = DecideOn("d1");
  *decide.mutable_effective_at() = ToProto(kStart + absl::Hours(9));
  EXPECT_EQ(ReasonOf(node_.Call<v1::Decision>("bill", decide).status()), v1::REASON_EFFECTIVE_AT_INVALID);
  *decide.mutable_effective_at() = ToProto(kStart + absl::Hours(11));
  EXPECT_EQ(ReasonOf(node_.Call<v1::Decision>("bill", decide).status()), v1::REASON_EFFECTIVE_AT_INVALID);
  *decide.mutable_effective_at() = ToProto(kStart + absl::Hours(10));
  EXPECT_TRUE(node_.Call<v1::Decision>("bill", decide).ok());
}

TEST_F(PipelineTest, DueDeadlinesAreRecordedBeforeTheNextCommand) {
  ASSERT_TRUE(node_.Call<v1::Decision>("petra", Propose("d1")).ok());
  ASSERT_TRUE(node_.Call<v1::Decision>("bill", DecideOn("d1")).ok());
  const uint64_t before = EntriesOf(node_);
  node_.clock.AdvanceTo(kStart + absl::Hours(24 * 400));
  ASSERT_TRUE(node_.Call<v1::Decision>("petra", Propose("d2")).ok());
  const auto tail = node_.log->Read(LedgerId("acme"), before, {});
  ASSERT_EQ(tail->size(), 2u);
  EXPECT_EQ(tail->at(0).record.event_type(), "decision.review_due");
  EXPECT_EQ(tail->at(0).record.actor(), "system");
  EXPECT_EQ(FromProto(tail->at(0).record.effective_at()), kStart + absl::Hours(24 * 30));
  EXPECT_EQ(FromProto(tail->at(0).header.recorded_at()), kStart + absl::Hours(24 * 400));
  EXPECT_EQ(tail->at(1).record.event_type(), "decision.proposed");
}

TEST_F(PipelineTest, DeadlinesFallDueAcrossARestartOnce) {
  ASSERT_TRUE(node_.Call<v1::Decision>("petra", Propose("d1")).ok());
  ASSERT_TRUE(node_.Call<v1::Decision>("bill", DecideOn("d1")).ok());
  const uint64_t before = EntriesOf(node_);
  node_.pipeline->Drain();
  for (int restart = 0; restart < 2; ++restart) {
    Node restarted(engine_.get());
    restarted.clock.AdvanceTo(kStart + absl::Hours(24 * 31));
    std::promise<absl::Status> settled;
    restarted.pipeline->SettleAllDeadlines([&](const absl::Status& status) { settled.set_value(status); });
    EXPECT_TRUE(settled.get_future().get().ok());
    EXPECT_EQ(EntriesOf(restarted), before + 1);
  }
}

TEST_F(PipelineTest, ADeadlineFallsDueAlthoughAnEarlierOneWasTakenAway) {
  const auto settle = [&] {
    std::promise<absl::Status> settled;
    node_.pipeline->SettleAllDeadlines([&](const absl::Status& status) { settled.set_value(status); });
    return settled.get_future().get();
  };
  for (const auto& [id, day] : {std::pair("d1", 0), std::pair("d2", 10)}) {
    node_.clock.AdvanceTo(kStart + absl::Hours(24 * day));
    ASSERT_TRUE(node_.Call<v1::Decision>("petra", Propose(id)).ok());
    ASSERT_TRUE(node_.Call<v1::Decision>("bill", DecideOn(id)).ok());
  }
  v1::ReopenDecisionRequest reopen;
  reopen.set_name("relationships/acme/decisions/d1");
  reopen.set_reason("The site is sold.");
  ASSERT_TRUE(node_.Call<v1::Decision>("bill", reopen).ok());
  const uint64_t before = EntriesOf(node_);
  // The ledger is woken for the review that is off, and must name the next one by itself.
  node_.clock.AdvanceTo(kStart + absl::Hours(24 * 30));
  EXPECT_TRUE(settle().ok());
  EXPECT_EQ(EntriesOf(node_), before);
  node_.clock.AdvanceTo(kStart + absl::Hours(24 * 40));
  EXPECT_TRUE(settle().ok());
  const auto tail = node_.log->Read(LedgerId("acme"), before, {});
  ASSERT_EQ(tail->size(), 1u);
  EXPECT_EQ(tail->at(0).record.event_type(), "decision.review_due");
  EXPECT_EQ(tail->at(0).record.stream(), "relationships/acme/decisions/d2");
}

TEST_F(PipelineTest, OverloadIsSaidAndWritesNothing) {
  auto engine = NewMemoryEngine();
  Node small(engine.get(), {.max_queued = 0});
  v1::AcceptPartyRequest request;
  request.set_name("relationships/acme");
  EXPECT_EQ(ReasonOf(small.Call<v1::Relationship>("bill", request).status()), v1::REASON_OVERLOADED);
}

TEST_F(PipelineTest, ACallerWhoLeftInTimeHasNothingWritten) {
  const uint64_t before = EntriesOf(node_);
  const auto answer = node_.Send<v1::Decision>("petra", Propose("d1"), [] { return true; }).get();
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(EntriesOf(node_), before);
}

TEST_F(PipelineTest, DrainingRefusesWhatComesAfter) {
  node_.pipeline->Drain();
  EXPECT_EQ(ReasonOf(node_.Call<v1::Decision>("petra", Propose("d1")).status()), v1::REASON_DRAINING);
}

TEST_F(PipelineTest, AnUnreadableEntryMakesItsLedgerReadOnlyAndNoOther) {
  EstablishChartered(node_, "other");
  NewEntry entry{.ledger = LedgerId("acme"), .sequence = EntriesOf(node_), .recorded_at = kStart};
  entry.record.set_stream("relationships/acme/decisions/d1");
  entry.record.set_event_type("decision.imagined");
  entry.record.set_schema_version(1);
  Commit commit{
      .ledger = LedgerId("acme"), .entries = {EncodeEntry(entry, node_.random)}, .generation = node_.log->generation()};
  std::promise<absl::Status> appended;
  node_.log->Append(std::move(commit), [&](const auto& result) { appended.set_value(result.status()); });
  ASSERT_TRUE(appended.get_future().get().ok());
  EXPECT_EQ(ReasonOf(node_.Call<v1::Decision>("petra", Propose("d2")).status()), v1::REASON_LEDGER_QUARANTINED);
  EXPECT_TRUE(node_.Call<v1::Decision>("petra", Propose("d2", "", "other")).ok());
}

TEST_F(PipelineTest, StatesComeBackFromSnapshotAndTailAlike) {
  const auto evicting = NewMemoryEngine();
  Node node(evicting.get(), {.cache_bytes = 1});  // Every ledger is dropped as soon as it is idle.
  EstablishChartered(node, "acme");
  EstablishChartered(node, "other");
  for (int i = 0; i < 150; ++i) {
    ASSERT_TRUE(node.Call<v1::Decision>("petra", Propose("d" + std::to_string(i), "", i % 2 ? "acme" : "other")).ok());
  }
  node.pipeline->Drain();
  Snapshots snapshots(node.snapshots.get());
  const auto findings = snapshots.Check(*node.log);
  ASSERT_TRUE(findings.ok());
  EXPECT_TRUE(findings->empty());
  const auto loaded = snapshots.Load(*node.log, LedgerId("acme"));
  LedgerState refold{LedgerId("acme")};
  ASSERT_TRUE(FoldTail(*node.log, refold).ok());
  EXPECT_EQ(Canonical(loaded->state.ToSnapshot()), Canonical(refold.ToSnapshot()));
  // Of a ledger that comes and goes little is read again, although it never stays for long.
  const uint64_t end = refold.next_sequence();
  EXPECT_GT(end, 75u);
  EXPECT_LE(loaded->from_snapshot, end);
  EXPECT_GE(loaded->from_snapshot + 20, end);
}

TEST_F(PipelineTest, SnapshotsOfAnotherIncarnationAreNotUsed) {
  Snapshots snapshots(node_.snapshots.get());
  LedgerState state{LedgerId("acme")};
  ASSERT_TRUE(FoldTail(*node_.log, state).ok());
  ASSERT_TRUE(snapshots.Save(*node_.log, state).ok());
  const auto restored_engine = NewMemoryEngine("restored");
  Node restored(restored_engine.get(), {.seed = 2});
  EstablishChartered(restored);
  restored.clock.AdvanceTo(kStart + absl::Hours(1));
  ASSERT_TRUE(restored.Call<v1::Decision>("petra", Propose("d1")).ok());
  const auto loaded = snapshots.Load(*restored.log, LedgerId("acme"));
  ASSERT_TRUE(loaded.ok());
  LedgerState refold{LedgerId("acme")};
  ASSERT_TRUE(FoldTail(*restored.log, refold).ok());
  EXPECT_EQ(Canonical(loaded->state.ToSnapshot()), Canonical(refold.ToSnapshot()));
}

}  // namespace
}  // namespace parley::test
