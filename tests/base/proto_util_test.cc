#include "eventstore/base/proto_util.h"

#include <gtest/gtest.h>

#include <string>

#include "parley/v1/decision.pb.h"

namespace parley {
namespace {

google::protobuf::Timestamp Stamp(int64_t seconds, int32_t nanos) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(nanos);
  return timestamp;
}

struct TimeCase {
  const char* name;
  int64_t seconds;
  int32_t nanos;
  const char* text;
};

class GoodTime : public testing::TestWithParam<TimeCase> {};

TEST_P(GoodTime, SurvivesTheRoundTripAndPrints) {
  const auto stamp = Stamp(GetParam().seconds, GetParam().nanos);
  const absl::Time time = FromProto(stamp);
  EXPECT_EQ(ToProto(time).seconds(), stamp.seconds());
  EXPECT_EQ(ToProto(time).nanos(), stamp.nanos());
  EXPECT_EQ(Rfc3339(time), GetParam().text);
}

constexpr TimeCase kTimes[] = {
    {"Plain", 1'700'000'000, 0, "2023-11-14T22:13:20Z"},
    {"Fraction", 1'700'000'000, 500'000'000, "2023-11-14T22:13:20.5Z"},
    {"Nanosecond", 1'700'000'000, 1, "2023-11-14T22:13:20.000000001Z"},
    {"JustAfterTheEpoch", 0, 1, "1970-01-01T00:00:00.000000001Z"},
    {"BeforeTheEpoch", -1, 500'000'000, "1969-12-31T23:59:59.5Z"},
    {"First", -62135596800, 0, "0001-01-01T00:00:00Z"},
    {"Last", 253402300799, 999'999'999, "9999-12-31T23:59:59.999999999Z"},
};
INSTANTIATE_TEST_SUITE_P(Table, GoodTime, testing::ValuesIn(kTimes),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Timestamps, WhatIsNoTimeIsTheInfinitePast) {
  EXPECT_EQ(FromProto(google::protobuf::Timestamp()), absl::InfinitePast());
  EXPECT_EQ(FromProto(Stamp(1, -1)), absl::InfinitePast());
  EXPECT_EQ(FromProto(Stamp(1, 1'000'000'000)), absl::InfinitePast());
  EXPECT_EQ(FromProto(Stamp(-62135596801, 0)), absl::InfinitePast());
  EXPECT_EQ(FromProto(Stamp(253402300800, 0)), absl::InfinitePast());
}

TEST(Durations, SurviveTheRoundTrip) {
  for (const absl::Duration duration : {absl::ZeroDuration(), absl::Hours(72), absl::Nanoseconds(1), absl::Seconds(-3),
                                        absl::Milliseconds(-1500), absl::Seconds(1) + absl::Nanoseconds(999'999'999)}) {
    EXPECT_EQ(FromProto(ToProto(duration)), duration);
  }
  // The sign of both parts agrees, as google.protobuf.Duration wants it.
  const auto negative = ToProto(absl::Milliseconds(-1500));
  EXPECT_EQ(negative.seconds(), -1);
  EXPECT_EQ(negative.nanos(), -500'000'000);
}

TEST(Canonical, IsInOrderOfFieldNumberWithoutDefaults) {
  v1::DecisionOption option;
  option.set_description("d");
  option.set_option_id("o");
  EXPECT_EQ(Canonical(option), std::string("\x0a\x01o\x12\x01"
                                           "d"));
  option.set_description("");
  EXPECT_EQ(Canonical(option), std::string("\x0a\x01o"));
  EXPECT_EQ(Canonical(v1::Decision()), "");
}

TEST(Canonical, SurvivesParsing) {
  v1::Decision decision;
  decision.set_name("relationships/acme/decisions/d1");
  decision.add_criteria("cost");
  decision.mutable_amount()->set_units(-3);
  *decision.mutable_create_time() = Stamp(5, 7);
  v1::Decision copy;
  ASSERT_TRUE(copy.ParseFromString(Canonical(decision)));
  EXPECT_EQ(Canonical(copy), Canonical(decision));
}

}  // namespace
}  // namespace parley
