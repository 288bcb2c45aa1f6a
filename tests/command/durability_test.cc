// What a caller hears while the disk has not answered, or answers badly: nothing that may yet be lost.
#include <gtest/gtest.h>

#include <chrono>

#include "tests/command/gate_engine.h"
#include "tests/command/node.h"

namespace parley::test {
namespace {

using Answered = std::future<absl::StatusOr<Answer>>;

// Long enough for a worker to decide what it was handed: an answer that does not wait for the disk is there by then.
bool StillWaits(Answered& answer) {
  return answer.wait_for(std::chrono::milliseconds(100)) == std::future_status::timeout;
}

class DurabilityTest : public testing::Test {
 protected:
  void SetUp() override {
    EstablishChartered(node_);
    ASSERT_TRUE(node_.Call<v1::Decision>("petra", Propose("old", "old-request")).ok());
    gate_.Close();
  }
  void TearDown() override { gate_.Open(); }

  // Hands in a proposal of "d1" that stays on its way to the disk.
  Answered ProposeOnTheWay() {
    auto answer = node_.Send<v1::Decision>("petra", Propose("d1", "r1"));
    gate_.AwaitAppend();
    return answer;
  }

  std::unique_ptr<MemoryEngine> memory_ = NewMemoryEngine();
  GateEngine gate_{memory_.get()};
  Node node_{&gate_, {.max_queued = 8, .max_queued_bytes = 1 << 20}};
};

TEST_F(DurabilityTest, EveryAnswerWaitsForThePrefixItRestsOn) {
  Answered written = ProposeOnTheWay();
  auto preview = Propose("d2");
  preview.set_validate_only(true);
  Answered validated = node_.Send<v1::Decision>("petra", preview);
  Answered refused = node_.Send<v1::Decision>("petra", Propose("d1"));
  Answered repeat_on_the_way = node_.Send<v1::Decision>("petra", Propose("d1", "r1"));
  Answered repeat_of_old = node_.Send<v1::Decision>("petra", Propose("old", "old-request"));
  Answered reused = node_.Send<v1::Decision>("petra", Propose("new", "old-request"));
  Answered stranger = node_.Send<v1::Decision>("mallory", DecideOn("d1"));
  for (Answered* answer : {&written, &validated, &refused, &repeat_on_the_way, &repeat_of_old, &reused, &stranger}) {
    EXPECT_TRUE(StillWaits(*answer));
  }
  gate_.Open();
  EXPECT_TRUE(written.get().ok());
  EXPECT_TRUE(validated.get().ok());
  EXPECT_EQ(ReasonOf(refused.get().status()), v1::REASON_ALREADY_EXISTS);
  EXPECT_TRUE(repeat_on_the_way.get().ok());
  EXPECT_TRUE(repeat_of_old.get().ok());
  EXPECT_EQ(ReasonOf(reused.get().status()), v1::REASON_REQUEST_ID_REUSED);
  EXPECT_EQ(ReasonOf(stranger.get().status()), v1::REASON_NOT_FOUND);
}

TEST_F(DurabilityTest, NoAnswerRestsOnWhatIsNotThere) {
  Answered lost = ProposeOnTheWay();
  auto preview = DecideOn("d1");
  preview.set_validate_only(true);
  Answered refused = node_.Send<v1::Decision>("petra", Propose("d1"));
  Answered validated = node_.Send<v1::Decision>("bill", preview);
  EXPECT_TRUE(StillWaits(refused));
  EXPECT_TRUE(StillWaits(validated));
  memory_->SetAvailable(false);
  gate_.Open();
  EXPECT_EQ(ReasonOf(lost.get().status()), v1::REASON_OUTCOME_UNKNOWN);
  EXPECT_EQ(ReasonOf(refused.get().status()), v1::REASON_LOG_UNAVAILABLE);
  EXPECT_EQ(ReasonOf(validated.get().status()), v1::REASON_LOG_UNAVAILABLE);
  memory_->SetAvailable(true);
}

TEST_F(DurabilityTest, CommandsThatWaitForTheDiskCountAsWaiting) {
  std::vector<Answered> accepted;
  accepted.push_back(ProposeOnTheWay());
  for (int i = 1; i < 8; ++i) accepted.push_back(node_.Send<v1::Decision>("petra", Propose("e" + std::to_string(i))));
  for (Answered& answer : accepted) EXPECT_TRUE(StillWaits(answer));  // All are decided by now.
  EXPECT_EQ(node_.pipeline->queued(), 8u);
  EXPECT_EQ(ReasonOf(node_.Call<v1::Decision>("petra", Propose("e8")).status()), v1::REASON_OVERLOADED);
  gate_.Open();
  for (Answered& answer : accepted) EXPECT_TRUE(answer.get().ok());
  EXPECT_EQ(node_.pipeline->queued(), 0u);
}

TEST_F(DurabilityTest, TheMemoryOfWaitingRequestsIsBounded) {
  Answered first = ProposeOnTheWay();
  auto large = Propose("large");
  for (int i = 0; i < 50; ++i) large.add_criteria(std::string(16 << 10, 'x'));
  Answered second = node_.Send<v1::Decision>("petra", large);
  large.set_decision_id("large-too");
  EXPECT_EQ(ReasonOf(node_.Call<v1::Decision>("petra", large).status()), v1::REASON_OVERLOADED);
  gate_.Open();
  EXPECT_TRUE(first.get().ok());
  EXPECT_TRUE(second.get().ok());
  EXPECT_TRUE(node_.Call<v1::Decision>("petra", large).ok());
}

TEST(CommitSizeTest, ACommitThatIsTooLargeHarmsNobodyElse) {
  auto memory = NewMemoryEngine();
  GateEngine gate(memory.get());
  Node node(&gate);
  EstablishChartered(node);
  // Sixty-three texts of 16 KiB and one that makes it about 1 MiB.
  const auto large = [](size_t last) {
    auto request = Propose("large" + std::to_string(last));
    for (int i = 0; i < 63; ++i) request.add_criteria(std::string(16 << 10, 'x'));
    request.set_title(std::string(last, 't'));
    return request;
  };
  size_t fits = 15'000;
  for (size_t too_large = 16'384; too_large - fits > 1;) {
    const size_t middle = (fits + too_large) / 2;
    const auto answer = node.Call<v1::Decision>("petra", large(middle));
    if (!answer.ok()) {
      ASSERT_EQ(ReasonOf(answer.status()), v1::REASON_COMMIT_TOO_LARGE);
    }
    (answer.ok() ? fits : too_large) = middle;
  }
  ASSERT_GT(fits, 15'000u);
  // A refusal by the log would take along whatever was decided after it: so it must never come to that.
  gate.Close();
  Answered before = node.Send<v1::Decision>("petra", Propose("before"));
  gate.AwaitAppend();
  Answered refused = node.Send<v1::Decision>("petra", large(fits + 1));
  Answered behind = node.Send<v1::Decision>("petra", Propose("behind"));
  EXPECT_TRUE(StillWaits(behind));
  gate.Open();
  EXPECT_TRUE(before.get().ok());
  EXPECT_EQ(ReasonOf(refused.get().status()), v1::REASON_COMMIT_TOO_LARGE);
  const auto answer = behind.get();
  EXPECT_TRUE(answer.ok()) << answer.status();
}

}  // namespace
}  // namespace parley::test
