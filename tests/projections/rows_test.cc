// Rows in a batch against a plain map.
#include "projections/rows.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>

#include "eventstore/base/random.h"
#include "eventstore/kv_memory.h"
#include "parley/v1/docket.pb.h"
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

// A row as bytes, by way of a message: put whole, or changed in place.
std::optional<std::string> Found(Rows& rows, std::string_view key, Reuse reuse) {
  const auto* message = rows.Find<v1::DocketTopic>(key, reuse);
  return message == nullptr ? std::nullopt : std::optional(Canonical(*message));
}

TEST(LedgerRows, BehaveAsAMapFromBatchToBatch) {
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
  Map written, at_hand;
  SharedResources shared;
  auto rows = std::make_unique<LedgerRows>(*store, 4, "l", shared);
  for (int batch = 0; batch < 300; ++batch) {
    for (int i = draw(8); i > 0; --i) {
      const std::string key = draw_key();
      const Reuse reuse = draw(2) == 0 ? Reuse::kLikely : Reuse::kUnlikely;
      v1::DocketTopic topic;
      topic.set_disputes(1 + draw(100));
      switch (draw(4)) {
        case 0:
          rows->Delete(key);
          at_hand.erase(key);
          break;
        case 1:
          rows->Put(key, topic);
          at_hand[key] = Canonical(topic);
          break;
        default: {
          auto& row = rows->Mutable<v1::DocketTopic>(key, reuse);
          row.set_disputes(row.disputes() + topic.disputes());
          v1::DocketTopic expected;
          const auto it = at_hand.find(key);
          ASSERT_TRUE(it == at_hand.end() || expected.ParseFromString(it->second));
          expected.set_disputes(expected.disputes() + topic.disputes());
          at_hand[key] = Canonical(expected);
        }
      }
      const std::string probe = draw_key();
      const auto found = at_hand.find(probe);
      EXPECT_EQ(Found(*rows, probe, reuse), found == at_hand.end() ? std::nullopt : std::optional(found->second));
    }
    const std::string prefix = draw_key();
    EXPECT_EQ(Scanned(*rows, prefix), WithPrefix(at_hand, prefix));
    switch (draw(6)) {
      case 0:
        rows->Discard();
        at_hand = written;
        break;
      case 1:  // The batch is lost, and these rows with it.
        rows = std::make_unique<LedgerRows>(*store, 4, "l", shared);
        at_hand = written;
        break;
      default: {
        KvBatch changes;
        rows->MoveInto(changes);
        ASSERT_TRUE(store->Write(changes).ok());
        written = at_hand;
      }
    }
    EXPECT_EQ(Scanned(*rows, ""), at_hand);
    EXPECT_TRUE(rows->status().ok());
  }
  EXPECT_FALSE(written.empty());
}

TEST(LedgerRows, OnlyWhatIsLikelyToChangeAgainStaysInMemory) {
  const auto store = NewMemoryKvStore();
  SharedResources shared;
  LedgerRows rows(*store, 4, "l", shared);
  const auto end_batch = [&] {
    KvBatch batch;
    rows.MoveInto(batch);
    ASSERT_TRUE(store->Write(batch).ok());
  };
  v1::DocketTopic topic;
  topic.set_disputes(1);
  rows.Put("put", topic);
  rows.Mutable<v1::DocketTopic>("once", Reuse::kUnlikely) = topic;
  EXPECT_EQ(rows.Find<v1::DocketTopic>("not there"), nullptr);
  end_batch();
  EXPECT_EQ(rows.bytes(), 0u);
  rows.Mutable<v1::DocketTopic>("again") = topic;
  end_batch();
  EXPECT_GT(rows.bytes(), 0u);
  rows.Delete("again");
  end_batch();
  EXPECT_EQ(rows.bytes(), 0u);
}

TEST(LedgerRows, AScanStopsWhenToldAndMayBeWrittenUnder) {
  const auto store = NewMemoryKvStore();
  KvBatch stored;
  for (const char* key : {"a", "c", "e"}) stored.Put(store_keys::Row(1, "l", key), "stored");
  ASSERT_TRUE(store->Write(stored).ok());
  SharedResources shared;
  LedgerRows rows(*store, 1, "l", shared);
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
  SharedResources shared;
  LedgerRows rows(*store, 1, "l", shared);
  rows.PutBytes("p/1", "a");
  rows.PutBytes("p/2", "b");
  rows.PutBytes("q/1", "c");
  ReplaceRows(rows, "p/", {{"p/2", "b"}, {"p/3", "d"}});
  EXPECT_EQ(Scanned(rows, ""), (Map{{"p/2", "b"}, {"p/3", "d"}, {"q/1", "c"}}));
}

}  // namespace
}  // namespace parley::test
