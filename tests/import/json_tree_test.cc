#include "services/import/json_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/import/import_test_util.h"

namespace parley {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::map<std::string, std::string> Leaves(JsonNode& root) {
  std::map<std::string, std::string> leaves;
  ForEachLeaf(root, "", [&](const std::string& path, JsonNode& leaf) { leaves[path] = leaf.text; });
  return leaves;
}

TEST(ParseJson, KeepsNumbersAsWritten) {
  auto root = ParseJson(
      R"({"a":[0.10,1e2,12345678901234567890123,-7,0.1000000000000000055511151231257827],"b":{"c":true,"d":null}})");
  ASSERT_TRUE(root.ok()) << root.status();
  EXPECT_THAT(Leaves(**root),
              ElementsAre(Pair("/a/0", "0.10"), Pair("/a/1", "1e2"), Pair("/a/2", "12345678901234567890123"),
                          Pair("/a/3", "-7"), Pair("/a/4", "0.1000000000000000055511151231257827"),
                          Pair("/b/c", "true"), Pair("/b/d", "")));
}

TEST(ParseJson, ListsEmptyContainersAsLeavesAndEscapesPaths) {
  auto root = ParseJson(R"({"a/b":{},"c~d":[],"e\nf":1,"":2})");
  ASSERT_TRUE(root.ok()) << root.status();
  EXPECT_THAT(Leaves(**root),
              ElementsAre(Pair("/", "2"), Pair("/a~1b", ""), Pair("/c~0d", ""), Pair("/e\\u000af", "1")));
}

struct BadJson {
  const char* name;
  std::string text;
  ImportProblem problem;
  uint64_t line;
};
class ParseJsonRefuses : public testing::TestWithParam<BadJson> {};

TEST_P(ParseJsonRefuses, WithTheProblemAndItsLine) {
  const ImportErrorInfo info =
      Problem(ParseJson(GetParam().text, {.max_bytes = 10'000'000, .max_nodes = 1000}).status());
  EXPECT_EQ(info.problem, GetParam().problem);
  EXPECT_EQ(info.line, GetParam().line);
}

std::string Numbers(int n) {
  std::string list = "[0";
  for (int i = 1; i < n; ++i) list += ",0";
  return list + "]";
}

INSTANTIATE_TEST_SUITE_P(Texts, ParseJsonRefuses,
                         testing::Values(BadJson{"Empty", "", ImportProblem::kTruncated, 1},
                                         BadJson{"CutOff", "{\n\"a\": [1,\n", ImportProblem::kTruncated, 3},
                                         BadJson{"CutInAString", "{\n\"a\": \"b", ImportProblem::kTruncated, 2},
                                         BadJson{"WrongBracket", "[\n1}", ImportProblem::kMalformed, 2},
                                         BadJson{"TrailingComma", "[1,\n]", ImportProblem::kMalformed, 2},
                                         BadJson{"SomethingAfter", "{}\n{}", ImportProblem::kMalformed, 2},
                                         BadJson{"NotUtf8", "\"\xff\xfe\"", ImportProblem::kMalformed, 1},
                                         BadJson{"NotANumber", "[NaN]", ImportProblem::kMalformed, 1},
                                         BadJson{"HugeExponent", "[1,\n1e999999]", ImportProblem::kTooLarge, 2},
                                         BadJson{"KeyTwice", R"({"a":1,"b":{"a":1},"a":2})", ImportProblem::kForbidden,
                                                 0},
                                         BadJson{"TooDeep", std::string(100'000, '['), ImportProblem::kTooLarge, 0},
                                         BadJson{"TooMany", Numbers(1001), ImportProblem::kTooLarge, 0},
                                         BadJson{"TooLong", std::string(10'000'001, ' '), ImportProblem::kTooLarge, 0}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace parley
