#include "services/metric/period.h"

#include <gtest/gtest.h>

#include "eventstore/base/proto_util.h"

namespace parley {
namespace {

struct Row {
  std::string id;
  v1::PeriodKind kind;
  std::string start;
  std::string end;
  std::string next;
};

class PeriodTable : public testing::TestWithParam<Row> {};

TEST_P(PeriodTable, IsWhatTheCalendarSays) {
  const Row& row = GetParam();
  const auto period = Period::Parse(row.id);
  ASSERT_TRUE(period.has_value());
  EXPECT_EQ(period->kind(), row.kind);
  EXPECT_EQ(period->id(), row.id);
  EXPECT_EQ(Rfc3339(period->start()), row.start + "T00:00:00Z");
  EXPECT_EQ(Rfc3339(period->end()), row.end + "T00:00:00Z");
  EXPECT_EQ(period->Next().id(), row.next);
  EXPECT_EQ(period->Next().start(), period->end());
  EXPECT_EQ(Period::Containing(row.kind, period->start()), *period);
  EXPECT_EQ(Period::Containing(row.kind, period->end() - absl::Nanoseconds(1)), *period);
  EXPECT_EQ(Period::Containing(row.kind, period->end()), period->Next());
}

INSTANTIATE_TEST_SUITE_P(
    Calendar, PeriodTable,
    testing::Values(Row{"2026-03-05", v1::PERIOD_KIND_DAY, "2026-03-05", "2026-03-06", "2026-03-06"},
                    Row{"2024-02-28", v1::PERIOD_KIND_DAY, "2024-02-28", "2024-02-29", "2024-02-29"},
                    Row{"2024-02-29", v1::PERIOD_KIND_DAY, "2024-02-29", "2024-03-01", "2024-03-01"},
                    Row{"2025-12-31", v1::PERIOD_KIND_DAY, "2025-12-31", "2026-01-01", "2026-01-01"},
                    Row{"2026-W10", v1::PERIOD_KIND_WEEK, "2026-03-02", "2026-03-09", "2026-W11"},
                    // 1 January 2026 is a Thursday: its week is the first, and starts in December.
                    Row{"2026-W01", v1::PERIOD_KIND_WEEK, "2025-12-29", "2026-01-05", "2026-W02"},
                    Row{"2025-W52", v1::PERIOD_KIND_WEEK, "2025-12-22", "2025-12-29", "2026-W01"},
                    // 2026 has 53 weeks; 1 January 2027 is a Friday of the last.
                    Row{"2026-W53", v1::PERIOD_KIND_WEEK, "2026-12-28", "2027-01-04", "2027-W01"},
                    // 1 January 2024 is a Monday, 1 January 2023 a Sunday.
                    Row{"2024-W01", v1::PERIOD_KIND_WEEK, "2024-01-01", "2024-01-08", "2024-W02"},
                    Row{"2023-W01", v1::PERIOD_KIND_WEEK, "2023-01-02", "2023-01-09", "2023-W02"},
                    Row{"2022-W52", v1::PERIOD_KIND_WEEK, "2022-12-26", "2023-01-02", "2023-W01"},
                    Row{"2026-03", v1::PERIOD_KIND_MONTH, "2026-03-01", "2026-04-01", "2026-04"},
                    Row{"2026-12", v1::PERIOD_KIND_MONTH, "2026-12-01", "2027-01-01", "2027-01"},
                    Row{"2026-Q1", v1::PERIOD_KIND_QUARTER, "2026-01-01", "2026-04-01", "2026-Q2"},
                    Row{"2026-Q4", v1::PERIOD_KIND_QUARTER, "2026-10-01", "2027-01-01", "2027-Q1"},
                    Row{"1900-01", v1::PERIOD_KIND_MONTH, "1900-01-01", "1900-02-01", "1900-02"}));

class Malformed : public testing::TestWithParam<std::string> {};

TEST_P(Malformed, IsRefused) { EXPECT_FALSE(Period::Parse(GetParam()).has_value()); }

INSTANTIATE_TEST_SUITE_P(Ids, Malformed,
                         testing::Values("", "2026", "2026-", "2026-3", "2026-13", "2026-00", "26-03", "2026-03-",
                                         "2026-03-1", "2026-03-32", "2026-02-29", "2026-03-00", "2026-03-055",
                                         "2026/03", "2026-03/05", "2026-W1", "2026-W00", "2026-W54", "2025-W53",
                                         "2026-W010", "2026-w10", "2026-Q0", "2026-Q5", "2026-Q11", "2026-q1",
                                         "1899-12", "9999-01", " 2026-03", "2026-03 ", "+202-03", "2026--3", "2026-W-1",
                                         "２０２６-03"));

TEST(Period, FollowsItselfWithoutGapOverYears) {
  for (const auto kind : {v1::PERIOD_KIND_DAY, v1::PERIOD_KIND_WEEK, v1::PERIOD_KIND_MONTH, v1::PERIOD_KIND_QUARTER}) {
    Period period = Period::Containing(kind, absl::FromUnixSeconds(0));
    while (period.start() < absl::FromUnixSeconds(4102444800)) {
      const Period next = period.Next();
      ASSERT_EQ(period.end(), next.start());
      // Ids sort as their periods follow one another: what keeps a metric's periods in order.
      ASSERT_LT(period.id(), next.id());
      ASSERT_EQ(Period::Parse(next.id()), next) << next.id();
      period = next;
    }
  }
}

}  // namespace
}  // namespace parley
