// Other people's tools over the whole checkout. Where a tool is not installed its test is skipped with a word, unless
// PARLEY_REQUIRE_TOOLS is set, as tests/run.sh does after it installed them.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/lint/source.h"

namespace parley::lint {
namespace {

struct Outcome {
  int status = -1;
  std::string output;
};

Outcome RunInCheckout(const std::string& command) {
  Outcome outcome;
  const std::string line = "cd '" PARLEY_SOURCE_DIR "' && " + command + " 2>&1";
  FILE* pipe = popen(line.c_str(), "r");
  if (pipe == nullptr) return outcome;
  std::array<char, 4096> buffer;
  for (size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    outcome.output.append(buffer.data(), n);
  outcome.status = pclose(pipe);
  return outcome;
}

bool Required() { return std::getenv("PARLEY_REQUIRE_TOOLS") != nullptr; }

constexpr char kBuf[] = "build/node/node_modules/.bin/buf";

bool HaveBuf() { return std::filesystem::exists(std::string(PARLEY_SOURCE_DIR "/") + kBuf); }

TEST(Tools, BufLint) {
  if (!HaveBuf() && !Required()) GTEST_SKIP() << "buf is not installed: deploy/install.sh";
  const Outcome outcome = RunInCheckout(std::string(kBuf) + " lint proto");
  EXPECT_EQ(outcome.status, 0) << outcome.output;
}

TEST(Tools, BufBreaking) {
  if (!HaveBuf() && !Required()) GTEST_SKIP() << "buf is not installed: deploy/install.sh";
  const Outcome outcome = RunInCheckout(std::string(kBuf) + " breaking proto --against proto/baseline.binpb");
  EXPECT_EQ(outcome.status, 0) << outcome.output
                               << "\nclients and stored events depend on what the baseline has; where the "
                               << "change is meant, deploy/proto-baseline.sh takes a new one";
}

TEST(Tools, ClangFormat) {
  if (RunInCheckout("command -v clang-format").status != 0 && !Required())
    GTEST_SKIP() << "clang-format is not installed";
  std::string files;
  for (const SourceFile* file : CppTree()) files += " '" + file->path + "'";
  const Outcome outcome = RunInCheckout("clang-format --dry-run -Werror" + files);
  EXPECT_EQ(outcome.status, 0) << outcome.output;
}

TEST(Tools, ShellScriptsParse) {
  for (const SourceFile& file : Tree()) {
    if (!file.text.starts_with("#!/usr/bin/env bash")) continue;
    const Outcome outcome = RunInCheckout("bash -n '" + file.path + "' && test -x '" + file.path + "'");
    EXPECT_EQ(outcome.status, 0) << file.path << " does not parse, or may not be run\n" << outcome.output;
  }
}

}  // namespace
}  // namespace parley::lint
