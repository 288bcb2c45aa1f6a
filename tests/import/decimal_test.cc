#include "services/import/decimal.h"

#include <gtest/gtest.h>

namespace parley {
namespace {

TEST(ParseDecimal, IsExact) {
  const struct {
    const char* text;
    Decimal value;
  } cases[] = {
      {"0", {0, 0}},
      {"-0.0", {0, 0}},
      {"11000000", {11000000, 0}},
      {"0.1", {0, 100'000'000}},
      {"-12.50", {-12, -500'000'000}},
      {"-0.000000001", {0, -1}},
      {"1.10e3", {1100, 0}},
      {"1e18", {1'000'000'000'000'000'000, 0}},
      {"123456e-3", {123, 456'000'000}},
      {"5E-9", {0, 5}},
      {"9223372036854775807.999999999", {9223372036854775807, 999'999'999}},
      {"-9223372036854775808", {INT64_MIN, 0}},
      {"0.1000000000000000000000000", {0, 100'000'000}},
      {"0e999", {0, 0}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto value = ParseDecimal(c.text);
    ASSERT_TRUE(value.has_value());
    EXPECT_EQ(value->units, c.value.units);
    EXPECT_EQ(value->nanos, c.value.nanos);
  }
}

TEST(ParseDecimal, RefusesWhatItWouldHaveToRoundOrGuess) {
  for (const char* text : {"", "-", ".5", "1.", "1,5", "1 ", "+1", "1e", "e1", "0x10", "NaN", "0.0000000001", "1e-10",
                           "9223372036854775808", "1e19", "1e1000", "1e99999999999", "-1e-400", "12.3.4"}) {
    EXPECT_FALSE(ParseDecimal(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace parley
