#include "tests/lint/tree_rules.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace parley::lint {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  EXPECT_TRUE(in.good()) << path;
  return text.str();
}

std::vector<const SourceFile*> All() {
  std::vector<const SourceFile*> files;
  for (const SourceFile& file : Tree()) files.push_back(&file);
  return files;
}

TEST(TreeRules, EveryTestIsRegistered) {
  EXPECT_EQ(Report(CheckTestsAreRegistered(All(), ReadFile(PARLEY_SOURCE_DIR "/tests/CMakeLists.txt"))), "");
}

TEST(TreeRules, NothingIsDead) {
  const auto compiled = CompiledFiles(ReadFile(PARLEY_BINARY_DIR "/compile_commands.json"), PARLEY_SOURCE_DIR);
  EXPECT_EQ(Report(CheckNothingIsDead(CppTree(), compiled)), "");
}

TEST(TreeRules, TopLevelIsFixed) { EXPECT_EQ(Report(CheckTopLevel(All())), ""); }

TEST(TreeRules, LinksLead) { EXPECT_EQ(Report(CheckLinks(All())), ""); }

TEST(TreeRules, UnregisteredFolderIsFound) {
  const auto test = MakeSource("tests/crash/kill_test.cc", "\n");
  EXPECT_EQ(Report(CheckTestsAreRegistered({&test}, "\nparley_tests(crash x)\n")), "");
  EXPECT_NE(Report(CheckTestsAreRegistered({&test}, "\nparley_tests(crash_more x)\n")), "");
  EXPECT_NE(Report(CheckTestsAreRegistered({&test}, "\n# parley_tests(crash x)\n")), "");
}

TEST(TreeRules, DeadFilesAreFound) {
  const auto live = MakeSource("services/a/live.cc", "#include \"services/a/live.h\"\n");
  const auto header = MakeSource("services/a/live.h", "\n");
  const auto dead = MakeSource("services/a/dead.cc", "\n");
  const auto dead_header = MakeSource("services/a/dead.h", "\n");
  const auto compiled =
      CompiledFiles("[{\n  \"file\": \"/x/services/a/live.cc\"\n}, {\n  \"file\": \"/y/services/a/dead.cc\"\n}]", "/x");
  EXPECT_EQ(Report(CheckNothingIsDead({&live, &header}, compiled)), "");
  EXPECT_NE(Report(CheckNothingIsDead({&dead}, compiled)), "");
  EXPECT_NE(Report(CheckNothingIsDead({&live, &dead_header}, compiled)), "");
}

TEST(TreeRules, StrayFileIsFound) {
  const auto stray = MakeSource("tools/x.sh", "\n");
  const auto dotted = MakeSource(".ci/run", "\n");
  EXPECT_NE(Report(CheckTopLevel({&stray})), "");
  EXPECT_EQ(Report(CheckTopLevel({&dotted})), "");
}

TEST(TreeRules, BrokenLinkIsFound) {
  const auto page = MakeSource("deploy/page.md", "[a](../README.md#trying) [b](decisions) [c](https://x.org/y)\n");
  const auto readme = MakeSource("README.md", "[page](deploy/page.md)\n");
  const auto record = MakeSource("deploy/decisions/0001.md", "\n");
  EXPECT_EQ(Report(CheckLinks({&page, &readme, &record})), "");
  EXPECT_EQ(Report(CheckLinks({&page, &readme})), "deploy/page.md:1: links to decisions, which is not there\n");
}

}  // namespace
}  // namespace parley::lint
