#include "eventstore/base/clock.h"

#include <gtest/gtest.h>

namespace parley {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);

TEST(ManualClock, StandsStillUntilTold) {
  ManualClock clock(kStart);
  EXPECT_EQ(clock.Now(), kStart);
  EXPECT_TRUE(clock.AdvanceTo(kStart + absl::Hours(1)));
  EXPECT_EQ(clock.Now(), kStart + absl::Hours(1));
}

TEST(ManualClock, NeverGoesBack) {
  ManualClock clock(kStart);
  EXPECT_FALSE(clock.AdvanceTo(kStart - absl::Nanoseconds(1)));
  EXPECT_EQ(clock.Now(), kStart);
  EXPECT_TRUE(clock.AdvanceTo(kStart));
}

TEST(SystemClock, IsWholeMicrosecondsAndLaterThanThisTestWasWritten) {
  const absl::Time now = SystemClock().Now();
  EXPECT_EQ(now, absl::FromUnixMicros(absl::ToUnixMicros(now)));
  EXPECT_GT(now, kStart);
}

TEST(Monotonic, NeverGoesBack) {
  absl::Duration last = Monotonic();
  for (int i = 0; i < 1000; ++i) {
    const absl::Duration now = Monotonic();
    ASSERT_GE(now, last);
    last = now;
  }
}

}  // namespace
}  // namespace parley
