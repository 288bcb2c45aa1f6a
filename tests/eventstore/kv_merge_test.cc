// What the durable KvStore begins to write to files, and to bring into one, when it is asked to.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "eventstore/kv_rocks.h"
#include "tests/support/scratch_dir.h"
#include "tests/support/test_log.h"

namespace parley {
namespace {

class KvMerge : public testing::Test {
 protected:
  KvMerge() { Open(); }

  void Open() {
    store_.reset();  // It is opened once at a time.
    auto opened = OpenRocksKvStore(path_, nullptr, KvUse::kReading);
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }

  void Put(const std::string& key, const std::string& value) {
    KvBatch batch;
    batch.Put(key, value);
    ASSERT_TRUE(store_->Write(batch).ok());
    expected_[key] = value;
  }

  void ExpectAllThere() const {
    for (const auto& [key, value] : expected_) {
      const auto found = store_->Get(key);
      ASSERT_TRUE(found.ok()) << found.status();
      EXPECT_EQ(*found, value) << key;
    }
  }

  size_t files() const {
    const std::filesystem::directory_iterator all(path_);
    return std::count_if(begin(all), end(all), [](const auto& file) { return file.path().extension() == ".sst"; });
  }

  const test::ScratchDir dir_;
  const std::string path_ = dir_ / "kv";
  std::unique_ptr<KvStore> store_;
  std::map<std::string, std::string> expected_;
};

TEST_F(KvMerge, AFlushThatIsStartedEnds) {
  Put("a", "1");
  ASSERT_TRUE(store_->StartFlush().ok());
  EXPECT_TRUE(test::WaitUntil([&] { return files() > 0; }));
}

TEST_F(KvMerge, WhatLiesAboveTheLastLevelIsMergedWithIt) {
  EXPECT_FALSE(store_->StartMerging()) << "there is nothing in it";
  // As many files as RocksDB itself makes one of, and then one more.
  for (int flush = 0; flush < 5; ++flush) {
    if (flush == 4) {
      ASSERT_TRUE(test::WaitUntil([&] { return files() == 1; })) << files();
    }
    for (int i = 0; i < 100; ++i) Put(std::to_string(i * 7 + flush), std::to_string(flush));
    ASSERT_TRUE(store_->Flush().ok());
  }
  bool merged = false;
  EXPECT_TRUE(test::WaitUntil([&] {
    const bool more = store_->StartMerging();
    merged = merged || more;
    return merged && !more;
  }));
  ExpectAllThere();
  // What was merged may lie about for as long as somebody had looked at it, and until the next opening.
  Open();
  EXPECT_EQ(files(), 1);
  ExpectAllThere();
}

TEST_F(KvMerge, WhatLiesInMemoryIsWrittenOnceThatIsWorthAFile) {
  Put("few", "0");
  EXPECT_FALSE(store_->StartMerging());
  EXPECT_EQ(files(), 0);
  for (int i = 0; i < 10'000; ++i) Put("often", std::to_string(i));
  EXPECT_TRUE(store_->StartMerging());
  EXPECT_TRUE(test::WaitUntil([&] { return files() == 1; })) << files();
  EXPECT_FALSE(store_->StartMerging());
  ExpectAllThere();
}

}  // namespace
}  // namespace parley
