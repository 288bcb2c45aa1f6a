// The malicious-operator suite over bundles: each tampering, naive and signed again with the operator's own key, gets its verdict.
#include "parley/v1/decision.pb.h"
#include "parley/v1/key.pb.h"
#include "tests/audit/malicious_cases.h"
#include "tests/audit/verify_fixture.h"

namespace parley::test {
namespace {

class MaliciousBundle : public VerifyTest, public testing::WithParamInterface<Tampering> {
 protected:
  BundleBuilder Tampered() const {
    BundleBuilder b = Good();
    GetParam().tamper(b);
    return b;
  }
};

TEST_P(MaliciousBundle, NaiveWithTheManifestAsItWas) {
  const TestBundle untouched = Good().Bundle(GetParam().reader);
  TestBundle tampered = Tampered().NaiveBundle(untouched);
  tampered.manifest = untouched.manifest;
  const VerifyReport report = Verify(tampered, Good().BothMustSign());
  EXPECT_EQ(report.verdict, Verdict::kDamaged) << Describe(report);
}

TEST_P(MaliciousBundle, NaiveWithAManifestToMatch) {
  const TestBundle tampered = Tampered().NaiveBundle(Good().Bundle(GetParam().reader));
  for (const Policy& policy : {Good().BothMustSign(), Good().LogAlone()}) {
    const VerifyReport report = Verify(tampered, policy);
    EXPECT_EQ(report.verdict, GetParam().naive) << Describe(report);
  }
}

TEST_P(MaliciousBundle, SignedAgain) {
  BundleBuilder b = Tampered();
  b.Resign();
  const TestBundle bundle = b.Bundle(GetParam().reader);
  VerifyReport report = Verify(bundle, Good().BothMustSign());
  EXPECT_EQ(report.verdict, GetParam().both_must_sign) << Describe(report);
  report = Verify(bundle, Good().LogAlone());
  EXPECT_EQ(report.verdict, GetParam().log_alone) << Describe(report);
  // What a verdict is not good for, a checkpoint seen before is.
  ASSERT_NE(IsGood(GetParam().log_alone), !GetParam().with_seen.has_value());
  if (!GetParam().with_seen) return;
  VerifyOptions options{.policy = Good().LogAlone()};
  for (const SignedNote& note : Good().notes) options.seen.push_back(note.ToString());
  report = Verify(bundle, options);
  EXPECT_EQ(report.verdict, *GetParam().with_seen) << Describe(report);
}

TEST_P(MaliciousBundle, CosignedByBothWithoutLooking) {
  if (GetParam().log_alone == Verdict::kBadSignature) return;  // Then nothing that the parties sign makes it better.
  BundleBuilder b = Tampered();
  b.Resign();
  b.Cosign();
  const VerifyReport report = Verify(b.Bundle(GetParam().reader), Good().BothMustSign());
  EXPECT_EQ(report.verdict, GetParam().log_alone) << Describe(report);
}

INSTANTIATE_TEST_SUITE_P(Each, MaliciousBundle, testing::ValuesIn(Tamperings()),
                         [](const auto& info) { return std::string(info.param.name); });

using Malicious = VerifyTest;

// An operator with another key under the log's name signs for nobody, whatever it signs.
TEST_F(Malicious, AnotherLogKey) {
  BundleBuilder b = Good();
  const NoteSigningKey own = TestKey(kOrigin, NoteKeyType::kEd25519, "the operator's other key");
  for (SignedNote& note : b.notes) {
    note = *SignedNote::Make(note.text());
    ASSERT_TRUE(note.Sign(own).ok());
  }
  const VerifyReport report = Verify(b.Bundle("buyer"), Good().LogAlone());
  EXPECT_EQ(report.verdict, Verdict::kBadSignature) << Describe(report);
}

// The operator signs as provider, under a key that it put into the record in the provider's place.
TEST_F(Malicious, CosignedUnderASwappedKey) {
  BundleBuilder b = Good();
  const NoteSigningKey own = TestKey("provider.example/acme", NoteKeyType::kEd25519Cosignature, "the operator's");
  b.RewriteEvent<v1::KeyEvent>(b.Find("key.registered", 2), [&](v1::KeyEvent& event) {
    event.mutable_registered()->set_vkey(own.verifier().ToString());
  });
  b.RecomputeDigests();
  b.Resign();
  ASSERT_TRUE(b.notes.back().Cosign(own, static_cast<uint64_t>(absl::ToUnixSeconds(Good().end()))).ok());
  const VerifyReport report = Verify(b.Bundle("buyer"), Good().BothMustSign());
  EXPECT_EQ(report.verdict, Verdict::kBadSignature) << Describe(report);
}

// A key that was replaced signs for nobody any more: whoever kept it cannot cosign what came later.
TEST_F(Malicious, CosignedUnderAReplacedKey) {
  BundleBuilder b = Good();
  b.notes.back() = *SignedNote::Make(b.notes.back().text());
  const uint64_t now = static_cast<uint64_t>(absl::ToUnixSeconds(Good().end()));
  ASSERT_TRUE(b.notes.back().Sign(TestKey(kOrigin, NoteKeyType::kEd25519, "log 2")).ok());
  for (const char* key : {"buyer 1", "provider 1"}) {
    const std::string name = std::string(key).substr(0, std::string_view(key).find(' ')) + ".example/acme";
    ASSERT_TRUE(b.notes.back().Cosign(TestKey(name, NoteKeyType::kEd25519Cosignature, key), now).ok());
  }
  const VerifyReport report = Verify(b.Bundle("buyer"), Good().BothMustSign());
  EXPECT_EQ(report.verdict, Verdict::kBadSignature) << Describe(report);
}

// An older bundle is whole: only what was seen, or the policy's max-age, shows that it is not the newest.
TEST_F(Malicious, AnOlderBundle) {
  BundleBuilder b = Good();
  b.entries.resize(Checkpoint::Parse(b.notes.front().text())->size);
  b.notes.resize(1);
  // What has been erased since is still there in a bundle that was made then.
  for (size_t i = 0; i < b.entries.size(); ++i) b.entries[i] = b.world().entries()[i].stored;
  const TestBundle bundle = b.Bundle("buyer");
  VerifyReport report = Verify(bundle, Good().BothMustSign());
  EXPECT_EQ(report.verdict, Verdict::kComplete) << Describe(report);
  report = Verify(bundle, VerifyOptions{.policy = Good().BothMustSign(), .seen = {Good().notes.back().ToString()}});
  EXPECT_EQ(report.verdict, Verdict::kTruncated) << Describe(report);
  report = Verify(bundle,
                  VerifyOptions{.policy = Good().BothMustSign("max-age 24\n"), .now = Good().end() + absl::Hours(20)});
  EXPECT_EQ(report.verdict, Verdict::kComplete) << Describe(report);
  report = Verify(bundle,
                  VerifyOptions{.policy = Good().BothMustSign("max-age 24\n"), .now = Good().end() + absl::Hours(26)});
  EXPECT_EQ(report.verdict, Verdict::kStale) << Describe(report);
}

// The provider is shown another history than the buyer. Each is whole in itself; what one of them saw shows the other.
TEST_F(Malicious, ForkForOneParty) {
  BundleBuilder fork = Good();
  fork.RewriteEvent<v1::DecisionEvent>(fork.Find("decision.input_given", 1), [](v1::DecisionEvent& event) {
    event.mutable_input_given()->set_text("rather not");
  });
  fork.RecomputeDigests();
  fork.Resign();
  const TestBundle bundle = fork.Bundle("provider");
  EXPECT_TRUE(IsGood(Verify(bundle, Good().LogAlone()).verdict));
  VerifyReport report =
      Verify(bundle, VerifyOptions{.policy = Good().LogAlone(), .seen = {Good().notes.back().ToString()}});
  EXPECT_EQ(report.verdict, Verdict::kForked) << Describe(report);
  report = Verify(Good().Bundle("buyer"),
                  VerifyOptions{.policy = Good().BothMustSign(), .seen = {fork.notes.back().ToString()}});
  EXPECT_EQ(report.verdict, Verdict::kForked) << Describe(report);
  // Where both must cosign, the forked one is not worth that much.
  EXPECT_EQ(Verify(bundle, Good().BothMustSign()).verdict, Verdict::kBadSignature);
}

// Entries that were not there when the parties saw what they are said to be in.
TEST_F(Malicious, RecordedAfterItWasCosigned) {
  BundleBuilder b = Good();
  for (size_t i = b.Find("decision.input_given", 1); i < b.entries.size(); ++i) {
    b.Rewrite(i, [](v1::EntryHeader& header, v1::Record&) {
      header.mutable_recorded_at()->set_seconds(header.recorded_at().seconds() + 7200);
    });
  }
  b.RecomputeDigests();
  b.Resign();
  b.Cosign();
  const VerifyReport report = Verify(b.Bundle("buyer"), Good().BothMustSign());
  EXPECT_EQ(report.verdict, Verdict::kBackdated) << Describe(report);
  EXPECT_EQ(report.offence, b.Find("decision.input_given", 1));
}

// Under the person's key everything can be sealed; the commitment says what was. Released keys show it.
TEST_F(Malicious, KeysShowWhatACiphertextHolds) {
  const v1::PersonKeys keys = Good().ReleasedKeys();
  VerifyOptions options{.policy = Good().LogAlone(), .keys = &keys};
  VerifyReport report = Verify(Good().Bundle("provider"), options);
  EXPECT_TRUE(IsGood(report.verdict)) << Describe(report);
  EXPECT_EQ(report.opened_parts, 4u);  // max's profile and a comment, sub's profile.
  BundleBuilder b = Good();
  for (const Tampering& tampering : Tamperings()) {
    if (std::string_view(tampering.name) == "AlterCiphertextAndHash") tampering.tamper(b);
  }
  b.Resign();
  report = Verify(b.Bundle("provider"), options);
  EXPECT_EQ(report.verdict, Verdict::kAltered) << Describe(report);
}

}  // namespace
}  // namespace parley::test
