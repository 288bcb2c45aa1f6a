// Sealed parts are erased, and nothing else changes.
#include <atomic>
#include <thread>

#include "eventstore/base/hash.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "gmock/gmock.h"
#include "tests/eventstore/log_contract.h"

namespace parley {
namespace {

using testing::ElementsAre;

constexpr char kAnn[] = "relationships/acme/persons/ann";
constexpr char kBob[] = "relationships/acme/persons/bob";

class LogErase : public LogContract {
 protected:
  static std::string Key(const std::string& person) { return Sha256(person); }
  // Parts 1 and 2 are Ann's, part 3 is Bob's.
  static Commit PersonalCommit(uint64_t sequence, size_t entries = 1, const std::string& ledger = "acme") {
    return MakeCommit({.ledger = ledger,
                       .sequence = sequence,
                       .request_id = absl::StrCat("r", sequence),
                       .personal = {{kAnn, "x.name", "Ann", Key(kAnn)},
                                    {kAnn, "x.email", "ann@example.com", Key(kAnn)},
                                    {kBob, "x.name", "Bob", Key(kBob)}}},
                      entries);
  }
  std::vector<v1::StoredEntry> Stored(const std::string& ledger = "acme") {
    std::vector<v1::StoredEntry> out;
    const auto entries = ReadAll(*log_, ledger);
    EXPECT_TRUE(entries.ok()) << entries.status();
    for (const Entry& entry : entries.value_or(std::vector<Entry>())) {
      EXPECT_TRUE(VerifyCommitments(entry).ok());
      out.push_back(entry.stored);
    }
    return out;
  }
  static void ExpectSame(const std::vector<v1::StoredEntry>& actual, const std::vector<v1::StoredEntry>& expected) {
    ASSERT_EQ(actual.size(), expected.size());
    for (size_t i = 0; i < actual.size(); ++i) EXPECT_EQ(Canonical(actual[i]), Canonical(expected[i])) << i;
  }
};

TEST_P(LogErase, EverythingElseStaysByteForByte) {
  MustAppend(PersonalCommit(0, 3));
  MustAppend(PersonalCommit(0, 1, "bolt"));
  MustAppend(PersonalCommit(3, 2));
  std::vector<v1::StoredEntry> expected = Stored();
  const std::vector<v1::StoredEntry> other = Stored("bolt");

  ASSERT_TRUE(log_->EraseParts(LedgerId("acme"), {{1, 1}, {1, 2}, {4, 1}}).ok());
  expected[1].mutable_parts(1)->clear_sealed();
  expected[1].mutable_parts(2)->clear_sealed();
  expected[4].mutable_parts(1)->clear_sealed();
  for (int round = 0; round < 2; ++round) {
    ExpectSame(Stored(), expected);
    ExpectSame(Stored("bolt"), other);
    EXPECT_EQ(log_->FindRequest(LedgerId("acme"), "ann", "r3").value()->first_sequence, 3u);
    EXPECT_EQ(log_->PositionOf(LedgerId("acme"), 4).value(), (Position{ShardId{0}, 5}));
    if (round == 0) Open();
  }
  const auto entries = ReadAll(*log_, "acme");
  EXPECT_EQ(ReasonOf(OpenPart((*entries)[1], 1, Key(kAnn)).status()), v1::REASON_NOT_FOUND);
  EXPECT_EQ(OpenPart((*entries)[1], 3, Key(kBob)).value(), "Bob");
  EXPECT_EQ(OpenPart((*entries)[0], 2, Key(kAnn)).value(), "ann@example.com");
  MustAppend(PersonalCommit(5));
}

TEST_P(LogErase, SubscriptionsGoOnWhereTheyStood) {
  MustAppend(PersonalCommit(0, 4));
  const auto subscription = log_->Subscribe({ShardId{0}, 0});
  ASSERT_EQ(subscription->Poll({.entries = 2})->size(), 2u);
  ASSERT_TRUE(log_->EraseParts(LedgerId("acme"), {{0, 1}, {3, 1}}).ok());
  const auto rest = subscription->Poll({});
  ASSERT_EQ(rest->size(), 2u);
  EXPECT_EQ((*rest)[0]->sequence(), 2u);
  EXPECT_FALSE((*rest)[0]->stored.parts(1).sealed().empty());
  EXPECT_TRUE((*rest)[1]->stored.parts(1).sealed().empty());
  EXPECT_TRUE(subscription->Poll({})->empty()) << "an erasure is no entry";
}

TEST_P(LogErase, TheIndexIsAsItWas) {
  for (uint64_t i = 0; i < 10; ++i) MustAppend(PersonalCommit(i));
  Close();
  const std::vector<Row> rows = IndexRows();
  Open();
  ASSERT_TRUE(log_->EraseParts(LedgerId("acme"), {{2, 1}, {7, 3}}).ok());
  Close();
  EXPECT_EQ(IndexRows(), rows);
  index_ = NewMemoryKvStore();
  Open();
  Close();
  EXPECT_EQ(IndexRows(), rows) << "derived from what is left";
}

TEST_P(LogErase, WhatIsGoneIsPassedOver) {
  MustAppend(PersonalCommit(0));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(log_->EraseParts(LedgerId("acme"), {{0, 1}, {0, 1}}).ok());
  ASSERT_TRUE(log_->EraseParts(LedgerId("acme"), {{0, 1}, {0, 3}}).ok());
  ASSERT_TRUE(log_->EraseParts(LedgerId("acme"), {}).ok());
  const std::vector<v1::StoredEntry> stored = Stored();
  EXPECT_TRUE(stored[0].parts(1).sealed().empty());
  EXPECT_FALSE(stored[0].parts(2).sealed().empty());
  EXPECT_TRUE(stored[0].parts(3).sealed().empty());
}

TEST_P(LogErase, OnlySealedPartsAreErased) {
  MustAppend(PersonalCommit(0));
  MustAppend(MakeCommit({.sequence = 1}));
  const std::vector<v1::StoredEntry> stored = Stored();
  for (const PartRef& wrong : std::vector<PartRef>{{0, 0}, {0, 4}, {1, 1}, {2, 1}, {0, SIZE_MAX}}) {
    EXPECT_EQ(ReasonOf(log_->EraseParts(LedgerId("acme"), {wrong})), v1::REASON_NOT_FOUND) << wrong.part;
  }
  EXPECT_EQ(ReasonOf(log_->EraseParts(LedgerId("nobody"), {{0, 1}})), v1::REASON_NOT_FOUND);
  ExpectSame(Stored(), stored);
}

TEST_P(LogErase, AppendsAndReadsGoOnMeanwhile) {
  constexpr uint64_t kEntries = 60;
  for (uint64_t i = 0; i < kEntries; i += 2) MustAppend(PersonalCommit(i, 2));
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (uint64_t i = 0; !done || i < 20; ++i) {
      EXPECT_TRUE(AppendAndWait(*log_, PersonalCommit(i, 1, "bolt")).ok());
    }
  });
  std::thread reader([&] {
    while (!done) {
      const auto entries = log_->ReadShard({ShardId{0}, 0}, {});
      EXPECT_TRUE(entries.ok()) << entries.status();
      for (const Entry& entry : *entries) EXPECT_TRUE(entry.damage.ok() && VerifyCommitments(entry).ok());
    }
  });
  // Two at a time, in the same records.
  const auto erase = [&](size_t part) {
    for (uint64_t i = 0; i < kEntries; i += 10) {
      std::vector<PartRef> parts;
      for (uint64_t k = i; k < i + 10; ++k) parts.push_back({k, part});
      EXPECT_TRUE(log_->EraseParts(LedgerId("acme"), parts).ok());
    }
  };
  std::thread one([&] { erase(1); });
  std::thread two([&] { erase(2); });
  one.join();
  two.join();
  done = true;
  writer.join();
  reader.join();
  for (const v1::StoredEntry& entry : Stored()) {
    EXPECT_TRUE(entry.parts(1).sealed().empty() && entry.parts(2).sealed().empty());
    EXPECT_FALSE(entry.parts(3).sealed().empty());
  }
  for (const v1::StoredEntry& entry : Stored("bolt")) EXPECT_FALSE(entry.parts(1).sealed().empty());
}

INSTANTIATE_TEST_SUITE_P(Engines, LogErase,
                         testing::Values(BackendParam{"Memory", NewMemoryBackend},
                                         BackendParam{"Rocks", NewRocksBackend}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace parley
