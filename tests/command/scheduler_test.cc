#include "services/command/scheduler.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <map>
#include <mutex>

#include "absl/strings/str_format.h"
#include "tests/command/node.h"

namespace parley::test {
namespace {

const LedgerId kAcme("acme");

// Settles every time by itself. Wake-ups are counted, and answered as the test says.
class SchedulerTest : public testing::Test {
 protected:
  absl::Status WakeDue() {
    std::promise<absl::Status> settled;
    scheduler_.WakeDue([&](const absl::Status& status) { settled.set_value(status); });
    return settled.get_future().get();
  }
  int wakes() {
    std::lock_guard lock(mu_);
    return wakes_;
  }

  std::unique_ptr<MemoryEngine> engine_ = NewMemoryEngine();
  std::unique_ptr<KvStore> index_ = NewMemoryKvStore();
  std::unique_ptr<EventLog> log_ = *OpenLogStore({.engine = engine_.get(), .index = index_.get()});
  ManualClock clock_{kStart};
  std::mutex mu_;
  int wakes_ = 0;
  std::function<absl::Status()> answer_ = [] { return absl::OkStatus(); };
  DeadlineScheduler scheduler_{&clock_, log_.get(), [this](const LedgerId&, std::function<void(absl::Status)> done) {
                                 {
                                   std::lock_guard lock(mu_);
                                   ++wakes_;
                                 }
                                 done(answer_());
                               }};
};

TEST_F(SchedulerTest, WakesWhatIsDueOnce) {
  scheduler_.Expect(kAcme, kStart + absl::Hours(1));
  scheduler_.Start();
  EXPECT_TRUE(WakeDue().ok());
  EXPECT_EQ(wakes(), 0);
  clock_.AdvanceTo(kStart + absl::Hours(1));
  EXPECT_TRUE(WakeDue().ok());
  EXPECT_TRUE(WakeDue().ok());
  EXPECT_EQ(wakes(), 1);
}

TEST_F(SchedulerTest, ALaterDeadlineDoesNotReplaceAnEarlierOne) {
  // The later one is of a state whose entries may be lost; the earlier one then stands.
  scheduler_.Expect(kAcme, kStart + absl::Hours(1));
  scheduler_.Expect(kAcme, kStart + absl::Hours(100));
  scheduler_.Start();
  clock_.AdvanceTo(kStart + absl::Hours(2));
  EXPECT_TRUE(WakeDue().ok());
  EXPECT_EQ(wakes(), 1);
}

TEST_F(SchedulerTest, AWakeUpThatFailsIsTriedAgain) {
  answer_ = [this] {
    answer_ = [] { return absl::OkStatus(); };
    return absl::UnavailableError("the disk is full");
  };
  scheduler_.Expect(kAcme, kStart);
  scheduler_.Start();
  // Whatever the ledger says of its next deadline meanwhile: it was read off the state that is lost.
  while (wakes() < 1) std::this_thread::yield();
  scheduler_.Expect(kAcme, kStart + absl::Hours(100));
  while (wakes() < 2) std::this_thread::yield();
  EXPECT_TRUE(WakeDue().ok());
  EXPECT_EQ(wakes(), 2);
}

TEST_F(SchedulerTest, ALedgerThatCannotBeReadIsLeftAlone) {
  answer_ = [] { return Reject(v1::REASON_LEDGER_QUARANTINED, "poison"); };
  scheduler_.Expect(kAcme, kStart);
  scheduler_.Start();
  while (wakes() < 1) std::this_thread::yield();
  EXPECT_TRUE(WakeDue().ok());
  EXPECT_EQ(wakes(), 1);
}

TEST_F(SchedulerTest, WhoeverAsksAfterTheEndIsTold) {
  scheduler_.Start();
  scheduler_.Stop();
  EXPECT_EQ(ReasonOf(WakeDue()), v1::REASON_DRAINING);
}

TEST(SchedulerStartTest, LedgersThatFailAtTheStartAreNotForgotten) {
  auto engine = NewMemoryEngine();
  {
    Node node(engine.get());
    EstablishChartered(node, "acme");
    EstablishChartered(node, "beta");
  }
  auto index = NewMemoryKvStore();
  const auto log = *OpenLogStore({.engine = engine.get(), .index = index.get()});
  ManualClock clock(kStart);
  std::mutex mu;
  std::map<LedgerId, int> wakes;
  DeadlineScheduler scheduler(&clock, log.get(), [&](const LedgerId& ledger, std::function<void(absl::Status)> done) {
    std::unique_lock lock(mu);
    const bool fails = ++wakes[ledger] == 1 && ledger.str() == "acme";
    lock.unlock();
    done(fails ? absl::UnavailableError("the log recovers") : absl::OkStatus());
  });
  scheduler.Start();
  std::promise<absl::Status> settled;
  scheduler.WakeDue([&](const absl::Status& status) { settled.set_value(status); });
  EXPECT_TRUE(settled.get_future().get().ok());
  EXPECT_EQ(wakes, (std::map<LedgerId, int>{{LedgerId("acme"), 2}, {LedgerId("beta"), 1}}));
}

TEST(SchedulerStartTest, WhatFallsDueWhileDeadlinesAreLearntDoesNotWaitForAll) {
  constexpr int kLedgers = 50;
  const auto name = [](int i) { return absl::StrFormat("ledger-%02d", i); };
  auto engine = NewMemoryEngine();
  {
    Node node(engine.get());
    for (int i = 0; i < kLedgers; ++i) EstablishChartered(node, name(i));
  }
  auto index = NewMemoryKvStore();
  const auto log = *OpenLogStore({.engine = engine.get(), .index = index.get()});
  ManualClock clock(kStart);
  std::mutex mu;
  std::map<std::string, int> wakes;
  int first_before_last = 0;
  DeadlineScheduler* expecting = nullptr;
  DeadlineScheduler scheduler(&clock, log.get(), [&](const LedgerId& ledger, std::function<void(absl::Status)> done) {
    std::unique_lock lock(mu);
    const bool first = ++wakes[ledger.str()] == 1;
    if (ledger.str() == name(kLedgers - 1)) first_before_last = wakes[name(0)];
    lock.unlock();
    if (first && ledger.str() == name(0)) expecting->Expect(ledger, kStart);
    done(absl::OkStatus());
  });
  expecting = &scheduler;
  scheduler.Start();
  std::promise<absl::Status> settled;
  scheduler.WakeDue([&](const absl::Status& status) { settled.set_value(status); });
  EXPECT_TRUE(settled.get_future().get().ok());
  EXPECT_EQ(first_before_last, 2);
  EXPECT_EQ(wakes.size(), static_cast<size_t>(kLedgers));
}

}  // namespace
}  // namespace parley::test
