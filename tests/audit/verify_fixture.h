// Bundles of the record that BundleBuilder makes, and what the verifier says of them.
#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "services/verify/verify.h"
#include "tests/support/bundle_builder.h"
#include "tests/support/scratch_dir.h"

namespace parley {

inline void PrintTo(Verdict verdict, std::ostream* out) { *out << VerdictName(verdict); }

namespace test {

// Everything a report says, for failure messages.
inline std::string Describe(const VerifyReport& report) {
  std::string out = std::string(VerdictName(report.verdict)) + "\n";
  for (const Finding& finding : report.findings) {
    out += "  " + std::string(VerdictName(finding.verdict)) + ": " + finding.what + "\n";
  }
  for (const std::string& warning : report.warnings) out += "  warning: " + warning + "\n";
  return out;
}

class VerifyTest : public testing::Test {
 protected:
  // The record is made once: tests work on copies.
  static const BundleBuilder& Good() {
    static const auto* const kGood = new BundleBuilder();
    return *kGood;
  }

  // `options.bundle` and `.scratch` are set here. A failure of the verifier itself fails the test.
  VerifyReport Verify(const TestBundle& bundle, VerifyOptions options) {
    bundle.Write(scratch_ / "bundle");
    options.bundle = scratch_ / "bundle";
    options.scratch = scratch_ / "models";
    if (!options.now) options.now = Good().end();
    auto report = VerifyBundle(options);
    EXPECT_TRUE(report.ok()) << report.status();
    return report.ok() ? *std::move(report) : VerifyReport();
  }
  VerifyReport Verify(const TestBundle& bundle, const Policy& policy) {
    return Verify(bundle, VerifyOptions{.policy = policy});
  }

  ScratchDir scratch_;
};

}  // namespace test
}  // namespace parley
