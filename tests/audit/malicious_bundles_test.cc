// Bundles that lie about themselves, digests that say too little, signatures by those who may not sign.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "eventstore/base/hash.h"
#include "eventstore/proof/key_statement.h"
#include "parley/v1/digest.pb.h"
#include "parley/v1/key.pb.h"
#include "tests/audit/verify_fixture.h"
#include "tests/support/fixtures.h"

namespace parley::test {
namespace {

namespace fs = std::filesystem;

class MaliciousBundles : public VerifyTest {
 protected:
  // What a policy that asks for the log's signature alone says of `b`, signed again.
  VerifyReport Signed(BundleBuilder& b) {
    b.Resign();
    return Verify(b.Bundle("buyer"), Good().LogAlone());
  }
  VerifyReport WithDigest(const std::function<void(v1::DigestEvent::Recorded&)>& change) {
    BundleBuilder b = Good();
    b.RewriteEvent<v1::DigestEvent>(b.Find("digest.recorded", 1),
                                    [&](v1::DigestEvent& event) { change(*event.mutable_recorded()); });
    return Signed(b);
  }
  // Of what is in the directory as it is.
  VerifyReport OfDirectory() {
    auto report = VerifyBundle({.bundle = scratch_ / "bundle",
                                .policy = Good().LogAlone(),
                                .now = Good().end(),
                                .scratch = scratch_ / "models"});
    EXPECT_TRUE(report.ok()) << report.status();
    return report.value_or(VerifyReport());
  }
};

// Digests -------------------------------------------------------------------------------------------------------------------------

TEST_F(MaliciousBundles, NoDigestAtAll) {
  BundleBuilder b = Good();
  for (size_t i = b.entries.size(); i-- > 0;) {
    if (b.RecordOf(i).event_type() == "digest.recorded") b.entries.erase(b.entries.begin() + i);
  }
  b.Renumber();
  const VerifyReport report = Signed(b);
  EXPECT_EQ(report.verdict, Verdict::kDivergent) << Describe(report);
  EXPECT_EQ(report.offence, 0u);
  EXPECT_FALSE(report.digests_agree);
}

TEST_F(MaliciousBundles, DigestsOfOldSizesOnly) {
  BundleBuilder b = Good();
  const size_t last = b.Find("digest.recorded", 1);
  b.RewriteEvent<v1::DigestEvent>(b.Find("digest.recorded", 1), [&](v1::DigestEvent& event) {
    v1::DigestEvent first;
    first.ParseFromString(b.RecordOf(b.Find("digest.recorded")).event());
    event = first;
    event.mutable_recorded()->set_size(first.recorded().size() + 1);  // Nothing but the digest came after it.
  });
  const uint64_t size = b.Find("digest.recorded") + 1;
  b.Rewrite(last, [&](v1::EntryHeader&, v1::Record& record) {
    record.set_stream(InAcme("digests/" + std::to_string(size)));
  });
  const VerifyReport report = Signed(b);
  EXPECT_EQ(report.verdict, Verdict::kDivergent) << Describe(report);
  EXPECT_FALSE(report.digests_agree);
  EXPECT_EQ(report.offence, size);
}

TEST_F(MaliciousBundles, ADigestWithoutOneOfTheReadModels) {
  const VerifyReport report = WithDigest([](auto& recorded) { recorded.mutable_models()->DeleteSubrange(0, 1); });
  EXPECT_EQ(report.verdict, Verdict::kDivergent) << Describe(report);
  EXPECT_EQ(report.offence, Good().Find("digest.recorded", 1));
}

// What cannot be folded here cannot be called right: no build of such versions was ever there, or this is not the one to ask.
TEST_F(MaliciousBundles, ADigestThatClaimsAnotherBuild) {
  for (const int by : {-1, 1}) {
    VerifyReport report = WithDigest([&](auto& recorded) {
      for (auto& model : *recorded.mutable_models()) model.set_fold_version(model.fold_version() + by);
    });
    EXPECT_EQ(report.verdict, Verdict::kDivergent) << by << Describe(report);
    report = WithDigest([&](auto& recorded) {
      for (auto& model : *recorded.mutable_models()) model.set_version(model.version() + by);
    });
    // A version of 0 is no version at all.
    EXPECT_FALSE(IsGood(report.verdict)) << by << Describe(report);
  }
}

TEST_F(MaliciousBundles, AReadModelThatNobodyKnowsVouchesForNothing) {
  const VerifyReport report = WithDigest([](auto& recorded) {
    auto& model = *recorded.add_models();
    model = recorded.models(0);
    model.set_model("zodiac");
  });
  EXPECT_TRUE(IsGood(report.verdict)) << Describe(report);
  EXPECT_FALSE(report.digests_agree);
  EXPECT_EQ(report.warnings.size(), 1u) << Describe(report);
}

TEST_F(MaliciousBundles, TheGoodRecordsDigestsAgree) {
  EXPECT_TRUE(Verify(Good().Bundle("buyer"), Good().LogAlone()).digests_agree);
}

// Signatures ----------------------------------------------------------------------------------------------------------------------

// The log's own key under a witness's name.
TEST_F(MaliciousBundles, TheLogPosesAsAWitness) {
  BundleBuilder b = Good();
  SignedNote& note = b.notes.back();
  const SignedNote untouched = note;
  note = *SignedNote::Make(untouched.text());
  note.Add(untouched.signatures()[0]);
  for (const char* name : {"buyer.example/acme", "provider.example/acme"}) {
    const NoteSigningKey posing = TestKey(name, NoteKeyType::kEd25519Cosignature, "log 2");
    ASSERT_TRUE(note.Cosign(posing, static_cast<uint64_t>(absl::ToUnixSeconds(Good().end()))).ok());
  }
  EXPECT_EQ(Verify(b.Bundle("buyer"), Good().BothMustSign()).verdict, Verdict::kBadSignature);
}

// Cosigned in the second of the last entry, or in the one before it.
TEST_F(MaliciousBundles, CosignedBeforeItWasRecorded) {
  BundleBuilder b = Good();
  const absl::Time last = absl::FromUnixSeconds(b.HeaderOf(b.entries.size() - 1).recorded_at().seconds());
  for (const auto& [at, verdict] :
       {std::pair(last, Verdict::kErasedWithAuthority), std::pair(last - absl::Seconds(1), Verdict::kBackdated)}) {
    SignedNote note = *SignedNote::Make(Good().notes.back().text());
    note.Add(Good().notes.back().signatures()[0]);
    for (const auto& [name, seed] :
         {std::pair("buyer.example/acme", "buyer 2"), std::pair("provider.example/acme", "provider 1")}) {
      const NoteSigningKey key = TestKey(name, NoteKeyType::kEd25519Cosignature, seed);
      ASSERT_TRUE(note.Cosign(key, static_cast<uint64_t>(absl::ToUnixSeconds(at))).ok());
    }
    b.notes.back() = note;
    const VerifyReport report = Verify(b.Bundle("buyer"), Good().BothMustSign());
    EXPECT_EQ(report.verdict, verdict) << Describe(report);
  }
}

// The log's next key by a statement that was made for another relationship, or that another key signed.
TEST_F(MaliciousBundles, StatementsThatSayNothingHere) {
  const NoteSigningKey next = TestKey(kOrigin, NoteKeyType::kEd25519, "log 2");
  for (const auto& statement : {SignKeyStatement("relationships/other", next.verifier(), kOrigin, Sha256("log 1")),
                                SignKeyStatement(kAcme, next.verifier(), kOrigin, Sha256("somebody's"))}) {
    ASSERT_TRUE(statement.ok()) << statement.status();
    BundleBuilder b = Good();
    b.RewriteEvent<v1::KeyEvent>(b.Find("key.registered", 3),
                                 [&](v1::KeyEvent& event) { event.mutable_registered()->set_statement(*statement); });
    b.RecomputeDigests();
    EXPECT_EQ(Signed(b).verdict, Verdict::kBadSignature);
  }
}

// A witness whom the record has under another name is not the one whose key the policy has.
TEST_F(MaliciousBundles, AWitnessUnderAnotherName) {
  const NoteSigningKey renamed = TestKey("buyer.example/other", NoteKeyType::kEd25519Cosignature, "buyer 2");
  const auto policy = Policy::Parse(Good().LogAloneText().substr(0, Good().LogAloneText().find('\n')) +
                                        "\nwitness buyer " + renamed.verifier().ToString() + "\nquorum buyer\n",
                                    nullptr);
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_EQ(Verify(Good().Bundle("buyer"), *policy).verdict, Verdict::kBadSignature);
}

// The bundle itself ---------------------------------------------------------------------------------------------------------------

TEST_F(MaliciousBundles, ManifestsThatAskForMoreThanThereIs) {
  for (const uint64_t size : {uint64_t{0}, uint64_t{1}, kMaxBundleEntries, kMaxBundleEntries + 1, uint64_t{1} << 63,
                              std::numeric_limits<uint64_t>::max()}) {
    TestBundle bundle = Good().Bundle("buyer");
    bundle.manifest.size = size;
    EXPECT_EQ(Verify(bundle, Good().LogAlone()).verdict, Verdict::kDamaged) << size;
  }
}

TEST_F(MaliciousBundles, FilesThatAreLargerThanAnyIs) {
  TestBundle bundle = Good().Bundle("buyer");
  bundle.Write(scratch_ / "bundle");
  // A hole in the file system takes no space there; to read it would.
  const std::string file = "tile/entries/000";
  fs::resize_file(scratch_ / ("bundle/" + file), uint64_t{1} << 40);
  EXPECT_EQ(OfDirectory().verdict, Verdict::kDamaged);
  bundle.manifest.files[file].bytes = uint64_t{1} << 40;
  bundle.Write(scratch_ / "bundle");
  fs::resize_file(scratch_ / ("bundle/" + file), uint64_t{1} << 40);
  EXPECT_EQ(OfDirectory().verdict, Verdict::kDamaged);
}

TEST_F(MaliciousBundles, AnEntryOfCountlessParts) {
  TestBundle bundle = Good().Bundle("buyer");
  std::string parts;
  for (int i = 0; i < 200'000; ++i) parts += std::string("\x0A\x00", 2);
  std::string& file = bundle.files["parts/000"];
  std::string length(4, '\0');
  for (int i = 0; i < 4; ++i) length[i] = static_cast<char>(parts.size() >> (24 - 8 * i) & 0xFF);
  file = length + parts + file;
  bundle.RemakeManifest();
  EXPECT_EQ(Verify(bundle, Good().LogAlone()).verdict, Verdict::kDamaged);
}

// What is no file leads out of the bundle, or is waited for in vain.
TEST_F(MaliciousBundles, LinksAndPipesInThePlaceOfFiles) {
  Good().Bundle("buyer").Write(scratch_ / "bundle");
  EXPECT_TRUE(IsGood(OfDirectory().verdict));
  const fs::path file = scratch_ / "bundle/tile/0/000", aside = scratch_ / "aside";
  fs::rename(file, aside);
  fs::create_symlink(aside, file);
  EXPECT_EQ(OfDirectory().verdict, Verdict::kDamaged);
  fs::remove(file);
  ASSERT_EQ(mkfifo(file.c_str(), 0600), 0);
  EXPECT_EQ(OfDirectory().verdict, Verdict::kDamaged);
  fs::remove(file);
  fs::rename(aside, file);
  fs::rename(scratch_ / "bundle/tile", scratch_ / "tile");
  fs::create_directory_symlink(scratch_ / "tile", scratch_ / "bundle/tile");
  EXPECT_EQ(OfDirectory().verdict, Verdict::kDamaged);
}

// Whoever is nobody there is kept everything that is anybody's own.
TEST_F(MaliciousBundles, AReaderWhoIsNoParty) {
  const VerifyReport report = Verify(Good().Bundle("ghost"), Good().LogAlone());
  EXPECT_EQ(report.verdict, Verdict::kDamaged) << Describe(report);
}

}  // namespace
}  // namespace parley::test
