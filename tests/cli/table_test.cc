#include "services/cli/table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace parley {
namespace {

std::string Printed(const Table& table, const Screen& screen, int indent = 0) {
  std::ostringstream out;
  table.Print(out, screen, indent);
  return out.str();
}

Table Decisions() {
  Table table({{"Decision"}, {"Title"}, {"Amount", true}});
  table.Add({{"d1", Tone::kAccent}, {"Zürich moves"}, {"EUR 9.50"}});
  table.Add({{"d22"}, {"関係"}, {""}});
  return table;
}

TEST(Table, AlignsByColumnsOfTheScreen) {
  EXPECT_EQ(Printed(Decisions(), {}),
            "Decision  Title           Amount\n"
            "d1        Zürich moves  EUR 9.50\n"
            "d22       関係\n");
}

TEST(Table, Indents) {
  Table table({{"A"}});
  table.Add({{"x"}});
  EXPECT_EQ(Printed(table, {}, 2), "  A\n  x\n");
}

TEST(Table, TheWidestColumnGivesWayOnANarrowScreen) {
  EXPECT_EQ(Printed(Decisions(), {.width = 29}),
            "Decision  Title        Amount\n"
            "d1        Zürich m…  EUR 9.50\n"
            "d22       関係\n");
}

TEST(Table, PaintsCellsOnlyWhereThereAreColors) {
  EXPECT_EQ(Printed(Decisions(), {}).find('\x1b'), std::string::npos);
  EXPECT_NE(Printed(Decisions(), {.color = true}).find("\x1b[36md1\x1b[0m"), std::string::npos);
}

TEST(Table, NeutralizesWhatOthersWrote) {
  Table table({{"A"}});
  table.Add({{"x\x1b[31m"}});
  EXPECT_EQ(Printed(table, {}), "A\nx\uFFFD[31m\n");
}

TEST(Sparkline, SpansFromLeastToGreatestAndShowsUnknownAsUnknown) {
  EXPECT_EQ(Sparkline({0, 50, std::nullopt, 100}), "▁▄·█");
  EXPECT_EQ(Sparkline({7, 7}), "▄▄");
  EXPECT_EQ(Sparkline({std::nullopt}), "·");
  EXPECT_EQ(Sparkline({INT64_MIN, INT64_MAX}).substr(3), "█");
}

TEST(Bar, FillsToAnEighthOfAColumn) {
  EXPECT_EQ(Bar(1, 2, 4), "██  ");
  EXPECT_EQ(Bar(1, 16, 2), "▏ ");
  EXPECT_EQ(Bar(9, 4, 2), "██") << "never more than all";
  EXPECT_EQ(Bar(0, 1, 2), "  ");
}

TEST(Numbers, PercentIsRoundedHalfUp) {
  EXPECT_EQ(Percent(1'668'284'959, 7'883'772'512), "21.16 %");
  EXPECT_EQ(Percent(1, 3), "33.33 %");
  EXPECT_EQ(Percent(1, 8), "12.50 %");
  EXPECT_EQ(Percent(5, 100'000), "0.01 %");
  EXPECT_EQ(Percent(1, 0), "–") << "no whole: unknown";
}

TEST(Numbers, Grouped) {
  EXPECT_EQ(Grouped(0), "0");
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(65'533), "65,533");
  EXPECT_EQ(Grouped(-1'234'567), "-1,234,567");
  EXPECT_EQ(Grouped(-123), "-123");
}

}  // namespace
}  // namespace parley
