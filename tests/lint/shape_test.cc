#include "tests/lint/shape.h"

#include <gtest/gtest.h>

#include <string>

namespace parley::lint {
namespace {

TEST(Shape, LengthsInTheCheckout) {
  for (const SourceFile& file : Tree()) EXPECT_EQ(Report(CheckLengths(file)), "");
}

TEST(Shape, SwitchesInTheCheckout) {
  for (const SourceFile* file : CppTree()) EXPECT_EQ(Report(CheckSwitches(*file)), "");
}

TEST(Shape, NoLeftoversInTheCheckout) {
  for (const SourceFile& file : Tree()) EXPECT_EQ(Report(CheckLeftovers(file)), "");
}

std::string Repeat(const std::string& line, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += line;
  return out;
}

std::string Lengths(const char* path, const std::string& text) { return Report(CheckLengths(MakeSource(path, text))); }

TEST(Lengths, LongFile) {
  EXPECT_EQ(Lengths("a.cc", Repeat("int x;\n", 500)), "");
  EXPECT_EQ(Lengths("a.cc", Repeat("int x;\n", 501)), "a.cc:0: has 501 lines, more than 500: split it\n");
  EXPECT_EQ(Lengths("a.proto", Repeat("\n", 501)), "");
}

TEST(Lengths, LongFunctionAnywhere) {
  const std::string body = "{\n" + Repeat("  if (x) { y(); }\n", 99) + "}\n";
  const std::string message = "a function of 101 lines, more than 100: give its parts names\n";
  EXPECT_EQ(Lengths("a.cc", "void F() " + body), "a.cc:1: " + message);
  EXPECT_EQ(Lengths("a.cc", "namespace a {\nclass B : public C {\n  int D() const " + body + "};\n}\n"),
            "a.cc:3: " + message);
  EXPECT_EQ(Lengths("a.cc", "struct A { int x; };\nA::A(int y)\n    : x(y) " + body), "a.cc:3: " + message);
  EXPECT_EQ(Lengths("a.cc", "#define X(y) {\nTEST(A, B) " + body), "a.cc:2: " + message);
  EXPECT_EQ(Lengths("a.cc", "const int kTable[] = " + body), "");
  EXPECT_EQ(Lengths("a.cc", "namespace a " + body), "");
  EXPECT_EQ(Lengths("services/dispute/dispute_evolve.cc", "void Evolve() " + body), "");
}

struct SwitchCase {
  const char* name;
  const char* code;
  bool allowed;
};

class SwitchRule : public testing::TestWithParam<SwitchCase> {};

TEST_P(SwitchRule, Judges) {
  const auto findings = CheckSwitches(MakeSource("a.cc", GetParam().code));
  EXPECT_EQ(findings.empty(), GetParam().allowed) << Report(findings);
}

constexpr SwitchCase kSwitches[] = {
    {"OneofWithDefault", "switch (e.kind_case()) { case E::kA: break; default: break; }", false},
    {"OneofWithout", "switch (e.kind_case()) { case E::kA: break; case E::KIND_NOT_SET: break; }", true},
    {"EnumOfProto", "switch (x) {\n  case v1::STAGE_A:\n    break;\n  default:\n    break;\n}", false},
    {"EnumClass", "switch (x) { case Kind::kA: return 1; default: return 2; }", false},
    {"EnumOfOthers", "switch (x) { case absl::StatusCode::kOk: return 1; default: return 2; }", true},
    {"Characters", "switch (c) { case 'a': return 1; default: return 2; }", true},
    {"NestedInOurs", "switch (e.kind_case()) { case E::kA: { switch (c) { case 'a': return; default: return; } } }",
     true},
    {"NestedOurs", "switch (c) { case 'a': { switch (e.kind_case()) { case E::kA: default: return; } } }", false},
};

INSTANTIATE_TEST_SUITE_P(Table, SwitchRule, testing::ValuesIn(kSwitches),
                         [](const auto& info) { return std::string(info.param.name); });

std::string Leftovers(const char* path, const std::string& text) {
  return Report(CheckLeftovers(MakeSource(path, text)));
}

TEST(Leftovers, AreFound) {
  EXPECT_NE(Leftovers("a.cc",
                      "int x;  // TO"
                      "DO: y\n"),
            "");
  EXPECT_NE(Leftovers("a.md",
                      "FIX"
                      "ME\n"),
            "");
  EXPECT_NE(Leftovers("a.sh",
                      "cd /wo"
                      "rk/x\n"),
            "");
  EXPECT_NE(Leftovers("a.cc",
                      "auto p = \"/tm"
                      "p/x\";\n"),
            "");
  EXPECT_NE(Leftovers("a_test.cc",
                      "TEST(A, DISAB"
                      "LED_B) {}\n"),
            "");
  EXPECT_NE(Leftovers("a.cc", "int x;"), "");
  EXPECT_NE(Leftovers("a.h", "int x;\n"), "");
  EXPECT_NE(Leftovers("a.h", "// #pragma once\n"), "");
}

TEST(Leftovers, GoodFilesPass) {
  EXPECT_EQ(Leftovers("a.h", "// What it is.\n#pragma once\nint x;\n"), "");
  EXPECT_EQ(Leftovers("a.md", "The METHODOLOGY, and https://example.com/homepage.\n"), "");
  EXPECT_EQ(Leftovers("a.bin", std::string("\0x", 2)), "");
}

}  // namespace
}  // namespace parley::lint
