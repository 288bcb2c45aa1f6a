// How measurements compare with the levels agreed: exactly, at every edge.
#include <limits>

#include "services/metric/rating.h"
#include "tests/support/world.h"

namespace parley::test {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

struct RatingRow {
  std::string name;
  int64_t numerator, denominator;
  std::string levels;
  v1::Rating rating;
};

class RatingTable : public testing::TestWithParam<RatingRow> {};

TEST_P(RatingTable, IsExact) {
  const RatingRow& row = GetParam();
  auto inputs = Parse<v1::RatingInputs>(row.levels);
  inputs.mutable_raw()->set_numerator(row.numerator);
  inputs.mutable_raw()->set_denominator(row.denominator);
  EXPECT_EQ(Rate(inputs).raw(), row.rating);
}

constexpr char kThird[] =
    "direction: METRIC_DIRECTION_HIGHER_IS_BETTER expected { fraction { numerator: 1 denominator: 3 } } "
    "target { fraction { numerator: 2 denominator: 3 } }";
constexpr char kLower[] =
    "direction: METRIC_DIRECTION_LOWER_IS_BETTER expected { parts_per_million: 50000 } target { parts_per_million: "
    "20000 }";
constexpr char kHuge[] =
    "direction: METRIC_DIRECTION_HIGHER_IS_BETTER expected { fraction { numerator: 9223372036854775806 denominator: "
    "9223372036854775807 } } target { fraction { numerator: 9223372036854775807 denominator: 9223372036854775807 } }";

INSTANTIATE_TEST_SUITE_P(Exact, RatingTable,
                         testing::Values(RatingRow{"ExactlyExpected", 1, 3, kThird, v1::RATING_MET_EXPECTED},
                                         RatingRow{"JustBelow", 333333333, 1000000000, kThird, v1::RATING_MISSED},
                                         RatingRow{"JustAbove", 333333334, 1000000000, kThird, v1::RATING_MET_EXPECTED},
                                         RatingRow{"ExactlyTarget", 4, 6, kThird, v1::RATING_MET_TARGET},
                                         RatingRow{"Zero", 0, 5, kThird, v1::RATING_MISSED},
                                         RatingRow{"Negative", -1, 5, kThird, v1::RATING_MISSED},
                                         RatingRow{"NoDenominator", 5, 0, kThird, v1::RATING_UNKNOWN},
                                         RatingRow{"LowerExactlyExpected", 5, 100, kLower, v1::RATING_MET_EXPECTED},
                                         RatingRow{"LowerMissed", 501, 10000, kLower, v1::RATING_MISSED},
                                         RatingRow{"LowerTarget", 0, 7, kLower, v1::RATING_MET_TARGET},
                                         RatingRow{"LowerUnknown", 0, 0, kLower, v1::RATING_UNKNOWN},
                                         RatingRow{"HugeJustBelow", kMax - 2, kMax - 1, kHuge, v1::RATING_MISSED},
                                         RatingRow{"HugeExactly", kMax - 1, kMax, kHuge, v1::RATING_MET_EXPECTED},
                                         RatingRow{"HugeWhole", kMax, kMax, kHuge, v1::RATING_MET_TARGET},
                                         RatingRow{"HugeNegative", kMin, kMax, kHuge, v1::RATING_MISSED}),
                         [](const auto& info) { return info.param.name; });

TEST(Rating, FlagsOnlyWhatTheStoppedClockMadeGreen) {
  const auto rate = [](std::string_view values) {
    return Rate(Parse<v1::RatingInputs>(absl::StrCat(kThird, " ", std::string(values))));
  };
  const auto helped = rate("raw { numerator: 0 denominator: 3 } clock_stopped { numerator: 1 denominator: 3 }");
  EXPECT_TRUE(helped.only_clock_stopped_passes());
  // Green anyway, only greener with the clock stopped.
  const auto anyway = rate("raw { numerator: 1 denominator: 3 } clock_stopped { numerator: 2 denominator: 3 }");
  EXPECT_EQ(anyway.raw(), v1::RATING_MET_EXPECTED);
  EXPECT_EQ(anyway.clock_stopped(), v1::RATING_MET_TARGET);
  EXPECT_FALSE(anyway.only_clock_stopped_passes());
  const auto neither = rate("raw { numerator: 0 denominator: 3 } clock_stopped { numerator: 0 denominator: 3 }");
  EXPECT_FALSE(neither.only_clock_stopped_passes());
  // Unknown raw, green clock-stopped: that is the clock's green too.
  EXPECT_TRUE(rate("raw {} clock_stopped { numerator: 1 denominator: 3 }").only_clock_stopped_passes());
  // None was given: nothing to rate.
  EXPECT_EQ(rate("raw { numerator: 1 denominator: 3 }").clock_stopped(), v1::RATING_UNSPECIFIED);
}

}  // namespace
}  // namespace parley::test
