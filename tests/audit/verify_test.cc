// The verifier over bundles that nobody tampered with, and over what a policy asks of them.
#include "services/verify/verify.h"

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

}  // namespace
}  // namespace parley::test
