#include "eventstore/base/key_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/support/scratch_dir.h"

namespace parley::test {
namespace {

class KeyFileTest : public testing::Test {
 protected:
  ScratchDir dir_;
  const std::string path_ = dir_ / "a.key";
  SeededRandom random_{1};
};

TEST_F(KeyFileTest, IsMadeOnceForThisUserOnly) {
  EXPECT_EQ(LoadKey(path_).status().code(), absl::StatusCode::kNotFound);
  const auto made = LoadOrMakeKey(path_, random_);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->size(), kKeyFileBytes);
  EXPECT_EQ(*LoadOrMakeKey(path_, random_), *made);
  EXPECT_EQ(*LoadKey(path_), *made);
  struct stat file;
  ASSERT_EQ(::stat(path_.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
  EXPECT_FALSE(std::filesystem::exists(path_ + ".new"));
}

// What a crash left half-written is no key.
TEST_F(KeyFileTest, ADraftDoesNotCount) {
  std::ofstream(path_ + ".new") << std::string(kKeyFileBytes + 1, 'd');
  const auto made = LoadOrMakeKey(path_, random_);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(*LoadKey(path_), *made);
}

TEST_F(KeyFileTest, WhatIsThereIsNeverReplaced) {
  std::ofstream(path_) << "short";
  EXPECT_EQ(LoadOrMakeKey(path_, random_).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(LoadKey(path_).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(std::filesystem::file_size(path_), 5u);
}

TEST_F(KeyFileTest, WhereItCannotBeWrittenItIsSaid) {
  EXPECT_EQ(LoadOrMakeKey(dir_ / "missing/a.key", random_).status().code(), absl::StatusCode::kUnavailable);
  std::ofstream(dir_ / "file") << "in the way";
  EXPECT_EQ(LoadOrMakeKey(dir_ / "file/a.key", random_).status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace parley::test
