// Streams of one event each.
#include "services/aggregate/single_events.h"

#include <algorithm>
#include <array>
#include <map>

#include "eventstore/base/hash.h"
#include "gtest/gtest.h"

namespace parley {
namespace {

std::string Name(int i) { return "relationships/acme/activities/a" + std::to_string(i); }
absl::Time At(int i) { return absl::FromUnixNanos(1'700'000'000'000'000'000 + i); }

TEST(SingleEvents, WhatWasAddedIsThereOnce) {
  SingleEvents events;
  for (int i = 0; i < 3000; ++i) {
    EXPECT_EQ(events.Find(Name(i)), std::nullopt) << i;
    EXPECT_TRUE(events.Add(Name(i), At(i)));
    const int earlier = i * 7 % (i + 1);
    EXPECT_FALSE(events.Add(Name(earlier), At(-1)));
    EXPECT_EQ(events.Find(Name(earlier)), At(earlier)) << "of " << i;
  }
}

TEST(SingleEvents, TimesBefore1970AreKept) {
  SingleEvents events;
  events.Add("x", absl::FromUnixNanos(-5));
  EXPECT_EQ(SingleEvents::Unpack(events.Pack())->Find("x"), absl::FromUnixNanos(-5));
}

TEST(SingleEvents, PackedItIsTheSame) {
  SingleEvents whole, taken_up;
  EXPECT_EQ(whole.Pack(), "");
  for (int i = 0; i < 1500; ++i) {
    whole.Add(Name(i), At(i));
    taken_up.Add(Name(i), At(i));
    if (i % 97 == 0) taken_up = *SingleEvents::Unpack(taken_up.Pack());
  }
  EXPECT_EQ(whole.Pack(), taken_up.Pack());
  EXPECT_EQ(whole.Pack().size(), 1500 * 24);
  for (int i = 0; i < 1500; ++i) EXPECT_EQ(taken_up.Find(Name(i)), At(i));
  EXPECT_EQ(taken_up.Find(Name(1500)), std::nullopt);
}

// Snapshots that were written earlier are compared with those written now.
TEST(SingleEvents, TheFormatStays) {
  SingleEvents events;
  std::map<std::array<signed char, 16>, std::string> expected;
  for (int i = 0; i < 200; ++i) {
    events.Add(Name(i), absl::FromUnixNanos(i));
    const std::string digest = Sha256(Name(i)).substr(0, 16);
    std::array<signed char, 16> key;
    std::copy(digest.begin(), digest.end(), key.begin());
    expected[key] = digest + std::string(7, '\0') + static_cast<char>(i);
  }
  std::string bytes;
  for (const auto& [key, record] : expected) bytes += record;
  EXPECT_EQ(events.Pack(), bytes);
}

TEST(SingleEvents, WhatIsNotPackedSoIsRefused) {
  SingleEvents events;
  for (int i = 0; i < 3; ++i) events.Add(Name(i), At(i));
  const std::string good = events.Pack();
  EXPECT_TRUE(SingleEvents::Unpack(good).ok());
  EXPECT_TRUE(absl::IsDataLoss(SingleEvents::Unpack(good.substr(1)).status()));
  EXPECT_TRUE(absl::IsDataLoss(SingleEvents::Unpack(good.substr(24) + good.substr(0, 24)).status()));
  EXPECT_TRUE(absl::IsDataLoss(SingleEvents::Unpack(good.substr(0, 24) + good.substr(0, 24)).status()));
}

TEST(SingleEvents, MostTakeNoMoreThanInASnapshot) {
  SingleEvents events;
  for (int i = 0; i < 10'000; ++i) events.Add(Name(i), At(i));
  EXPECT_LT(events.bytes(), 10'000 * 24 * 5 / 4);
}

}  // namespace
}  // namespace parley
