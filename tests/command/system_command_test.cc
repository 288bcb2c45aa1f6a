// What the server itself says in a ledger goes the same way as what anybody else says.
#include <gtest/gtest.h>

#include "eventstore/base/proto_util.h"
#include "services/digest/digest.h"
#include "tests/command/gate_engine.h"
#include "tests/command/node.h"

namespace parley::test {
namespace {

v1::RecordDigestRequest DigestOf(uint64_t size, const std::string& request_id = "",
                                 const std::string& relationship = "acme") {
  v1::RecordDigestRequest request;
  request.set_parent("relationships/" + relationship);
  request.set_digest_id(std::to_string(size));
  request.set_size(size);
  auto* model = request.add_models();
  model->set_model("docket");
  model->set_version(1);
  model->set_fold_version(1);
  model->set_sha256(std::string(32, 'd'));
  request.set_request_id(request_id);
  return request;
}

class SystemCommandTest : public testing::Test {
 protected:
  void SetUp() override { EstablishChartered(node_); }

  std::future<absl::StatusOr<Answer>> SendAsSystem(const v1::RecordDigestRequest& request,
                                                   const std::string& ledger = "acme") {
    auto answered = std::make_shared<std::promise<absl::StatusOr<Answer>>>();
    auto future = answered->get_future();
    node_.pipeline->SubmitSystem(LedgerId(ledger),
                                 MakeCommand<v1::Digest>(std::make_shared<const v1::RecordDigestRequest>(request)),
                                 [answered](absl::StatusOr<Answer> answer) { answered->set_value(std::move(answer)); });
    return future;
  }
  uint64_t Entries(const std::string& ledger = "acme") { return *node_.log->NextSequence(LedgerId(ledger)); }
  std::vector<Entry> From(uint64_t sequence) { return *node_.log->Read(LedgerId("acme"), sequence, {}); }

  std::unique_ptr<MemoryEngine> memory_ = NewMemoryEngine();
  GateEngine gate_{memory_.get()};
  Node node_{&gate_};
};

TEST_F(SystemCommandTest, IsRecordedAsTheSystemsWithoutPartyOrRole) {
  const uint64_t size = Entries();
  const auto answer = SendAsSystem(DigestOf(size)).get();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->sequence, size);
  const auto tail = From(size);
  ASSERT_EQ(tail.size(), 1u);
  EXPECT_EQ(tail[0].record.stream(), "relationships/acme/digests/" + std::to_string(size));
  EXPECT_EQ(tail[0].record.actor(), "system");
  EXPECT_EQ(tail[0].record.party() + tail[0].record.role() + tail[0].record.on_behalf_of(), "");
}

TEST_F(SystemCommandTest, WhatIsDueComesFirst) {
  ASSERT_TRUE(node_.Call<v1::Decision>("petra", Propose("d1")).ok());
  ASSERT_TRUE(node_.Call<v1::Decision>("bill", DecideOn("d1")).ok());
  const uint64_t size = Entries();
  node_.clock.AdvanceTo(kStart + absl::Hours(24 * 31));
  ASSERT_TRUE(SendAsSystem(DigestOf(size)).get().ok());
  const auto tail = From(size);
  ASSERT_EQ(tail.size(), 2u);
  EXPECT_EQ(tail[0].record.event_type(), "decision.review_due");
  EXPECT_EQ(tail[1].record.event_type(), "digest.recorded");
}

TEST_F(SystemCommandTest, RequestIdsCount) {
  const auto first = SendAsSystem(DigestOf(3, "digest-3")).get();
  ASSERT_TRUE(first.ok()) << first.status();
  const uint64_t entries = Entries();
  const auto again = SendAsSystem(DigestOf(3, "digest-3")).get();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->sequence, first->sequence);
  EXPECT_EQ(ReasonOf(SendAsSystem(DigestOf(4, "digest-3")).get().status()), v1::REASON_REQUEST_ID_REUSED);
  EXPECT_EQ(ReasonOf(SendAsSystem(DigestOf(3)).get().status()), v1::REASON_ALREADY_EXISTS);
  EXPECT_EQ(Entries(), entries);
}

TEST_F(SystemCommandTest, AnswersWaitForTheDisk) {
  gate_.Close();
  auto answer = SendAsSystem(DigestOf(3));
  gate_.AwaitAppend();
  EXPECT_EQ(answer.wait_for(std::chrono::milliseconds(100)), std::future_status::timeout);
  gate_.Open();
  EXPECT_TRUE(answer.get().ok());
}

TEST_F(SystemCommandTest, NobodyElseIsTheSystem) {
  const uint64_t entries = Entries();
  EXPECT_EQ(ReasonOf(node_.Call<v1::Digest>("system", DigestOf(3)).status()), v1::REASON_UNAUTHENTICATED);
  EXPECT_EQ(ReasonOf(node_.Call<v1::Decision>("system", Propose("d1")).status()), v1::REASON_UNAUTHENTICATED);
  EXPECT_EQ(ReasonOf(node_.Call<v1::Digest>("bill", DigestOf(3)).status()), v1::REASON_PERMISSION_MISSING);
  EXPECT_EQ(
      ReasonOf(
          node_.SendAs<v1::Decision>({.principal = "petra", .on_behalf_of = "system"}, Propose("d1")).get().status()),
      v1::REASON_NOT_A_MEMBER);
  EXPECT_EQ(Entries(), entries);
}

TEST_F(SystemCommandTest, IsAboutTheLedgerNamedWhichExists) {
  EstablishChartered(node_, "other");
  const uint64_t entries = Entries("other");
  EXPECT_EQ(ReasonOf(SendAsSystem(DigestOf(3, "", "other")).get().status()), v1::REASON_FIELD_INVALID);
  EXPECT_EQ(ReasonOf(SendAsSystem(DigestOf(3, "", "nowhere"), "nowhere").get().status()), v1::REASON_NOT_FOUND);
  EXPECT_EQ(Entries("other"), entries);
  EXPECT_EQ(Entries("nowhere"), 0u);
  std::promise<absl::Status> answered;
  auto establish = std::make_shared<v1::EstablishRelationshipRequest>();
  establish->set_relationship_id("nowhere");
  node_.pipeline->SubmitSystem(LedgerId("nowhere"),
                               MakeCommand<v1::Relationship, v1::EstablishRelationshipRequest>(std::move(establish)),
                               [&](const absl::StatusOr<Answer>& answer) { answered.set_value(answer.status()); });
  EXPECT_EQ(ReasonOf(answered.get_future().get()), v1::REASON_FIELD_INVALID);
}

TEST_F(SystemCommandTest, DrainingRefusesItToo) {
  node_.pipeline->Drain();
  EXPECT_EQ(ReasonOf(SendAsSystem(DigestOf(3)).get().status()), v1::REASON_DRAINING);
}

TEST_F(SystemCommandTest, WhileALedgerIsHeldOnlyTheServerSpeaksInIt) {
  auto hold = node_.pipeline->Hold(LedgerId("acme"));
  ASSERT_NE(hold, nullptr);  // Whoever has one can tell, and asks for no second.
  const uint64_t size = Entries();
  std::vector<std::future<absl::StatusOr<Answer>>> waiting;
  for (const char* id : {"d1", "d2"}) waiting.push_back(node_.Send<v1::Decision>("petra", Propose(id)));
  ASSERT_TRUE(SendAsSystem(DigestOf(size)).get().ok());
  ASSERT_TRUE(SendAsSystem(DigestOf(size + 1)).get().ok());
  EXPECT_EQ(Entries(), size + 2);
  EXPECT_EQ(node_.pipeline->queued(), 2u);
  hold.reset();
  for (auto& answer : waiting) EXPECT_TRUE(answer.get().ok());
  const auto tail = From(size);
  ASSERT_EQ(tail.size(), 4u);
  EXPECT_EQ(tail[2].record.stream(), "relationships/acme/decisions/d1");  // In the order in which they came.
  EXPECT_EQ(tail[3].record.stream(), "relationships/acme/decisions/d2");
}

TEST_F(SystemCommandTest, AHoldIsOfOneLedger) {
  EstablishChartered(node_, "other");
  const auto hold = node_.pipeline->Hold(LedgerId("acme"));
  auto proposal = Propose("d1");
  proposal.set_parent("relationships/other");
  EXPECT_TRUE(node_.Call<v1::Decision>("petra", proposal).ok());
}

}  // namespace
}  // namespace parley::test
