// Time-stamps in bundles, by an authority that is the openssl command line.
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "eventstore/base/clock.h"
#include "eventstore/proof/timestamp.h"
#include "parley/v1/decision.pb.h"
#include "tests/audit/verify_fixture.h"

namespace parley::test {
namespace {

const std::string kScript = "sh '" PARLEY_SOURCE_DIR "/tests/support/timestamp_authority.sh' ";

bool Runs(const std::string& command) { return std::system((command + " >/dev/null 2>&1").c_str()) == 0; }

std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class VerifyTimestamps : public VerifyTest {
 protected:
  void SetUp() override {
    if (!Runs("openssl version")) {
      ASSERT_EQ(std::getenv("PARLEY_REQUIRE_TOOLS"), nullptr) << "the openssl command is missing";
      GTEST_SKIP() << "the openssl command is missing";
    }
    ASSERT_TRUE(Runs(kScript + "make " + (scratch_ / "tsa")));
  }
  // A response of now over the text of a note.
  std::string Stamp(const SignedNote& note) {
    const auto request = MakeTimestampRequest(note.text(), random_);
    EXPECT_TRUE(request.ok()) << request.status();
    std::ofstream(scratch_ / "query", std::ios::binary) << *request;
    EXPECT_TRUE(
        Runs(kScript + "reply " + (scratch_ / "tsa") + " " + (scratch_ / "query") + " " + (scratch_ / "reply")));
    return ReadAll(scratch_ / "reply");
  }
  Policy Trusting(const std::string& policy) {
    auto parsed = Policy::Parse(policy + "timestamp-authority ca.pem\n",
                                [&](const std::string&) { return ReadAll(scratch_ / "tsa/ca.pem"); });
    EXPECT_TRUE(parsed.ok()) << parsed.status();
    return *parsed;
  }
  // The buyer's bundle with time-stamps over both checkpoints.
  TestBundle Stamped(const BundleBuilder& b) {
    TestBundle bundle = b.Bundle("buyer");
    for (const SignedNote& note : b.notes) {
      bundle.files[TimestampPath(Checkpoint::Parse(note.text())->size, 0)] = Stamp(note);
    }
    bundle.RemakeManifest();
    return bundle;
  }

  SeededRandom random_{4};
};

TEST_F(VerifyTimestamps, SayWhenACheckpointWasThere) {
  const absl::Time before = SystemClock().Now();
  const VerifyReport report = Verify(Stamped(Good()), Trusting(Good().BothMustSignText()));
  EXPECT_TRUE(IsGood(report.verdict)) << Describe(report);
  ASSERT_EQ(report.timestamps.size(), 2u);
  EXPECT_LT(report.timestamps[0].size, report.timestamps[1].size);
  EXPECT_EQ(report.timestamps[1].size, report.size);
  EXPECT_GE(report.timestamps[0].time, before - absl::Seconds(1));
}

TEST_F(VerifyTimestamps, WithoutAnAuthorityTheyProveNothing) {
  const VerifyReport report = Verify(Stamped(Good()), Good().BothMustSign());
  EXPECT_TRUE(IsGood(report.verdict)) << Describe(report);
  EXPECT_TRUE(report.timestamps.empty());
  EXPECT_EQ(report.warnings.size(), 1u) << Describe(report);
}

TEST_F(VerifyTimestamps, OverAnotherTextIsABadSignature) {
  TestBundle bundle = Stamped(Good());
  std::vector<std::string> paths;
  for (const auto& [path, bytes] : bundle.files) {
    if (path.starts_with("timestamps/")) paths.push_back(path);
  }
  ASSERT_EQ(paths.size(), 2u);
  std::swap(bundle.files[paths[0]], bundle.files[paths[1]]);
  bundle.RemakeManifest();
  const VerifyReport report = Verify(bundle, Trusting(Good().BothMustSignText()));
  EXPECT_EQ(report.verdict, Verdict::kBadSignature) << Describe(report);
}

TEST_F(VerifyTimestamps, OverNoCheckpointIsDamaged) {
  TestBundle bundle = Good().Bundle("buyer");
  bundle.files[TimestampPath(5, 0)] = Stamp(Good().notes.front());
  bundle.RemakeManifest();
  EXPECT_EQ(Verify(bundle, Good().BothMustSign()).verdict, Verdict::kDamaged);
}

// The authority bounds what both parties together could make up.
TEST_F(VerifyTimestamps, EntriesRecordedAfterIt) {
  BundleBuilder b = Good();
  const size_t late = b.Find("decision.input_given", 1);
  for (size_t i = late; i < b.entries.size(); ++i) {
    b.Rewrite(i, [](v1::EntryHeader& header, v1::Record&) {
      header.mutable_recorded_at()->set_seconds(absl::ToUnixSeconds(SystemClock().Now()) + 3600);
    });
  }
  b.RecomputeDigests();
  b.Resign();
  const VerifyReport report = Verify(Stamped(b), Trusting(Good().LogAloneText()));
  EXPECT_EQ(report.verdict, Verdict::kBackdated) << Describe(report);
  EXPECT_EQ(report.offence, late);
}

TEST_F(VerifyTimestamps, CountForFreshness) {
  const Policy policy = Trusting(Good().LogAloneText() + "max-age 24\n");
  const absl::Time now = SystemClock().Now();
  EXPECT_EQ(Verify(Good().Bundle("buyer"), VerifyOptions{.policy = policy, .now = now}).verdict, Verdict::kStale);
  EXPECT_TRUE(IsGood(Verify(Stamped(Good()), VerifyOptions{.policy = policy, .now = now}).verdict));
}

}  // namespace
}  // namespace parley::test
