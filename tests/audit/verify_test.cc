// The verifier over bundles that nobody tampered with, and over what a policy asks of them.
#include "services/verify/verify.h"

#include "eventstore/proof/note.h"
#include "tests/audit/verify_fixture.h"

namespace parley::test {
namespace {

using VerifyBundleTest = VerifyTest;

TEST_F(VerifyBundleTest, UntouchedIsErasedWithAuthorityForEveryReader) {
  for (const char* reader : {"buyer", "provider", ""}) {
    SCOPED_TRACE(reader);
    const VerifyReport report = Verify(Good().Bundle(reader), Good().BothMustSign());
    EXPECT_EQ(report.verdict, Verdict::kErasedWithAuthority) << Describe(report);
    EXPECT_TRUE(report.warnings.empty()) << Describe(report);
    EXPECT_EQ(report.size, Good().entries.size());
    EXPECT_EQ(report.entries, Good().entries.size());
    EXPECT_EQ(report.root, RootOf(Good().entries, Good().entries.size()));
    EXPECT_EQ(report.cosigned.size(), 2u);
    EXPECT_EQ(report.digests_recorded, 2u);
    EXPECT_EQ(report.digests_reproduced, 2u);
    EXPECT_EQ(report.erased_parts, 4u);  // Three of the profile, one comment.
  }
}

TEST_F(VerifyBundleTest, DigestsAreTheSameWhoeverReads) {
  const VerifyReport buyer = Verify(Good().Bundle("buyer"), Good().BothMustSign());
  const VerifyReport auditor = Verify(Good().Bundle(""), Good().BothMustSign());
  ASSERT_FALSE(buyer.digests.empty());
  ASSERT_EQ(buyer.digests.size(), auditor.digests.size());
  for (size_t i = 0; i < buyer.digests.size(); ++i) {
    EXPECT_EQ(buyer.digests[i].SerializeAsString(), auditor.digests[i].SerializeAsString());
  }
}

TEST_F(VerifyBundleTest, EarlierAndLaterCheckpointsThatWereSeen) {
  VerifyOptions options{.policy = Good().BothMustSign()};
  for (const SignedNote& note : Good().notes) options.seen.push_back(note.ToString());
  const VerifyReport report = Verify(Good().Bundle("buyer"), options);
  EXPECT_TRUE(IsGood(report.verdict)) << Describe(report);
}

// The verifier says nothing about what it cannot judge.
TEST_F(VerifyBundleTest, WhatItCannotBeginWith) {
  const auto status = [&](VerifyOptions options) {
    if (options.bundle.empty()) options.bundle = scratch_ / "bundle";
    options.scratch = scratch_ / "models";
    return VerifyBundle(options).status().code();
  };
  Good().Bundle("buyer").Write(scratch_ / "bundle");
  const Policy policy = Good().BothMustSign();
  EXPECT_EQ(status({.bundle = scratch_ / "nowhere", .policy = policy}), absl::StatusCode::kNotFound);
  EXPECT_EQ(status({.policy = policy, .seen = {"no note"}}), absl::StatusCode::kInvalidArgument);
  // Of another log; signed by nobody who is known.
  SignedNote note =
      *SignedNote::Make(Checkpoint{"log.example/relationships/other", 3, Good().HeaderOf(0).commitments(0)}.ToText());
  const NoteSigningKey stranger = TestKey(kOrigin, NoteKeyType::kEd25519, "a stranger's");
  ASSERT_TRUE(note.Sign(stranger).ok());
  EXPECT_EQ(status({.policy = policy, .seen = {note.ToString()}}), absl::StatusCode::kInvalidArgument);
  note = *SignedNote::Make(Good().notes.back().text());
  ASSERT_TRUE(note.Sign(stranger).ok());
  EXPECT_EQ(status({.policy = policy, .seen = {note.ToString()}}), absl::StatusCode::kInvalidArgument);
  const NoteSigningKey elsewhere = TestKey("log.example/relationships/other", NoteKeyType::kEd25519, "other");
  const auto other = Policy::Parse("log " + elsewhere.verifier().ToString() + "\nquorum none\n", nullptr);
  EXPECT_EQ(status({.policy = *other}), absl::StatusCode::kInvalidArgument);
}

TEST_F(VerifyBundleTest, FilesThatAreMissingOrTooMany) {
  const TestBundle good = Good().Bundle("buyer");
  for (const auto& [path, bytes] : good.files) {
    SCOPED_TRACE(path);
    TestBundle bundle = good;
    bundle.files.erase(path);
    EXPECT_EQ(Verify(bundle, Good().BothMustSign()).verdict, Verdict::kDamaged);
    bundle.RemakeManifest();
    // Earlier checkpoints may be there or not: nothing follows from one that is not.
    const Verdict expected = path.starts_with("checkpoints/") ? Verdict::kErasedWithAuthority : Verdict::kDamaged;
    EXPECT_EQ(Verify(bundle, Good().BothMustSign()).verdict, expected);
  }
  TestBundle bundle = good;
  bundle.files["tile/0/002"] = "?";
  EXPECT_EQ(Verify(bundle, Good().BothMustSign()).verdict, Verdict::kDamaged);
  bundle.RemakeManifest();
  EXPECT_EQ(Verify(bundle, Good().BothMustSign()).verdict, Verdict::kDamaged);
}

// An earlier checkpoint of another history: the log has signed two.
TEST_F(VerifyBundleTest, EarlierCheckpointsMustFit) {
  BundleBuilder b = Good();
  const uint64_t size = Checkpoint::Parse(b.notes.front().text())->size;
  b.notes.front() = *SignedNote::Make(Checkpoint{kOrigin, size, RootOf(b.entries, size - 1)}.ToText());
  ASSERT_TRUE(b.notes.front().Sign(TestKey(kOrigin, NoteKeyType::kEd25519, "log 1")).ok());
  EXPECT_EQ(Verify(b.Bundle("buyer"), Good().BothMustSign()).verdict, Verdict::kAltered);
  b = Good();
  b.notes.front() = *SignedNote::Make(b.notes.front().text());
  ASSERT_TRUE(b.notes.front().Sign(TestKey(kOrigin, NoteKeyType::kEd25519, "log 2")).ok());
  EXPECT_EQ(Verify(b.Bundle("buyer"), Good().BothMustSign()).verdict, Verdict::kBadSignature);
}

// Signatures by others are nobody's business; those of a party's key that the policy does not name must be right all the same.
TEST_F(VerifyBundleTest, SignaturesThatThePolicyDoesNotAskFor) {
  BundleBuilder b = Good();
  const NoteSigningKey stranger = TestKey("witness.example", NoteKeyType::kEd25519Cosignature, "a stranger's");
  ASSERT_TRUE(b.notes.back().Cosign(stranger, 1).ok());
  VerifyReport report = Verify(b.Bundle("buyer"), Good().BothMustSign());
  EXPECT_TRUE(IsGood(report.verdict)) << Describe(report);
  EXPECT_EQ(report.warnings.size(), 1u);
  report = Verify(Good().Bundle("buyer"), Good().LogAlone());
  ASSERT_EQ(report.cosigned.size(), 2u);
  EXPECT_EQ(report.cosigned[0].by, "party provider");
  SignedNote& note = b.notes.back();
  std::string text = note.ToString();
  const size_t line = text.find("provider.example");
  const size_t last = text.find('\n', line) - 4;
  text[last] = text[last] == 'A' ? 'B' : 'A';
  note = *SignedNote::Parse(text);
  EXPECT_EQ(Verify(b.Bundle("buyer"), Good().LogAlone()).verdict, Verdict::kBadSignature);
}

TEST_F(VerifyBundleTest, PartsForSomebodyElseAreDamage) {
  TestBundle bundle = Good().Bundle("buyer");
  TestBundle provider = Good().Bundle("provider");
  bundle.files = provider.files;
  bundle.RemakeManifest();
  EXPECT_EQ(Verify(bundle, Good().BothMustSign()).verdict, Verdict::kDamaged);
}

}  // namespace
}  // namespace parley::test
