// One contract for every KvStore, and what only the durable one promises.
#include "eventstore/kv_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <thread>

#include "eventstore/kv_memory.h"
#include "eventstore/kv_rocks.h"
#include "tests/support/fault_fs.h"
#include "tests/support/scratch_dir.h"
#include "tests/support/test_log.h"

namespace parley {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Map = std::map<std::string, std::string, std::less<>>;
using Rows = std::vector<std::pair<std::string, std::string>>;

std::unique_ptr<KvStore> OpenRocks(const std::string& path) {
  auto store = OpenRocksKvStore(path);
  EXPECT_TRUE(store.ok()) << store.status();
  return store.ok() ? *std::move(store) : nullptr;
}

void Put(KvStore& store, const std::string& key, const std::string& value) {
  KvBatch batch;
  batch.Put(key, value);
  ASSERT_TRUE(store.Write(batch).ok());
}

std::optional<std::string> Get(const KvReader& reader, const std::string& key) {
  auto value = reader.Get(key);
  EXPECT_TRUE(value.ok()) << value.status();
  return value.ok() ? *value : std::nullopt;
}

Rows Scan(const KvReader& reader, std::string_view from, std::string_view to, size_t limit = SIZE_MAX) {
  Rows rows;
  EXPECT_TRUE(reader
                  .Scan(from, to,
                        [&](std::string_view k, std::string_view v) {
                          rows.emplace_back(k, v);
                          return rows.size() < limit;
                        })
                  .ok());
  return rows;
}

Rows ScanReverse(const KvReader& reader, std::string_view from, std::string_view to, size_t limit = SIZE_MAX) {
  Rows rows;
  EXPECT_TRUE(reader
                  .ScanReverse(from, to,
                               [&](std::string_view k, std::string_view v) {
                                 rows.emplace_back(k, v);
                                 return rows.size() < limit;
                               })
                  .ok());
  return rows;
}

std::vector<std::string> Keys(const Rows& rows) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : rows) keys.push_back(key);
  return keys;
}

enum class Kind { kMemory, kRocks };

class KvStoreContract : public testing::TestWithParam<Kind> {
 protected:
  KvStoreContract() { store_ = GetParam() == Kind::kMemory ? NewMemoryKvStore() : OpenRocks(dir_ / "kv"); }

  test::ScratchDir dir_;
  std::unique_ptr<KvStore> store_;
};

TEST_P(KvStoreContract, GetReturnsWhatWasPutAndNothingElse) {
  Put(*store_, "a", "1");
  Put(*store_, "empty", "");
  Put(*store_, std::string("nul\0byte", 8), std::string("\0\xff", 2));
  EXPECT_EQ(Get(*store_, "a"), "1");
  EXPECT_EQ(Get(*store_, "empty"), "");
  EXPECT_EQ(Get(*store_, std::string("nul\0byte", 8)), std::string("\0\xff", 2));
  EXPECT_EQ(Get(*store_, "nul"), std::nullopt);
  EXPECT_EQ(Get(*store_, "b"), std::nullopt);
  Put(*store_, "a", "2");
  EXPECT_EQ(Get(*store_, "a"), "2");
}

TEST_P(KvStoreContract, BatchAppliesInOrder) {
  Put(*store_, "b", "old");
  KvBatch batch;
  batch.Put("a", "1");
  batch.Delete("a");
  batch.Delete("b");
  batch.Put("b", "2");
  batch.Put("c", "first");
  batch.Put("c", "last");
  batch.Delete("absent");
  ASSERT_TRUE(store_->Write(batch).ok());
  EXPECT_THAT(Scan(*store_, "", ""), ElementsAre(std::pair("b", "2"), std::pair("c", "last")));
}

TEST_P(KvStoreContract, EmptyBatchIsFine) {
  EXPECT_TRUE(store_->Write(KvBatch()).ok());
  EXPECT_THAT(Scan(*store_, "", ""), IsEmpty());
}

TEST_P(KvStoreContract, ScansInByteOrderWithinBounds) {
  for (const char* key : {"b", "a", "\xff", "ab", "c", "\x7f"}) Put(*store_, key, key);
  EXPECT_THAT(Keys(Scan(*store_, "", "")), ElementsAre("a", "ab", "b", "c", "\x7f", "\xff"));
  EXPECT_THAT(Keys(Scan(*store_, "ab", "c")), ElementsAre("ab", "b"));
  EXPECT_THAT(Keys(Scan(*store_, "aa", "bb")), ElementsAre("ab", "b"));
  EXPECT_THAT(Keys(Scan(*store_, "c", "")), ElementsAre("c", "\x7f", "\xff"));
  EXPECT_THAT(Keys(Scan(*store_, "b", "b")), IsEmpty());
  EXPECT_THAT(Keys(Scan(*store_, "c", "a")), IsEmpty());
  EXPECT_THAT(Keys(Scan(*store_, "", "", 2)), ElementsAre("a", "ab"));
}

TEST_P(KvStoreContract, ScansBackwardsOverTheSameRange) {
  for (const char* key : {"b", "a", "\xff", "ab", "c"}) Put(*store_, key, key);
  EXPECT_THAT(Keys(ScanReverse(*store_, "", "")), ElementsAre("\xff", "c", "b", "ab", "a"));
  EXPECT_THAT(Keys(ScanReverse(*store_, "ab", "c")), ElementsAre("b", "ab"));
  EXPECT_THAT(Keys(ScanReverse(*store_, "aa", "bb")), ElementsAre("b", "ab"));
  EXPECT_THAT(Keys(ScanReverse(*store_, "bb", "")), ElementsAre("\xff", "c"));
  EXPECT_THAT(Keys(ScanReverse(*store_, "b", "b")), IsEmpty());
  EXPECT_THAT(Keys(ScanReverse(*store_, "c", "a")), IsEmpty());
  EXPECT_THAT(Keys(ScanReverse(*store_, "", "", 1)), ElementsAre("\xff"));
}

TEST_P(KvStoreContract, DeleteRangeTakesTheLowerBoundAndSparesTheUpper) {
  for (const char* key : {"a", "b", "c", "d", "e"}) Put(*store_, key, key);
  ASSERT_TRUE(store_->DeleteRange("b", "d").ok());
  EXPECT_THAT(Keys(Scan(*store_, "", "")), ElementsAre("a", "d", "e"));
  ASSERT_TRUE(store_->DeleteRange("d", "a").ok());
  EXPECT_THAT(Keys(Scan(*store_, "", "")), ElementsAre("a", "d", "e"));
  ASSERT_TRUE(store_->DeleteRange("b", "").ok());
  EXPECT_THAT(Keys(Scan(*store_, "", "")), ElementsAre("a"));
  ASSERT_TRUE(store_->DeleteRange("", "").ok());
  EXPECT_THAT(Scan(*store_, "", ""), IsEmpty());
  ASSERT_TRUE(store_->DeleteRange("", "").ok());
  Put(*store_, "b", "again");
  EXPECT_EQ(Get(*store_, "b"), "again");
}

TEST_P(KvStoreContract, SnapshotShowsOneMoment) {
  Put(*store_, "a", "1");
  Put(*store_, "b", "1");
  std::unique_ptr<KvReader> before = store_->Snapshot();
  KvBatch batch;
  batch.Put("a", "2");
  batch.Delete("b");
  batch.Put("c", "2");
  ASSERT_TRUE(store_->Write(batch).ok());
  std::unique_ptr<KvReader> after = store_->Snapshot();
  ASSERT_TRUE(store_->DeleteRange("", "").ok());

  EXPECT_THAT(Scan(*before, "", ""), ElementsAre(std::pair("a", "1"), std::pair("b", "1")));
  EXPECT_THAT(ScanReverse(*before, "", ""), ElementsAre(std::pair("b", "1"), std::pair("a", "1")));
  EXPECT_EQ(Get(*before, "c"), std::nullopt);
  EXPECT_EQ(Get(*after, "a"), "2");
  EXPECT_THAT(Keys(Scan(*after, "", "")), ElementsAre("a", "c"));
  EXPECT_THAT(Scan(*store_, "", ""), IsEmpty());
}

TEST_P(KvStoreContract, AVisitorMayUseTheStore) {
  for (const char* key : {"a", "b", "c"}) Put(*store_, key, "old");
  std::vector<std::string> seen;
  ASSERT_TRUE(store_
                  ->Scan("", "",
                         [&](std::string_view key, std::string_view value) {
                           EXPECT_EQ(value, "old");
                           seen.emplace_back(key);
                           Put(*store_, std::string(key), "new");
                           Put(*store_, absl::StrCat(std::string(key), "+"), "added");
                           return true;
                         })
                  .ok());
  EXPECT_THAT(seen, ElementsAre("a", "b", "c"));
  EXPECT_EQ(Get(*store_, "c"), "new");
}

TEST_P(KvStoreContract, ReadersNeverSeeHalfABatch) {
  Put(*store_, "x", "0");
  Put(*store_, "y", "0");
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int i = 1; i <= 500; ++i) {
      KvBatch batch;
      batch.Put("x", std::to_string(i));
      batch.Put("y", std::to_string(i));
      EXPECT_TRUE(store_->Write(batch).ok());
    }
    done = true;
  });
  while (!done) {
    Rows rows = Scan(*store_, "", "");
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].second, rows[1].second);
  }
  writer.join();
  EXPECT_EQ(Get(*store_, "y"), "500");
}

INSTANTIATE_TEST_SUITE_P(Stores, KvStoreContract, testing::Values(Kind::kMemory, Kind::kRocks),
                         [](const auto& info) { return info.param == Kind::kMemory ? "Memory" : "Rocks"; });

TEST(RocksKvStore, KeepsWhatWasFlushed) {
  test::ScratchDir dir;
  {
    auto store = OpenRocks(dir / "kv");
    Put(*store, "a", "1");
    Put(*store, "b", "1");
    ASSERT_TRUE(store->DeleteRange("b", "c").ok());
    ASSERT_TRUE(store->Flush().ok());
    // As the disk is now, while the store is still open: what a killed process leaves behind.
    std::filesystem::copy(dir / "kv", dir / "killed", std::filesystem::copy_options::recursive);
  }
  EXPECT_THAT(Scan(*OpenRocks(dir / "kv"), "", ""), ElementsAre(std::pair("a", "1")));
  EXPECT_THAT(Scan(*OpenRocks(dir / "killed"), "", ""), ElementsAre(std::pair("a", "1")));
}

TEST(RocksKvStore, HoldsAPrefixOfItsWritesWhenKilled) {
  test::ScratchDir dir;
  auto store = OpenRocks(dir / "kv");
  // More than one write buffer, so that some of it reaches the disk by itself and some of it does not.
  const std::string filler(8 << 10, 'x');
  for (int i = 0; i < 3000; ++i) {
    std::string key = "k";
    AppendOrdered(key, i);
    KvBatch batch;
    batch.Put(key, filler);
    batch.Put("last", std::to_string(i));
    ASSERT_TRUE(store->Write(batch).ok());
    if (i == 10) {
      ASSERT_TRUE(store->Flush().ok());
    }
  }
  std::filesystem::copy(dir / "kv", dir / "killed", std::filesystem::copy_options::recursive);
  auto killed = OpenRocks(dir / "killed");
  const int last = std::stoi(Get(*killed, "last").value_or("-1"));
  EXPECT_GE(last, 10);
  EXPECT_LT(last, 2999) << "nothing was left unflushed: the test shows nothing";
  EXPECT_EQ(Scan(*killed, "k", "l").size(), static_cast<size_t>(last + 1));
}

TEST(RocksKvStore, WhatItIsForMayChangeFromOpeningToOpening) {
  test::ScratchDir dir;
  std::mt19937 random(1);
  std::map<std::string, std::string> expected;
  for (const KvUse use : {KvUse::kReading, KvUse::kWriting, KvUse::kKeeping, KvUse::kReading, KvUse::kKeeping}) {
    auto opened = OpenRocksKvStore(dir / "kv", nullptr, use);
    ASSERT_TRUE(opened.ok()) << opened.status();
    KvStore& store = **opened;
    for (int flush = 0; flush < 20; ++flush) {
      KvBatch batch;
      for (int i = 0; i < 300; ++i) {
        const std::string key = std::to_string(random() % 5000), value = std::to_string(random());
        batch.Put(key, value);
        expected[key] = value;
      }
      ASSERT_TRUE(store.Write(batch).ok());
      ASSERT_TRUE(store.Flush().ok());
    }
    ASSERT_TRUE(store.DeleteRange("1", "12").ok());
    expected.erase(expected.lower_bound("1"), expected.lower_bound("12"));
    EXPECT_EQ(Scan(store, "", ""), Rows(expected.begin(), expected.end()));
  }
}

TEST(RocksKvStore, WhatIsKeptIsOnTheDiskWithoutAFileEachTime) {
  for (const bool torn : {false, true}) {
    FaultFs fs;
    const auto env = fs.NewEnv();
    auto store = *OpenRocksKvStore("/kv", env.get(), KvUse::kKeeping);
    for (int i = 0; i < 300; ++i) {
      Put(*store, "kept" + std::to_string(i), "1");
      ASSERT_TRUE(store->Flush().ok());
    }
    Put(*store, "kept without a flush", "1");
    fs.CutPower();
    store.reset();
    fs.Restart(torn);
    store = *OpenRocksKvStore("/kv", env.get(), KvUse::kKeeping);
    EXPECT_EQ(Scan(*store, "kept", "kepu").size(), 301u);
    std::vector<std::string> files;
    ASSERT_TRUE(env->GetChildren("/kv", &files).ok());
    EXPECT_LT(files.size(), 20u);
  }
}

TEST(RocksKvStore, AWriteAheadLogThatIsDamagedBeforeItsEndIsNotOpened) {
  test::ScratchDir dir;
  {
    auto store = *OpenRocksKvStore(dir / "kv", nullptr, KvUse::kKeeping);
    for (int i = 0; i < 100; ++i) Put(*store, std::to_string(i), std::string(1000, 'x'));
  }
  for (const auto& file : std::filesystem::directory_iterator(dir / "kv")) {
    if (file.path().extension() != ".log") continue;
    std::fstream log(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    log.seekp(50'000);
    log << "damage";
  }
  EXPECT_EQ(OpenRocksKvStore(dir / "kv", nullptr, KvUse::kKeeping).status().code(), absl::StatusCode::kDataLoss);
}

TEST(RocksKvStore, WhatAFlushSaidOkToIsKeptWhicheverSyncFails) {
  size_t refused = 0;
  for (uint64_t n = 1; n <= 15; ++n) {
    FaultFs fs;
    const auto env = fs.NewEnv();
    auto store = *OpenRocksKvStore("/kv", env.get(), KvUse::kKeeping);
    fs.Arm(FaultFs::Fault::kSyncFails, n);
    size_t kept = 0;
    for (size_t i = 0; i < 20; ++i) {
      KvBatch batch;
      batch.Put(absl::StrCat(100 + i), "1");
      if (!store->Write(batch).ok() || !store->Flush().ok()) {
        ++refused;
        break;
      }
      kept = i + 1;
    }
    fs.CutPower();
    store.reset();
    fs.Restart(false);
    store = *OpenRocksKvStore("/kv", env.get(), KvUse::kKeeping);
    EXPECT_GE(Scan(*store, "1", "2").size(), kept) << "sync " << n << " failed";
  }
  EXPECT_GT(refused, 10u);
}

TEST(RocksKvStore, IsOpenedOnceAtATime) {
  test::ScratchDir dir;
  auto first = OpenRocks(dir / "kv");
  EXPECT_EQ(OpenRocksKvStore(dir / "kv").status().code(), absl::StatusCode::kUnavailable);
}

TEST(RocksKvStore, SaysWhenItIsDamaged) {
  test::ScratchDir dir;
  {
    auto store = OpenRocks(dir / "kv");
    Put(*store, "a", "1");
    ASSERT_TRUE(store->Flush().ok());
  }
  for (const auto& file : std::filesystem::directory_iterator(dir / "kv")) {
    if (file.path().filename().string().starts_with("MANIFEST")) std::filesystem::resize_file(file.path(), 20);
  }
  EXPECT_EQ(OpenRocksKvStore(dir / "kv").status().code(), absl::StatusCode::kDataLoss);
}

// Random operations against std::map, with reopening and snapshots on the way.
TEST(RocksKvStore, BehavesLikeAMap) {
  for (unsigned seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    test::ScratchDir dir;
    std::mt19937 random(seed);
    auto roll = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
    auto some_key = [&] {
      std::string key;
      for (unsigned i = 0, n = roll(4); i < n; ++i) key.push_back(static_cast<char>(roll(3) == 0 ? 0xff : roll(4)));
      return key;
    };
    auto store = OpenRocks(dir / "kv");
    Map model;
    std::unique_ptr<KvReader> snapshot;
    Map snapshot_model;
    for (int step = 0; step < 600; ++step) {
      const unsigned what = roll(20);
      if (what < 12) {
        KvBatch batch;
        for (unsigned i = 0, n = roll(5); i < n; ++i) {
          const std::string key = some_key();
          if (roll(3) == 0) {
            batch.Delete(key);
            model.erase(key);
          } else {
            batch.Put(key, std::to_string(step));
            model[key] = std::to_string(step);
          }
        }
        ASSERT_TRUE(store->Write(batch).ok());
      } else if (what < 14) {
        const std::string from = some_key(), to = some_key();
        ASSERT_TRUE(store->DeleteRange(from, to).ok());
        if (to.empty() || from < to) {
          model.erase(model.lower_bound(from), to.empty() ? model.end() : model.lower_bound(to));
        }
      } else if (what < 16) {
        snapshot = store->Snapshot();
        snapshot_model = model;
      } else if (what == 16) {
        ASSERT_TRUE(store->Flush().ok());
      } else if (what == 17) {
        snapshot.reset();
        store.reset();
        store = OpenRocks(dir / "kv");
      } else {
        const std::string from = some_key(), to = PrefixEnd(from);
        const Rows expected(model.lower_bound(from), to.empty() ? model.end() : model.lower_bound(to));
        EXPECT_EQ(Scan(*store, from, to), expected);
        EXPECT_EQ(Get(*store, from), model.contains(from) ? std::optional(model[from]) : std::nullopt);
      }
      const Rows all(model.begin(), model.end());
      ASSERT_EQ(Scan(*store, "", ""), all) << "step " << step;
      ASSERT_EQ(ScanReverse(*store, "", ""), Rows(all.rbegin(), all.rend())) << "step " << step;
      if (snapshot != nullptr) {
        ASSERT_EQ(Scan(*snapshot, "", ""), Rows(snapshot_model.begin(), snapshot_model.end())) << "step " << step;
      }
    }
  }
}

TEST(PrefixEnd, IsTheFirstKeyAfterThePrefix) {
  EXPECT_EQ(PrefixEnd("a"), "b");
  EXPECT_EQ(PrefixEnd("ab"), "ac");
  EXPECT_EQ(PrefixEnd("a\xff"), "b");
  EXPECT_EQ(PrefixEnd("a\xff\xff"), "b");
  EXPECT_EQ(PrefixEnd("\x7f"), "\x80");
  EXPECT_EQ(PrefixEnd("\xff\xff"), "");
  EXPECT_EQ(PrefixEnd(""), "");
}

TEST(Ordered, KeepsOrderAndValue) {
  const uint64_t values[] = {0, 1, 255, 256, 1ull << 31, 1ull << 32, 1ull << 63, ~0ull};
  std::string before;
  for (uint64_t value : values) {
    std::string bytes;
    AppendOrdered(bytes, value);
    EXPECT_EQ(bytes.size(), 8u);
    EXPECT_LT(before, bytes);
    EXPECT_EQ(ParseOrdered(bytes), value);
    before = bytes;
  }
}

}  // namespace
}  // namespace parley
