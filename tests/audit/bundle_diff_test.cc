#include "services/verify/bundle_diff.h"

#include <gtest/gtest.h>

#include "tests/audit/two_bundles.h"

namespace parley {
namespace {

class BundleDiffTest : public test::TwoBundles {
 protected:
  absl::StatusOr<BundleDiff> Diff(const test::TestBundle& a, const test::TestBundle& b) {
    return DiffBundles(Write(a, "a"), Write(b, "b"));
  }
  BundleDiff Good(const test::TestBundle& a, const test::TestBundle& b) {
    auto diff = Diff(a, b);
    EXPECT_TRUE(diff.ok()) << diff.status();
    return diff.ok() ? *std::move(diff) : BundleDiff();
  }
  static size_t LateSize() { return TwoBundles::Good().entries.size(); }
};

TEST_F(BundleDiffTest, TheLaterExtendsTheEarlier) {
  for (const bool swapped : {false, true}) {
    const BundleDiff diff = swapped ? Good(Late(), Early()) : Good(Early(), Late());
    EXPECT_EQ(diff.earlier_size, EarlySize());
    EXPECT_EQ(diff.later_size, LateSize());
    EXPECT_FALSE(diff.forked_at);
    EXPECT_TRUE(diff.good());
    EXPECT_EQ(diff.appended.at("person.erased"), 1u);
    EXPECT_EQ(diff.appended.at("key.registered"), 2u);
    EXPECT_EQ(diff.appended.at("digest.recorded"), 1u);
    uint64_t appended = diff.appended_withheld;
    for (const auto& [type, entries] : diff.appended) appended += entries;
    EXPECT_EQ(appended, LateSize() - EarlySize());
  }
}

TEST_F(BundleDiffTest, WhatWasErasedIsGoneByAnEntry) {
  const BundleDiff diff = Good(Early(), Late());
  const size_t erased = TwoBundles::Good().Find("person.erased");
  ASSERT_EQ(diff.gone.size(), 4u);  // Name, address, number, and what was said.
  for (const auto& part : diff.gone) {
    EXPECT_EQ(part.person, test::kKay);
    EXPECT_EQ(part.erased_in, erased);
    EXPECT_GT(part.part, 0);
  }
  EXPECT_TRUE(diff.came.empty());
}

TEST_F(BundleDiffTest, WhatIsGoneWithoutOneIsHidden) {
  auto entries = TwoBundles::Good().entries;
  const size_t comment = TwoBundles::Good().Find("person.commented", 1);
  entries[comment].mutable_parts(1)->Clear();
  const auto hidden = test::MakeBundle(entries, TwoBundles::Good().notes, "buyer");
  const BundleDiff diff = Good(Late(), hidden);
  EXPECT_FALSE(diff.good());
  ASSERT_EQ(diff.gone.size(), 1u);
  EXPECT_EQ(diff.gone[0].sequence, comment);
  EXPECT_EQ(diff.gone[0].person, test::kMax);
  EXPECT_FALSE(diff.gone[0].erased_in);
  const BundleDiff back = Good(hidden, Late());
  EXPECT_TRUE(back.good());
  EXPECT_EQ(back.came.size(), 1u);
}

TEST_F(BundleDiffTest, AForkIsNamedByItsFirstEntry) {
  test::BundleBuilder fork;
  const size_t changed = fork.Find("decision.input_given");
  fork.Rewrite(changed, [](v1::EntryHeader&, v1::Record& record) { record.set_actor("petra"); });
  fork.Resign();
  const BundleDiff diff = Good(Early(), fork.Bundle("buyer"));
  EXPECT_EQ(diff.forked_at, changed);
  EXPECT_FALSE(diff.good());
  EXPECT_TRUE(diff.appended.empty());
}

TEST_F(BundleDiffTest, OtherReadersPartsSayNothing) {
  for (const std::string reader : {"", "provider"}) {
    const BundleDiff diff = Good(Late("buyer"), Late(reader));
    EXPECT_TRUE(diff.good());
    EXPECT_TRUE(diff.gone.empty());
    EXPECT_TRUE(diff.came.empty());
  }
  EXPECT_GT(Good(Early(""), Late("")).appended.size(), 0u);
}

TEST_F(BundleDiffTest, SignaturesComeAndGo) {
  auto notes = TwoBundles::Good().notes;
  const SignedNote full = notes.back();
  auto bare = SignedNote::Make(full.text());
  bare->Add(full.signatures()[0]);
  const auto before = test::MakeBundle(TwoBundles::Good().entries, {notes.front(), *bare}, "buyer");
  const BundleDiff added = Good(before, Late());
  ASSERT_EQ(added.signatures_added.size(), 2u);
  EXPECT_EQ(added.signatures_added[0].size, LateSize());
  EXPECT_TRUE(added.signatures_added[0].key.starts_with("buyer.example/acme+"));
  EXPECT_TRUE(added.signatures_gone.empty());
  EXPECT_EQ(Good(Late(), before).signatures_gone.size(), 2u);
  const auto fewer = test::MakeBundle(TwoBundles::Good().entries, {notes.back()}, "buyer");
  EXPECT_EQ(Good(Early(), fewer).checkpoints_gone, std::vector<uint64_t>{EarlySize()});
}

TEST_F(BundleDiffTest, RefusesWhatCannotBeHeldAgainstEachOther) {
  auto other = Late();
  other.manifest.origin = "log.example/relationships/other";
  EXPECT_EQ(Diff(Late(), other).status().code(), absl::StatusCode::kInvalidArgument);
  // Both tell the same entries, and their checkpoint another tree.
  auto notes = TwoBundles::Good().notes;
  notes.back() = *SignedNote::Make(Checkpoint{test::kOrigin, LateSize(), std::string(32, 'x')}.ToText());
  const auto lying = test::MakeBundle(TwoBundles::Good().entries, notes, "buyer");
  const auto refused = Diff(lying, lying);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  auto damaged = Late();
  damaged.files["parts/000"][100] ^= 1;
  EXPECT_EQ(Diff(Late(), damaged).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace parley
