#include "eventstore/base/money.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace parley {
namespace {

google::type::Money Make(const std::string& currency, int64_t units, int32_t nanos = 0) {
  google::type::Money money;
  money.set_currency_code(currency);
  money.set_units(units);
  money.set_nanos(nanos);
  return money;
}

struct ValidCase {
  const char* name;
  const char* currency;
  int64_t units;
  int32_t nanos;
  bool valid;
};

class Validity : public testing::TestWithParam<ValidCase> {};

TEST_P(Validity, IsAsExpected) {
  EXPECT_EQ(IsValidMoney(Make(GetParam().currency, GetParam().units, GetParam().nanos)), GetParam().valid);
}

constexpr ValidCase kValidCases[] = {
    {"Plain", "EUR", 12, 500'000'000, true},
    {"Negative", "EUR", -12, -500'000'000, true},
    {"Zero", "EUR", 0, 0, true},
    {"NanosOnly", "EUR", 0, -1, true},
    {"MixedSigns", "EUR", 12, -1, false},
    {"MixedSignsOtherWay", "EUR", -12, 1, false},
    {"WholeBillionNanos", "EUR", 1, 1'000'000'000, false},
    {"MinusBillionNanos", "EUR", -1, -1'000'000'000, false},
    {"NoCurrency", "", 1, 0, false},
    {"LowerCase", "eur", 1, 0, false},
    {"FourLetters", "EURO", 1, 0, false},
    {"DigitInCode", "EU1", 1, 0, false},
};
INSTANTIATE_TEST_SUITE_P(Table, Validity, testing::ValuesIn(kValidCases),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Money, ComparesUnitsThenNanos) {
  EXPECT_EQ(CompareMoney(Make("EUR", 1, 5), Make("EUR", 1, 5)), 0);
  EXPECT_LT(CompareMoney(Make("EUR", 1, 999'999'999), Make("EUR", 2)), 0);
  EXPECT_GT(CompareMoney(Make("EUR", 1, 6), Make("EUR", 1, 5)), 0);
  EXPECT_LT(CompareMoney(Make("EUR", -1, -6), Make("EUR", -1, -5)), 0);
  EXPECT_LT(CompareMoney(Make("EUR", 0, -1), Make("EUR", 0, 0)), 0);
}

TEST(Money, SignAndZero) {
  EXPECT_TRUE(IsZero(Make("EUR", 0)));
  EXPECT_FALSE(IsZero(Make("EUR", 0, 1)));
  EXPECT_TRUE(IsNegative(Make("EUR", 0, -1)));
  EXPECT_TRUE(IsNegative(Make("EUR", -1)));
  EXPECT_FALSE(IsNegative(Make("EUR", 0)));
}

struct SumCase {
  const char* name;
  int64_t a_units;
  int32_t a_nanos;
  int64_t b_units;
  int32_t b_nanos;
  int64_t units;
  int32_t nanos;
};

class Sum : public testing::TestWithParam<SumCase> {};

TEST_P(Sum, IsExactAndValidBothWays) {
  const auto& c = GetParam();
  for (const auto& sum : {AddMoney(Make("EUR", c.a_units, c.a_nanos), Make("EUR", c.b_units, c.b_nanos)),
                          AddMoney(Make("EUR", c.b_units, c.b_nanos), Make("EUR", c.a_units, c.a_nanos))}) {
    ASSERT_TRUE(sum.has_value());
    EXPECT_TRUE(IsValidMoney(*sum));
    EXPECT_EQ(sum->units(), c.units);
    EXPECT_EQ(sum->nanos(), c.nanos);
  }
}

constexpr SumCase kSums[] = {
    {"Units", 1, 0, 2, 0, 3, 0},
    {"Carries", 0, 600'000'000, 0, 600'000'000, 1, 200'000'000},
    {"CarriesDown", 0, -600'000'000, 0, -600'000'000, -1, -200'000'000},
    {"BorrowsFromUnits", 1, 0, 0, -1, 0, 999'999'999},
    {"BorrowsFromNegativeUnits", -1, 0, 0, 1, 0, -999'999'999},
    {"Cancels", 5, 5, -5, -5, 0, 0},
    {"ChangesSign", 1, 500'000'000, -2, 0, 0, -500'000'000},
};
INSTANTIATE_TEST_SUITE_P(Table, Sum, testing::ValuesIn(kSums),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Money, SumRefusesWhatIsNotExact) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  EXPECT_FALSE(AddMoney(Make("EUR", 1), Make("USD", 1)).has_value());
  EXPECT_FALSE(AddMoney(Make("EUR", kMax), Make("EUR", 1)).has_value());
  EXPECT_FALSE(AddMoney(Make("EUR", kMax, 999'999'999), Make("EUR", 0, 1)).has_value());
  EXPECT_FALSE(AddMoney(Make("EUR", -kMax - 1), Make("EUR", -1)).has_value());
}

TEST(Money, UnsetIsZeroOfAnyCurrency) {
  const auto sum = AddMoney(google::type::Money(), Make("EUR", 7, 1));
  ASSERT_TRUE(sum.has_value());
  EXPECT_EQ(sum->currency_code(), "EUR");
  EXPECT_EQ(sum->units(), 7);
  EXPECT_EQ(AddMoney(Make("EUR", 7, 1), google::type::Money())->nanos(), 1);
}

}  // namespace
}  // namespace parley
