#include "services/audit/ledger_tree.h"

#include <gtest/gtest.h>

#include "eventstore/base/status.h"
#include "eventstore/kv_memory.h"
#include "tests/support/test_log.h"

namespace parley {
namespace {

using test::TestLog;

const LedgerId kAcme("acme");

// Appends `count` entries in as few commits as may be. Other logs get other salts, but for the same `seed`.
void Fill(TestLog& log, const LedgerId& ledger, uint64_t count, uint64_t seed = 11) {
  uint64_t next = log.log().NextSequence(ledger).value();
  SeededRandom random(seed);
  while (count > 0) {
    std::vector<v1::StoredEntry> entries;
    for (; count > 0 && entries.size() < kMaxCommitEntries; --count, ++next) {
      NewEntry entry{.ledger = ledger, .sequence = next, .recorded_at = test::Epoch() + absl::Seconds(next)};
      entry.record.set_stream("relationships/" + ledger.str());
      entry.record.set_event_type("test.happened");
      entry.record.set_schema_version(1);
      entries.push_back(EncodeEntry(entry, random));
    }
    log.Append(ledger.str(), std::move(entries));
  }
}

// What the tree must be: every header hashed, without tiles.
MerkleFrontier Frontier(TestLog& log, const LedgerId& ledger, uint64_t size) {
  MerkleFrontier frontier;
  while (frontier.size() < size) {
    const auto entries = log.log().Read(ledger, frontier.size(), {});
    EXPECT_TRUE(entries.ok()) << entries.status();
    for (const Entry& entry : *entries) {
      if (frontier.size() < size) frontier.Append(LeafHash(entry.stored.header()));
    }
  }
  return frontier;
}

TEST(LedgerTree, RootsAreThoseOfTheHeaders) {
  TestLog log;
  const auto derived = NewMemoryKvStore();
  LedgerTree tree(&log.log(), derived.get());
  Fill(log, kAcme, 700);
  for (const uint64_t size : {0, 1, 2, 255, 256, 257, 511, 512, 600, 700, 3, 256}) {
    const auto root = tree.Root(kAcme, size);
    ASSERT_TRUE(root.ok()) << root.status();
    EXPECT_EQ(*root, Frontier(log, kAcme, size).Root()) << size;
  }
}

TEST(LedgerTree, GrowsOverSeveralLevelsOfTiles) {
  TestLog log;
  const auto derived = NewMemoryKvStore();
  LedgerTree tree(&log.log(), derived.get());
  constexpr uint64_t kSize = 65'536 + 256 * 3 + 5;
  Fill(log, kAcme, 1000);
  ASSERT_TRUE(tree.Root(kAcme, 1000).ok());
  Fill(log, kAcme, kSize - 1000);
  const MerkleFrontier whole = Frontier(log, kAcme, kSize);
  EXPECT_EQ(tree.Root(kAcme, kSize).value(), whole.Root());
  // Every tile that a log of this size publishes is what it should be: the nodes made of them lead to the root.
  const NodeReader nodes = NodesFromTiles(kSize, [&](const TileId& id) { return tree.Tile(kAcme, id); });
  EXPECT_EQ(RootAt(kSize, nodes).value(), whole.Root());
  const auto proof = InclusionProof(65'530, kSize, tree.Nodes(kAcme, kSize).value());
  ASSERT_TRUE(proof.ok()) << proof.status();
  const std::string leaf = LeafHash(log.log().Read(kAcme, 65'530, {.entries = 1}).value()[0].stored.header());
  EXPECT_TRUE(VerifyInclusion(65'530, kSize, leaf, *proof, whole.Root()).ok());
  EXPECT_EQ(tree.Tile(kAcme, {.level = 2, .width = 1})->size(), 32u);
  EXPECT_EQ(tree.Tile(kAcme, {.level = 2, .width = 2}).status().code(), absl::StatusCode::kOutOfRange);
}

TEST(LedgerTree, APartialTileIsTheBeginningOfTheFullOne) {
  TestLog log;
  const auto derived = NewMemoryKvStore();
  LedgerTree tree(&log.log(), derived.get());
  Fill(log, kAcme, 100);
  const std::string early = tree.Tile(kAcme, {.width = 100}).value();
  Fill(log, kAcme, 300);
  const std::string full = tree.Tile(kAcme, {.width = 256}).value();
  EXPECT_EQ(early.size(), 3200u);
  EXPECT_EQ(full.substr(0, 3200), early);
  EXPECT_EQ(tree.Tile(kAcme, {.width = 100}).value(), early) << "also out of the tile that is kept";
  EXPECT_EQ(tree.Tile(kAcme, {.index = 1, .width = 144})->size(), 144u * 32);
}

TEST(LedgerTree, WhatIsNotThereIsOutOfRange) {
  TestLog log;
  const auto derived = NewMemoryKvStore();
  LedgerTree tree(&log.log(), derived.get());
  Fill(log, kAcme, 10);
  EXPECT_EQ(tree.Root(kAcme, 11).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(tree.Root(LedgerId("other"), 1).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(tree.Root(LedgerId("other"), 0).value(), EmptyRoot());
  EXPECT_EQ(tree.Tile(kAcme, {.level = 7, .index = UINT64_MAX}).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(tree.Tile(kAcme, {.kind = TileId::Kind::kEntries, .width = 1}).status().code(),
            absl::StatusCode::kOutOfRange);
}

TEST(LedgerTree, LedgersDoNotMeet) {
  TestLog log;
  const auto derived = NewMemoryKvStore();
  LedgerTree tree(&log.log(), derived.get());
  const LedgerId longer("acme-2");
  Fill(log, kAcme, 300);
  Fill(log, longer, 520);
  EXPECT_EQ(tree.Root(longer, 520).value(), Frontier(log, longer, 520).Root());
  EXPECT_EQ(tree.Root(kAcme, 300).value(), Frontier(log, kAcme, 300).Root());
}

TEST(LedgerTree, IsTheSameAfterItsRowsAreLost) {
  TestLog log;
  const auto derived = NewMemoryKvStore();
  Fill(log, kAcme, 600);
  const std::string root = LedgerTree(&log.log(), derived.get()).Root(kAcme, 600).value();
  EXPECT_EQ(LedgerTree(&log.log(), derived.get()).Root(kAcme, 600).value(), root) << "from the rows";
  EXPECT_EQ(LedgerTree(&log.log(), NewMemoryKvStore().get()).Root(kAcme, 600).value(), root);
}

TEST(LedgerTree, RowsOfAnotherLogAreNotBelieved) {
  const auto derived = NewMemoryKvStore();
  {
    TestLog before;
    Fill(before, kAcme, 600);
    ASSERT_TRUE(LedgerTree(&before.log(), derived.get()).Root(kAcme, 600).ok());
  }
  // The same incarnation, put back to an earlier state: shorter at first, then grown anew.
  TestLog after;
  Fill(after, kAcme, 300, 99);
  EXPECT_EQ(LedgerTree(&after.log(), derived.get()).Root(kAcme, 300).value(), Frontier(after, kAcme, 300).Root());
  Fill(after, kAcme, 300, 98);
  EXPECT_EQ(LedgerTree(&after.log(), derived.get()).Root(kAcme, 600).value(), Frontier(after, kAcme, 600).Root());
}

}  // namespace
}  // namespace parley
