// Two pipelines on one engine, as two machines would be; and writes whose outcome is unknown.
#include <gtest/gtest.h>

#include <thread>

#include "eventstore/base/proto_util.h"
#include "services/command/snapshots.h"
#include "tests/command/node.h"

namespace parley::test {
namespace {

TEST(RaceTest, TwoPipelinesOnOneEngineKeepEveryInvariant) {
  auto engine = NewMemoryEngine();
  Node a(engine.get(), {.poll_interval = absl::Milliseconds(1), .seed = 1});
  Node b(engine.get(), {.poll_interval = absl::Milliseconds(1), .seed = 2});
  EstablishChartered(a);
  // A refusal may rest on an older state than the other pipeline's; from here on every refusal follows a lost race.
  while (*b.log->NextSequence(LedgerId("acme")) < *a.log->NextSequence(LedgerId("acme"))) std::this_thread::yield();
  constexpr int kDecisions = 200;
  // Both propose every decision and the buyer decides each through either: exactly one of each may win.
  std::atomic<int> proposed = 0;
  std::atomic<int> decided = 0;
  const auto run = [&](Node& node) {
    for (int i = 0; i < kDecisions; ++i) {
      const std::string id = "d" + std::to_string(i);
      const auto proposal = node.Call<v1::Decision>("petra", Propose(id));
      if (proposal.ok()) ++proposed;
      if (!proposal.ok()) {
        EXPECT_EQ(ReasonOf(proposal.status()), v1::REASON_ALREADY_EXISTS) << proposal.status();
      }
      const auto decision = node.Call<v1::Decision>("bill", DecideOn(id));
      if (decision.ok()) ++decided;
      if (!decision.ok()) {
        EXPECT_EQ(ReasonOf(decision.status()), v1::REASON_WRONG_STATE) << decision.status();
      }
    }
  };
  std::thread other([&] { run(b); });
  run(a);
  other.join();
  EXPECT_EQ(proposed, kDecisions);
  EXPECT_EQ(decided, kDecisions);
  LedgerState state{LedgerId("acme")};
  ASSERT_TRUE(FoldTail(*a.log, state).ok());
  int outcomes = 0;
  state.ForEach<v1::Decision>([&](const v1::Decision& decision) { outcomes += decision.outcomes_size(); });
  EXPECT_EQ(outcomes, kDecisions);
}

TEST(RaceTest, OneWinnerPerEtag) {
  auto engine = NewMemoryEngine();
  Node node(engine.get());
  EstablishChartered(node);
  constexpr int kClients = 8;
  for (int round = 0; round < 1000; ++round) {
    const std::string id = "d" + std::to_string(round);
    const auto proposed = node.Call<v1::Decision>("petra", Propose(id));
    ASSERT_TRUE(proposed.ok()) << proposed.status();
    v1::GiveDecisionInputRequest input;
    input.set_name("relationships/acme/decisions/" + id);
    input.set_text("first");
    input.set_etag(static_cast<const v1::Decision&>(*proposed->resource).etag());
    std::vector<std::future<absl::StatusOr<Answer>>> answers;
    for (int client = 0; client < kClients; ++client) answers.push_back(node.Send<v1::Decision>("petra", input));
    int winners = 0;
    for (auto& answer : answers) {
      const auto got = answer.get();
      if (got.ok()) {
        ++winners;
      } else {
        ASSERT_EQ(ReasonOf(got.status()), v1::REASON_ETAG_MISMATCH);
      }
    }
    ASSERT_EQ(winners, 1) << "round " << round;
  }
}

class UnknownOutcomeTest : public testing::TestWithParam<MemoryEngine::Fault> {};

TEST_P(UnknownOutcomeTest, IsSaidAndSettledByRepeating) {
  auto engine = NewMemoryEngine();
  Node node(engine.get());
  EstablishChartered(node);
  engine->FailAppend(GetParam());
  const auto first = node.Call<v1::Decision>("petra", Propose("d1", "r1"));
  ASSERT_EQ(ReasonOf(first.status()), v1::REASON_OUTCOME_UNKNOWN) << first.status();
  absl::StatusOr<Answer> again = first;
  for (int i = 0; i < 1000 && !again.ok(); ++i) {
    again = node.Call<v1::Decision>("petra", Propose("d1", "r1"));
    if (!again.ok()) std::this_thread::yield();
  }
  ASSERT_TRUE(again.ok()) << again.status();
  LedgerState state{LedgerId("acme")};
  ASSERT_TRUE(FoldTail(*node.log, state).ok());
  int proposals = 0;
  state.ForEach<v1::Decision>([&](const v1::Decision&) { ++proposals; });
  EXPECT_EQ(proposals, 1);
  EXPECT_EQ(*again->sequence + 1, state.next_sequence());
}

INSTANTIATE_TEST_SUITE_P(Faults, UnknownOutcomeTest,
                         testing::Values(MemoryEngine::Fault::kLanded, MemoryEngine::Fault::kLost));

}  // namespace
}  // namespace parley::test
