#include "services/cli/text.h"

#include <gtest/gtest.h>

namespace parley {
namespace {

TEST(Text, WidthCountsColumnsNotBytes) {
  EXPECT_EQ(DisplayWidth("abc"), 3);
  EXPECT_EQ(DisplayWidth("Zürich"), 6);
  EXPECT_EQ(DisplayWidth("e\u0301"), 1) << "a combining accent takes no column";
  EXPECT_EQ(DisplayWidth("関係"), 4) << "wide characters take two";
  EXPECT_EQ(DisplayWidth("\xff"), 1) << "a broken byte is shown as one replacement character";
}

TEST(Text, PrintableLeavesNothingThatATerminalActsOn) {
  EXPECT_EQ(Printable("plain – 関係"), "plain – 関係");
  EXPECT_EQ(Printable("a\x1b[2Jb"), "a\uFFFD[2Jb");
  EXPECT_EQ(Printable("a\nb\tc"), "a b c");
  EXPECT_EQ(Printable("\u009b"
                      "31m"),
            "\uFFFD"
            "31m")
      << "C1 controls begin escape sequences, too";
  EXPECT_EQ(Printable("pay\u202Eeb"), "pay\uFFFDeb") << "right-to-left override";
  EXPECT_EQ(Printable("\xc0\xaf"), "\uFFFD\uFFFD") << "overlong";
}

TEST(Text, TruncateKeepsWithinColumns) {
  EXPECT_EQ(Truncate("decision", 8), "decision");
  EXPECT_EQ(Truncate("decision", 5), "deci…");
  EXPECT_EQ(Truncate("関係関係", 5), "関係…");
  EXPECT_EQ(Truncate("関係関係", 4), "関…") << "half a wide character does not fit";
  EXPECT_EQ(Truncate("word word", 6), "word…") << "no space before the ellipsis";
  EXPECT_EQ(Truncate("x", 0), "");
}

TEST(Text, PadFillsColumns) {
  EXPECT_EQ(Pad("ü", 3), "ü  ");
  EXPECT_EQ(Pad("12", 4, true), "  12");
  EXPECT_EQ(Pad("long", 2), "long");
}

TEST(Text, Names) {
  EXPECT_EQ(KebabCase("DecideDecision"), "decide-decision");
  EXPECT_EQ(KebabCase("option_id"), "option-id");
  EXPECT_EQ(KebabCase("MANAGED_SERVICE"), "managed-service");
  EXPECT_EQ(Humanized("review_due_time"), "Review due time");
}

}  // namespace
}  // namespace parley
