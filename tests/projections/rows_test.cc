// Rows in a batch against a plain map.
#include "projections/rows.h"

#include <gtest/gtest.h>

#include <map>

#include "eventstore/base/random.h"
#include "eventstore/kv_memory.h"
#include "projections/derived_rows.h"
#include "projections/store_keys.h"

namespace parley::test {
namespace {

using Map = std::map<std::string, std::string>;

Map Scanned(Rows& rows, std::string_view prefix) {
  Map out;
  rows.Scan(prefix, [&](std::string_view key, std::string_view value) {
    EXPECT_TRUE(out.empty() || key > out.rbegin()->first) << "out of order";
    EXPECT_TRUE(out.emplace(key, value).second) << "twice";
    return true;
  });
  return out;
}

Map WithPrefix(const Map& map, const std::string& prefix) {
  Map out;
  for (const auto& [key, value] : map) {
    if (key.starts_with(prefix)) out.emplace(key, value);
  }
  return out;
}

TEST(LedgerRows, BehaveAsAMapThatIsKeptOrNot) {
  SeededRandom random(17);
  const auto draw = [&](int n) { return static_cast<unsigned char>(random.Bytes(1)[0]) % n; };
  const auto draw_key = [&] {
    std::string key;
    for (int i = draw(4); i > 0; --i) key.push_back("ab\xff"[draw(3)]);
    return key;
  };
  const auto store = NewMemoryKvStore();
  // Neighbours that must never show.
  KvBatch neighbours;
  neighbours.Put(store_keys::Row(5, "l", "a"), "other generation");
  neighbours.Put(store_keys::Row(4, "k", "a"), "other ledger");
  neighbours.Put(store_keys::Row(4, "la", "a"), "ledger with a longer name");
  ASSERT_TRUE(store->Write(neighbours).ok());
  Map written, kept;
  for (int batch = 0; batch < 60; ++batch) {
    LedgerRows rows(*store, 4, "l");
    for (int entry = 0; entry < 5; ++entry) {
      Map at_hand = kept;
      for (int i = draw(6); i > 0; --i) {
        const std::string key = draw_key();
        if (draw(3) == 0) {
          rows.Delete(key);
          at_hand.erase(key);
        } else {
          at_hand[key] = std::to_string(draw(100));
          rows.PutBytes(key, at_hand[key]);
        }
        const std::string probe = draw_key();
        const auto found = at_hand.find(probe);
        EXPECT_EQ(rows.GetBytes(probe), found == at_hand.end() ? std::nullopt : std::optional(found->second));
      }
      const std::string prefix = draw_key();
      EXPECT_EQ(Scanned(rows, prefix), WithPrefix(at_hand, prefix));
      if (draw(3) == 0) {
        rows.Discard();
      } else {
        rows.Keep();
        kept = at_hand;
      }
      EXPECT_EQ(Scanned(rows, ""), kept);
    }
    KvBatch changes;
    rows.MoveInto(changes);
    if (draw(4) == 0) {
      kept = written;  // The batch is lost.
    } else {
      ASSERT_TRUE(store->Write(changes).ok());
      written = kept;
    }
  }
  EXPECT_FALSE(written.empty());
}

TEST(LedgerRows, AScanStopsWhenToldAndMayBeWrittenUnder) {
  const auto store = NewMemoryKvStore();
  KvBatch stored;
  for (const char* key : {"a", "c", "e"}) stored.Put(store_keys::Row(1, "l", key), "stored");
  ASSERT_TRUE(store->Write(stored).ok());
  LedgerRows rows(*store, 1, "l");
  rows.PutBytes("b", "written");
  rows.PutBytes("d", "written");
  for (size_t stop = 1; stop <= 5; ++stop) {
    size_t visited = 0;
    rows.Scan("", [&](std::string_view, std::string_view) { return ++visited < stop; });
    EXPECT_EQ(visited, stop);
  }
  size_t visited = 0;
  rows.Scan("", [&](std::string_view key, std::string_view) {
    rows.Delete(key);
    rows.PutBytes("z" + std::string(key), "new");
    ++visited;
    return true;
  });
  EXPECT_EQ(visited, 5u);
  EXPECT_EQ(Scanned(rows, "").begin()->first, "za");
}

TEST(ReplaceRows, LeavesExactlyWhatIsWanted) {
  const auto store = NewMemoryKvStore();
  LedgerRows rows(*store, 1, "l");
  rows.PutBytes("p/1", "a");
  rows.PutBytes("p/2", "b");
  rows.PutBytes("q/1", "c");
  rows.Keep();
  ReplaceRows(rows, "p/", {{"p/2", "b"}, {"p/3", "d"}});
  EXPECT_EQ(Scanned(rows, ""), (Map{{"p/2", "b"}, {"p/3", "d"}, {"q/1", "c"}}));
}

}  // namespace
}  // namespace parley::test
