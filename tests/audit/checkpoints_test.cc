#include "services/audit/checkpoints.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "eventstore/kv_memory.h"
#include "tests/support/scratch_dir.h"

namespace parley {
namespace {

const LedgerId kAcme("acme");

v1::CheckpointRecord Record(uint64_t size, char fill = 'r') {
  const auto key = NoteSigningKey::Make("example.org/acme", NoteKeyType::kEd25519, std::string(32, 's'));
  auto note = SignedNote::Make(Checkpoint{"example.org/acme", size, std::string(32, fill)}.ToText());
  EXPECT_TRUE(note->Sign(*key).ok());
  v1::CheckpointRecord record;
  record.set_note(note->ToString());
  record.mutable_create_time()->set_seconds(static_cast<int64_t>(size));
  return record;
}

class CheckpointsTest : public testing::Test {
 protected:
  void Put(uint64_t size, const v1::CheckpointRecord& record) { ASSERT_TRUE(store_.Put(kAcme, size, record).ok()); }
  static uint64_t SizeOf(const absl::StatusOr<std::optional<v1::CheckpointRecord>>& record) {
    EXPECT_TRUE(record.ok()) << record.status();
    return record.ok() && *record ? CheckpointOf((*record)->note())->size : 0;
  }

  test::ScratchDir dir_;
  std::unique_ptr<KvStore> kv_ = NewMemoryKvStore();
  CheckpointStore store_{kv_.get(), dir_.path()};
};

TEST_F(CheckpointsTest, AreFoundBySize) {
  for (const uint64_t size : {300, 7, 100'000}) Put(size, Record(size));
  ASSERT_TRUE(store_.Put(LedgerId("acme-2"), 400, Record(400)).ok());
  EXPECT_EQ(SizeOf(store_.Get(kAcme, 300)), 300u);
  EXPECT_FALSE(store_.Get(kAcme, 299)->has_value());
  EXPECT_EQ(SizeOf(store_.Covering(kAcme, 8)), 300u);
  EXPECT_EQ(SizeOf(store_.Covering(kAcme, 300)), 300u);
  EXPECT_FALSE(store_.Covering(kAcme, 100'001)->has_value());
  EXPECT_EQ(SizeOf(store_.Newest(kAcme)), 100'000u);
  EXPECT_FALSE(store_.Newest(LedgerId("acm"))->has_value());
  std::vector<uint64_t> up, down;
  ASSERT_TRUE(store_.ForEach(kAcme, 8, [&](uint64_t size, const auto&) { return up.push_back(size), true; }).ok());
  ASSERT_TRUE(
      store_.ForEachNewestFirst(kAcme, [&](uint64_t size, const auto&) { return down.push_back(size), true; }).ok());
  EXPECT_EQ(up, (std::vector<uint64_t>{300, 100'000}));
  EXPECT_EQ(down, (std::vector<uint64_t>{100'000, 300, 7}));
}

TEST_F(CheckpointsTest, TheNoteOutsideOnlyGoesForward) {
  EXPECT_FALSE(store_.NoteOutside(kAcme)->has_value());
  EXPECT_FALSE(*store_.AnySigned());
  Put(300, Record(300));
  EXPECT_EQ(store_.NoteOutside(kAcme).value(), Record(300).note());
  Put(7, Record(7));
  EXPECT_EQ(store_.NoteOutside(kAcme).value(), Record(300).note()) << "an older one was cosigned, say";
  v1::CheckpointRecord cosigned = Record(300);
  auto note = SignedNote::Parse(cosigned.note());
  const auto witness = NoteSigningKey::Make("bea", NoteKeyType::kEd25519Cosignature, std::string(32, 'w'));
  ASSERT_TRUE(note->Cosign(*witness, 5).ok());
  cosigned.set_note(note->ToString());
  Put(300, cosigned);
  EXPECT_EQ(store_.NoteOutside(kAcme).value(), cosigned.note());
  // A store that was put back to an earlier state does not take it along.
  const auto restored = NewMemoryKvStore();
  CheckpointStore later(restored.get(), dir_.path());
  EXPECT_TRUE(*later.AnySigned());
  ASSERT_TRUE(later.Put(kAcme, 200, Record(200)).ok());
  EXPECT_EQ(later.NoteOutside(kAcme).value(), cosigned.note());
  EXPECT_EQ(SizeOf(later.Newest(kAcme)), 200u);
}

TEST_F(CheckpointsTest, LedgersOutsideAreListed) {
  Put(1, Record(1));
  ASSERT_TRUE(store_.Put(LedgerId("a"), 1, Record(1)).ok());
  std::ofstream(dir_ / "README") << "not a note\n";
  std::ofstream(dir_ / "b.note.new") << "half a no";
  EXPECT_EQ(store_.LedgersOutside().value(), (std::vector<LedgerId>{LedgerId("a"), kAcme}));
  const CheckpointStore nowhere(kv_.get(), dir_ / "missing");
  EXPECT_FALSE(nowhere.LedgersOutside().ok());
}

TEST_F(CheckpointsTest, WhatNotesOutsideSayIsReadWithoutAStore) {
  Put(300, Record(300));
  ASSERT_TRUE(store_.Put(LedgerId("a"), 7, Record(7)).ok());
  ASSERT_TRUE(store_.PutFork(LedgerId("b"), Record(9).note()).ok());
  const auto sizes = SignedSizesOutside(dir_.path());
  ASSERT_TRUE(sizes.ok()) << sizes.status();
  ASSERT_EQ(sizes->size(), 2u) << "what contradicts the history says nothing of its length";
  EXPECT_EQ(sizes->at(0).ledger, LedgerId("a"));
  EXPECT_EQ(sizes->at(0).entries, 7u);
  EXPECT_EQ(sizes->at(1).ledger, kAcme);
  EXPECT_EQ(sizes->at(1).entries, 300u);
  // The first of them or the last.
  for (const std::string ledger : {"a", "z"}) {
    std::ofstream(dir_ / (ledger + ".note")) << "something else\n";
    EXPECT_EQ(SignedSizesOutside(dir_.path()).status().code(), absl::StatusCode::kFailedPrecondition) << ledger;
    std::filesystem::remove(dir_ / (ledger + ".note"));
  }
  EXPECT_TRUE(SignedSizesOutside(dir_.path()).ok());
  EXPECT_FALSE(SignedSizesOutside(dir_ / "missing").ok());
}

TEST_F(CheckpointsTest, AFileThatIsNoNoteIsNotWrittenOver) {
  std::ofstream(dir_ / "acme.note") << "something else\n";
  EXPECT_FALSE(store_.Put(kAcme, 300, Record(300)).ok());
  EXPECT_FALSE(store_.Newest(kAcme)->has_value()) << "the store is never ahead of the file";
}

TEST_F(CheckpointsTest, AStoreIsOfOneLogDomain) {
  ASSERT_TRUE(store_.PinDomain("parley.example").ok());
  EXPECT_TRUE(store_.PinDomain("parley.example").ok());
  EXPECT_EQ(store_.PinDomain("other.example").code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace parley
