#include "services/verify/erased_parts.h"

#include <gtest/gtest.h>

#include "tests/audit/two_bundles.h"

namespace parley {
namespace {

class ErasedPartsTest : public test::TwoBundles {
 protected:
  // The late record as it is brought up to date from the early one: what was erased since is still there.
  static test::TestBundle NotDropped() {
    std::vector<v1::StoredEntry> entries;
    for (const Entry& entry : Good().world().entries()) entries.push_back(entry.stored);
    return test::MakeBundle(entries, Good().notes, "buyer");
  }
};

TEST_F(ErasedPartsTest, AreDroppedAsAFreshBundleLacksThem) {
  NotDropped().Write(dir_ / "bundle");
  const auto dropped = DropErasedParts(dir_ / "bundle", EarlySize());
  ASSERT_TRUE(dropped.ok()) << dropped.status();
  EXPECT_EQ(*dropped, 4u);
  const test::TestBundle now = test::ReadTestBundle(dir_ / "bundle");
  EXPECT_EQ(now.files, Late().files);
  EXPECT_EQ(now.manifest, Late().manifest);
  EXPECT_EQ(DropErasedParts(dir_ / "bundle", EarlySize()).value(), 0u);
}

TEST_F(ErasedPartsTest, NothingIsTouchedWhereNobodyWasErased) {
  NotDropped().Write(dir_ / "bundle");
  EXPECT_EQ(DropErasedParts(dir_ / "bundle", Good().Find("person.erased") + 1).value(), 0u);
  EXPECT_EQ(test::ReadTestBundle(dir_ / "bundle").files, NotDropped().files);
}

TEST_F(ErasedPartsTest, DamageIsSaid) {
  auto bundle = NotDropped();
  bundle.files["parts/000"][10] ^= 1;
  bundle.Write(dir_ / "bundle");
  EXPECT_EQ(DropErasedParts(dir_ / "bundle", EarlySize()).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(DropErasedParts(dir_ / "nowhere", 0).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace parley
