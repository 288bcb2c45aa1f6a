#include "services/cli/bundle_slot.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "eventstore/proof/bundle.h"
#include "tests/support/scratch_dir.h"

namespace parley {
namespace {

namespace fs = std::filesystem;

class BundleSlotTest : public testing::Test {
 protected:
  std::string path() const { return dir_ / "bundle"; }
  // As a writer does: by a new file under the old name.
  static void Write(const std::string& file, const std::string& bytes) {
    fs::create_directories(fs::path(file).parent_path());
    std::ofstream(file + ".new") << bytes;
    fs::rename(file + ".new", file);
  }
  static void Make(const std::string& at, uint64_t size, const std::string& note) {
    Write(at + "/manifest", BundleManifest{"log/relationships/acme", "", size, {}}.ToText());
    Write(at + "/checkpoint", note);
  }
  static std::string Read(const std::string& file) {
    std::ifstream in(file);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }
  BundleSlot Open() {
    auto slot = BundleSlot::Open(path());
    EXPECT_TRUE(slot.ok()) << slot.status();
    return *std::move(slot);
  }

  test::ScratchDir dir_;
};

TEST_F(BundleSlotTest, TheFirstBundleIsFetchedInPlace) {
  BundleSlot slot = Open();
  EXPECT_EQ(slot.size(), 0u);
  EXPECT_EQ(slot.Stage("").value(), path());
  Make(path(), 7, "seven");
  ASSERT_TRUE(slot.Accept().ok());
  EXPECT_EQ(slot.size(), 7u);
  EXPECT_EQ(Open().size(), 7u);
}

TEST_F(BundleSlotTest, ALaterOneTakesItsPlaceOnlyWhenItIsAccepted) {
  Make(path(), 7, "seven");
  BundleSlot slot = Open();
  const std::string staged = slot.Stage("").value();
  ASSERT_NE(staged, path());
  EXPECT_EQ(Read(staged + "/checkpoint"), "seven");
  Make(staged, 9, "nine");
  EXPECT_EQ(Read(path() + "/checkpoint"), "seven");
  EXPECT_EQ(Open().size(), 7u);
  EXPECT_EQ(Open().Stage("").value(), staged) << "what was begun is gone on with";
  EXPECT_EQ(Read(staged + "/checkpoint"), "nine");
  ASSERT_TRUE(slot.Accept().ok());
  EXPECT_EQ(Read(path() + "/checkpoint"), "nine");
  EXPECT_EQ(Open().size(), 9u);
  EXPECT_FALSE(fs::exists(staged));
  EXPECT_FALSE(fs::exists(path() + ".previous"));
}

TEST_F(BundleSlotTest, WhatIsRefusedIsPutAside) {
  Make(path(), 7, "seven");
  for (const std::string lie : {"a lie", "another"}) {
    BundleSlot slot = Open();
    Make(slot.Stage("").value(), 9, lie);
    const auto refused = slot.Refuse();
    ASSERT_TRUE(refused.ok()) << refused.status();
    EXPECT_EQ(Read(*refused + "/checkpoint"), lie);
    EXPECT_EQ(Read(path() + "/checkpoint"), "seven");
  }
  BundleSlot first(*BundleSlot::Open(dir_ / "other"));
  Make(first.Stage("").value(), 1, "at once a lie");
  ASSERT_TRUE(first.Refuse().ok());
  EXPECT_FALSE(fs::exists(dir_ / "other"));
}

TEST_F(BundleSlotTest, ASwapThatWasCutOffIsPutRight) {
  Make(path(), 7, "seven");
  fs::rename(path(), path() + ".previous");
  EXPECT_EQ(Open().size(), 7u);
  EXPECT_EQ(Read(path() + "/checkpoint"), "seven");
  Make(path() + ".previous", 5, "five");
  EXPECT_EQ(Open().size(), 7u);
  EXPECT_FALSE(fs::exists(path() + ".previous"));
}

TEST_F(BundleSlotTest, WhatIsForSomebodyElseIsNotFetchedOverIt) {
  Make(path(), 7, "seven");
  BundleSlot slot = Open();
  const auto staged = slot.Stage("buyer");
  ASSERT_TRUE(absl::IsInvalidArgument(staged.status())) << staged.status();
  EXPECT_EQ(staged.status().message(),
            path() + " holds a bundle for an auditor: that for buyer wants a directory of its own");
  EXPECT_FALSE(fs::exists(path() + ".incoming"));
}

TEST_F(BundleSlotTest, ASlashAtTheEndIsTheSamePlace) {
  Make(path(), 7, "seven");
  auto slot = BundleSlot::Open(path() + "/");
  ASSERT_TRUE(slot.ok()) << slot.status();
  EXPECT_EQ(slot->Stage("").value(), path() + ".incoming");
}

}  // namespace
}  // namespace parley
