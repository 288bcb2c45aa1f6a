#include "services/audit/checkpointer.h"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <future>
#include <thread>

#include "projections/replayed_store.h"
#include "services/digest/digest.h"
#include "tests/audit/audit_fixture.h"

namespace parley {
namespace {

using test::AuditFixture;
using test::kAcmeLedger;

class CheckpointerTest : public AuditFixture {
 protected:
  size_t Count(const std::string& event_type) {
    size_t count = 0;
    for (uint64_t i = 0; i < End(); ++i) count += At(i).record.event_type() == event_type;
    return count;
  }
};

TEST_F(CheckpointerTest, SignsTheTreeUnderTheLogsOrigin) {
  const auto record = Create();
  ASSERT_TRUE(record.ok()) << record.status();
  const auto checkpoint = CheckpointOf(record->note());
  EXPECT_EQ(checkpoint->origin, "log.example/relationships/acme");
  EXPECT_EQ(checkpoint->size, End());
  EXPECT_EQ(checkpoint->root, tree_->Root(kAcmeLedger, End()).value());
  const auto log_key = NoteVerifierKey::Make(checkpoint->origin, NoteKeyType::kEd25519, keys_->newest().public_key);
  EXPECT_TRUE(SignedNote::Parse(record->note())->Verify(*log_key).ok());
  EXPECT_EQ(At(End() - 2).record.event_type(), "key.registered") << "the key stands in the record before it signs";
  EXPECT_EQ(store_.NoteOutside(kAcmeLedger).value(), record->note());
}

TEST_F(CheckpointerTest, EndsWithADigestThatAReplayReproduces) {
  const uint64_t size = Checkpointed();
  const auto digest = DecodeEvent(At(size - 1));
  ASSERT_TRUE(digest.ok()) << digest.status();
  const auto* event = digest->As<v1::DigestEvent>();
  ASSERT_NE(event, nullptr) << At(size - 1).record.event_type();
  EXPECT_EQ(event->recorded().size(), size - 1);
  EXPECT_EQ(At(size - 1).record.actor(), "system");
  auto replayed = ReplayedStore::Make(NewMemoryKvStore(), AllProjections());
  ASSERT_TRUE(replayed.ok()) << replayed.status();
  for (uint64_t i = 0; i + 1 < size; ++i) ASSERT_TRUE((*replayed)->Add(At(i)).ok());
  const auto models = (*replayed)->Digests(kAcmeLedger);
  ASSERT_TRUE(models.ok()) << models.status();
  ASSERT_EQ(static_cast<int>(models->size()), event->recorded().models_size());
  for (size_t i = 0; i < models->size(); ++i) {
    EXPECT_EQ((*models)[i].SerializeAsString(), event->recorded().models(static_cast<int>(i)).SerializeAsString());
  }
}

TEST_F(CheckpointerTest, NothingNewGivesTheSameAgain) {
  const auto first = Create();
  ASSERT_TRUE(first.ok()) << first.status();
  const uint64_t end = End();
  EXPECT_EQ(Create()->note(), first->note());
  EXPECT_EQ(End(), end) << "no digest of a digest";
  Propose("d1");
  EXPECT_EQ(Checkpointed(), end + 2) << "the decision, and a digest";
}

TEST_F(CheckpointerTest, AKeyNeedsNoDigest) {
  const uint64_t first = Checkpointed();
  const size_t digests = Count("digest.recorded");
  Register("bea", "buyer", "buyer-1");
  EXPECT_EQ(Checkpointed(), first + 1);
  EXPECT_EQ(Count("digest.recorded"), digests);
  Propose("d1");
  Register("bea", "buyer", "buyer-2");  // Replaces the first: two entries.
  Checkpointed();
  EXPECT_EQ(Count("digest.recorded"), digests + 1) << "what stands before the key";
}

TEST_F(CheckpointerTest, UnderSteadyWritesEverySizeIsSignedOnce) {
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (int i = 0; !stop; ++i) Propose("d" + std::to_string(i));
  });
  std::vector<uint64_t> sizes;
  for (int i = 0; i < 5; ++i) sizes.push_back(Checkpointed());
  stop = true;
  writer.join();
  for (size_t i = 1; i < sizes.size(); ++i) EXPECT_LT(sizes[i - 1], sizes[i]);
  for (const uint64_t size : sizes) {
    const auto kept = store_.Get(kAcmeLedger, size);
    ASSERT_TRUE(kept.ok() && *kept);
    EXPECT_EQ(CheckpointOf((*kept)->note())->root, tree_->Root(kAcmeLedger, size).value());
    // What the read models said of everything before it is its last entry.
    const auto digest = DecodeEvent(At(size - 1));
    ASSERT_TRUE(digest.ok() && digest->As<v1::DigestEvent>() != nullptr) << At(size - 1).record.event_type();
    EXPECT_EQ(digest->As<v1::DigestEvent>()->recorded().size(), size - 1);
  }
}

TEST_F(CheckpointerTest, AnEmptyLedgerHasNone) {
  std::promise<absl::Status> made;
  checkpointer_->Create(LedgerId("nobody"), [&](const auto& record) { made.set_value(record.status()); });
  EXPECT_EQ(ReasonOf(made.get_future().get()), v1::REASON_NOT_FOUND);
}

TEST_F(CheckpointerTest, LosingWhatIsDerivedChangesNothing) {
  Propose("d1");
  const auto before = Create();
  ASSERT_TRUE(before.ok()) << before.status();
  Close();
  LoseDerived();
  OpenOn(log_);
  const auto after = Create();
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(after->note(), before->note());
}

TEST_F(CheckpointerTest, ANoteThatIsOnlyOutsideIsSignedAlikeAgain) {
  const auto before = Create();
  ASSERT_TRUE(before.ok()) << before.status();
  Close();
  // The store was put back to a state before; the log was not.
  kept_->DeleteRange("", "").IgnoreError();
  ASSERT_FALSE(store_.Newest(kAcmeLedger)->has_value());
  OpenOn(log_);
  EXPECT_EQ(Create()->note(), before->note());
}

// A log that holds the first `size` entries of another.
void CopyInto(test::TestLog& to, test::TestLog& from, uint64_t size) {
  for (uint64_t i = 0; i < size; ++i) {
    to.Append("acme", {from.log().Read(kAcmeLedger, i, {.entries = 1}).value().at(0).stored});
  }
}

TEST_F(CheckpointerTest, AHistoryThatIsBehindIsNotVouchedFor) {
  const uint64_t size = Checkpointed();
  const std::string note = *store_.NoteOutside(kAcmeLedger).value();
  Close();
  LoseDerived();
  CopyInto(restored_, log_, size - 1);
  const absl::Status refused = CheckNoneBehind(restored_.log(), *SignedSizesOutside(notes_.path()));
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(refused.message().find("acme"), absl::string_view::npos) << refused;
  EXPECT_TRUE(CheckNoneBehind(log_.log(), *SignedSizesOutside(notes_.path())).ok());
  // Served all the same, it signs nothing.
  OpenOn(restored_);
  EXPECT_EQ(ReasonOf(Create().status()), v1::REASON_HISTORY_BEHIND);
  EXPECT_EQ(restored_.log().NextSequence(kAcmeLedger).value(), size - 1) << "nor does it record anything";
  EXPECT_EQ(ReasonOf(guard_->Trust(kAcmeLedger)), v1::REASON_HISTORY_BEHIND);
}

TEST_F(CheckpointerTest, AHistoryThatForkedIsNotVouchedFor) {
  Propose("d1");
  const uint64_t size = Checkpointed();
  Close();
  LoseDerived();
  CopyInto(restored_, log_, size - 2);
  for (int i = 0; i < 5; ++i) restored_.Propose("acme", "other-" + std::to_string(i));
  OpenOn(restored_);
  EXPECT_EQ(ReasonOf(Create().status()), v1::REASON_HISTORY_FORKED);
  EXPECT_FALSE(store_.Covering(kAcmeLedger, size + 1)->has_value());
}

TEST_F(CheckpointerTest, AForkIsFoundAtTheStart) {
  Propose("d1");
  const uint64_t size = Checkpointed();
  Close();
  LoseDerived();
  CopyInto(restored_, log_, size - 2);
  restored_.Propose("acme", "x1");
  restored_.Propose("acme", "x2");
  OpenOn(restored_);
  ASSERT_TRUE(test::WaitUntil([&] { return !Troubles().empty(); }));
  EXPECT_EQ(ReasonOf(Troubles()[0]), v1::REASON_HISTORY_FORKED);
}

TEST_F(CheckpointerTest, AForkIsFoundAtTheStartAmongManyHistories) {
  const uint64_t size = Checkpointed();
  Close();
  LoseDerived();
  CopyInto(restored_, log_, size - 1);
  restored_.Propose("acme", "other");
  for (const char* ledger : {"abacus", "abbey", "zenith"}) restored_.Propose(ledger, "d1");
  OpenOn(restored_);
  ASSERT_TRUE(test::WaitUntil([&] { return !Troubles().empty(); }));
  EXPECT_EQ(ReasonOf(Troubles()[0]), v1::REASON_HISTORY_FORKED);
  EXPECT_EQ(ReasonOf(guard_->Trust(kAcmeLedger)), v1::REASON_HISTORY_FORKED);
}

TEST_F(CheckpointerTest, ShownANoteThatItLacksItKnowsThatItIsBehind) {
  const uint64_t early = Checkpointed();
  const v1::CheckpointRecord first = **store_.Get(kAcmeLedger, early);
  Propose("d1");
  const std::string late = Create()->note();
  EXPECT_TRUE(guard_->CheckSeen(kAcmeLedger, first.note()).ok());
  EXPECT_TRUE(guard_->CheckSeen(kAcmeLedger, late).ok());
  Close();
  LoseDerived();
  // Everything was put back, notes and all.
  kept_->DeleteRange("", "").IgnoreError();
  test::ScratchDir empty;
  CheckpointStore store(kept_.get(), empty.path());
  CopyInto(restored_, log_, early);
  OpenOn(restored_);
  HistoryGuard guard(&restored_.log(), &runner_->reading(), tree_.get(), &store, keys_.get());
  EXPECT_TRUE(guard.CheckSeen(kAcmeLedger, first.note()).ok());
  EXPECT_TRUE(guard.Trust(kAcmeLedger).ok());
  EXPECT_EQ(ReasonOf(guard.CheckSeen(kAcmeLedger, late)), v1::REASON_HISTORY_BEHIND);
  EXPECT_EQ(ReasonOf(guard.Trust(kAcmeLedger)), v1::REASON_HISTORY_BEHIND);
  EXPECT_EQ(CheckNoneBehind(restored_.log(), *SignedSizesOutside(empty.path())).code(),
            absl::StatusCode::kFailedPrecondition)
      << "and remembers it over a restart";
}

TEST_F(CheckpointerTest, ANoteUnderAKeyThatTheRecordLostIsTheLogs) {
  const uint64_t early = Checkpointed();
  ASSERT_TRUE(keys_->Rotate().ok());
  Propose("d1");
  const std::string late = Create()->note();
  ASSERT_TRUE(keys_->Rotate().ok());
  Close();
  LoseDerived();
  CopyInto(restored_, log_, early);
  OpenOn(restored_);
  ASSERT_TRUE(
      test::WaitUntil([&] { return guard_->CheckSeen(kAcmeLedger, late).code() != absl::StatusCode::kUnavailable; }));
  EXPECT_EQ(ReasonOf(guard_->CheckSeen(kAcmeLedger, late)), v1::REASON_HISTORY_BEHIND);
}

TEST_F(CheckpointerTest, AKeyThatWasReplacedVouchesForNoMoreThanItDid) {
  Checkpointed();
  const NoteSigningKey first = *keys_->KeyFor(kAcmeLedger, End());
  ASSERT_TRUE(keys_->Rotate().ok());
  Propose("d1");
  Checkpoint ahead = *CheckpointOf(Create()->note());
  ahead.size += 10;
  SignedNote note = *SignedNote::Make(ahead.ToText());
  ASSERT_TRUE(note.Sign(first).ok());
  EXPECT_EQ(ReasonOf(guard_->CheckSeen(kAcmeLedger, note.ToString())), v1::REASON_FIELD_INVALID);
  EXPECT_TRUE(guard_->Trust(kAcmeLedger).ok());
}

TEST_F(CheckpointerTest, ShownAForkItRemembersOverARestart) {
  Propose("d1");
  const std::string theirs = Create()->note();
  const uint64_t size = CheckpointOf(theirs)->size;
  Close();
  LoseDerived();
  // Everything was put back, notes and all, and went on differently.
  kept_->DeleteRange("", "").IgnoreError();
  std::filesystem::remove(notes_ / "acme.note");
  CopyInto(restored_, log_, size - 2);
  for (int i = 0; i < 5; ++i) restored_.Propose("acme", "other-" + std::to_string(i));
  OpenOn(restored_);
  EXPECT_EQ(ReasonOf(guard_->CheckSeen(kAcmeLedger, theirs)), v1::REASON_HISTORY_FORKED);
  Close();
  OpenOn(restored_);
  ASSERT_TRUE(test::WaitUntil([&] { return !guard_->Trust(kAcmeLedger).ok(); })) << "before anybody asks";
  EXPECT_EQ(ReasonOf(Create().status()), v1::REASON_HISTORY_FORKED);
  EXPECT_FALSE(store_.Newest(kAcmeLedger)->has_value()) << "nothing was signed";
}

TEST_F(CheckpointerTest, OfAShownNoteOnlyTheLogsSignatureIsKept) {
  const std::string note = Create()->note();
  Checkpoint ahead = *CheckpointOf(note);
  ahead.size += 10;
  SignedNote seen = *SignedNote::Make(ahead.ToText());
  ASSERT_TRUE(seen.Sign(*keys_->KeyFor(kAcmeLedger, End())).ok());
  SignedNote more = seen;
  more.Add({"anybody", "1234", std::string(72, 'x')});
  EXPECT_EQ(ReasonOf(guard_->CheckSeen(kAcmeLedger, more.ToString())), v1::REASON_HISTORY_BEHIND);
  EXPECT_EQ(*store_.NoteOutside(kAcmeLedger).value(), seen.ToString());
}

TEST_F(CheckpointerTest, ManyWhoAskAtOnceGetTheSame) {
  Propose("d1");
  std::mutex mu;
  std::vector<std::string> notes;
  for (int i = 0; i < 500; ++i) {
    checkpointer_->Create(kAcmeLedger, [&](const absl::StatusOr<v1::CheckpointRecord>& record) {
      std::lock_guard lock(mu);
      notes.push_back(record.ok() ? record->note() : record.status().ToString());
    });
  }
  ASSERT_TRUE(test::WaitUntil([&] {
    std::lock_guard lock(mu);
    return notes.size() == 500;
  }));
  EXPECT_THAT(notes, testing::Each(store_.Newest(kAcmeLedger).value()->note()));
}

TEST_F(CheckpointerTest, OnlyNotesOfThisLogCount) {
  const auto checkpoint = CheckpointOf(Create()->note());
  const auto signed_by = [&](const Checkpoint& claimed, char seed) {
    SignedNote note = *SignedNote::Make(claimed.ToText());
    EXPECT_TRUE(note.Sign(*NoteSigningKey::Make(claimed.origin, NoteKeyType::kEd25519, std::string(32, seed))).ok());
    return note.ToString();
  };
  Checkpoint ahead = *checkpoint;
  ahead.size += 100;
  EXPECT_EQ(ReasonOf(guard_->CheckSeen(kAcmeLedger, signed_by(ahead, 'x'))), v1::REASON_FIELD_INVALID);
  Checkpoint other = ahead;
  other.origin = "log.example/relationships/other";
  EXPECT_EQ(ReasonOf(guard_->CheckSeen(kAcmeLedger, signed_by(other, 'x'))), v1::REASON_FIELD_INVALID);
  EXPECT_EQ(ReasonOf(guard_->CheckSeen(kAcmeLedger, "hello")), v1::REASON_FIELD_INVALID);
  EXPECT_TRUE(guard_->Trust(kAcmeLedger).ok()) << "nobody makes a history doubtful by making up a note";
}

TEST_F(CheckpointerTest, ATimeStampIsAddedWhenItCanBeHad) {
  std::atomic<bool> works = false;
  std::atomic<int> asked = 0;
  stamp_ = [&](const std::string& text) -> absl::StatusOr<std::string> {
    ++asked;
    if (!works) return absl::UnavailableError("the authority is away");
    return "stamp over " + text;
  };
  StartCheckpointer(absl::ZeroDuration());
  const auto without = Create();
  ASSERT_TRUE(without.ok()) << without.status();
  EXPECT_TRUE(without->timestamps().empty());
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(Troubles().size(), 1u);
  works = true;
  const auto with = Create();
  ASSERT_TRUE(with.ok()) << with.status();
  ASSERT_EQ(with->timestamps_size(), 1);
  EXPECT_EQ(with->timestamps(0), "stamp over " + SignedNote::Parse(with->note())->text());
  EXPECT_EQ(with->note(), without->note());
  EXPECT_EQ(Create()->timestamps_size(), 1);
  EXPECT_EQ(asked, 2) << "one is enough";
}

TEST_F(CheckpointerTest, AnAuthorityThatIsSlowToFailHoldsUpOneOnly) {
  std::atomic<int> asked = 0;
  stamp_ = [&](const std::string&) -> absl::StatusOr<std::string> {
    ++asked;
    const absl::Duration until = Monotonic() + absl::Milliseconds(500);
    test::WaitUntil([&] { return Monotonic() >= until; });
    return absl::DeadlineExceededError("the authority does not answer");
  };
  StartCheckpointer(absl::ZeroDuration());
  Checkpointed();
  const absl::Duration begun = Monotonic();
  Propose("d1");
  Checkpointed();
  Propose("d2");
  Checkpointed();
  EXPECT_EQ(asked, 1);
  EXPECT_LT(Monotonic() - begun, absl::Seconds(5));
}

TEST_F(CheckpointerTest, NoEntryStaysWithoutOneForLong) {
  StartCheckpointer(absl::Hours(24));
  // The oldest entry is of the epoch: not due yet, however often it is looked at.
  clock_.AdvanceTo(test::Epoch() + absl::Hours(23));
  const uint64_t end = End();
  std::promise<void>().get_future().wait_for(std::chrono::milliseconds(200));
  EXPECT_FALSE(store_.Newest(kAcmeLedger)->has_value());
  EXPECT_EQ(End(), end);
  clock_.AdvanceTo(test::Epoch() + absl::Hours(25));
  ASSERT_TRUE(test::WaitUntil([&] { return store_.Newest(kAcmeLedger)->has_value(); }));
  const uint64_t size = CheckpointOf((*store_.Newest(kAcmeLedger))->note())->size;
  Propose("d1");
  clock_.AdvanceTo(test::Epoch() + absl::Hours(50));
  ASSERT_TRUE(test::WaitUntil([&] { return CheckpointOf((*store_.Newest(kAcmeLedger))->note())->size > size; }));
}

// Looked at every quarter of an hour, the oldest entry, of the epoch, would be late the next time.
TEST_F(CheckpointerTest, NoEntryIsLateBecauseItIsLookedAtSeldom) {
  clock_.AdvanceTo(test::Epoch() + absl::Hours(23) + absl::Minutes(46));
  StartCheckpointer(absl::Hours(24), absl::Minutes(15));
  EXPECT_TRUE(test::WaitUntil([&] { return store_.Newest(kAcmeLedger)->has_value(); }));
}

TEST_F(CheckpointerTest, ANewLogKeySignsFromItsEntryOn) {
  const uint64_t before = Checkpointed();
  ASSERT_TRUE(keys_->Rotate().ok());
  const auto record = Create();
  ASSERT_TRUE(record.ok()) << record.status();
  const auto checkpoint = CheckpointOf(record->note());
  EXPECT_GT(checkpoint->size, before);
  const auto newest = NoteVerifierKey::Make(checkpoint->origin, NoteKeyType::kEd25519, keys_->newest().public_key);
  EXPECT_TRUE(SignedNote::Parse(record->note())->Verify(*newest).ok());
  const std::string old = (*store_.Get(kAcmeLedger, before))->note();
  EXPECT_FALSE(SignedNote::Parse(old)->Verify(*newest).ok());
  EXPECT_TRUE(guard_->CheckSeen(kAcmeLedger, old).ok()) << "the old key was valid there";
}

TEST_F(CheckpointerTest, WhoStillWaitsWhenItEndsIsTold) {
  std::vector<std::future<absl::Status>> answers;
  for (int i = 0; i < 20; ++i) {
    auto made = std::make_shared<std::promise<absl::Status>>();
    answers.push_back(made->get_future());
    checkpointer_->Create(kAcmeLedger, [made](const auto& record) { made->set_value(record.status()); });
  }
  checkpointer_->Stop();
  for (auto& answer : answers) {
    const absl::Status status = answer.get();
    EXPECT_TRUE(status.ok() || ReasonOf(status) == v1::REASON_DRAINING) << status;
  }
}

}  // namespace
}  // namespace parley
