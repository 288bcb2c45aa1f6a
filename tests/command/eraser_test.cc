#include "services/command/eraser.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <set>

#include "eventstore/base/ordered.h"
#include "services/person/person.h"
#include "tests/command/gate_engine.h"
#include "tests/command/node.h"
#include "tests/support/test_log.h"
#include "tests/support/world.h"

namespace parley::test {
namespace {

// A disk that will not take some records back.
class StubbornEngine : public GateEngine {
 public:
  using GateEngine::GateEngine;
  void Refuse(std::set<uint64_t> offsets) {
    std::lock_guard lock(mu_);
    refused_ = std::move(offsets);
  }
  int redactions() const { return redactions_; }

  absl::Status Redact(const EngineRecord& record) override {
    {
      std::lock_guard lock(mu_);
      if (refused_.contains(record.position.offset)) return absl::UnavailableError("no");
    }
    ++redactions_;
    return GateEngine::Redact(record);
  }

 private:
  std::mutex mu_;
  std::set<uint64_t> refused_;
  std::atomic<int> redactions_ = 0;
};

class EraserTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* ledger : {"acme", "beta"}) EstablishChartered(node_, ledger);
  }

  static std::string Name(const std::string& ledger, const std::string& id, const std::string& party = "") {
    return "relationships/" + ledger + (party.empty() ? "" : "/parties/" + party) + "/persons/" + id;
  }

  void Register(const std::string& name) {
    v1::RegisterPersonRequest request;
    const size_t at = name.rfind("/persons/");
    request.set_parent(name.substr(0, at));
    request.set_person_id(name.substr(at + 9));
    request.set_party_id("provider");
    request.set_display_name("the name");
    request.set_phone("the phone");
    Must<v1::Person>("petra", request);
  }
  void Comment(const std::string& name, const std::string& by = "bill") {
    v1::CommentOnPersonRequest request;
    request.set_name(name);
    request.set_text("the comment");
    Must<v1::Person>(by, request);
  }
  // The sequence of the erasure.
  uint64_t Erase(const std::string& name) {
    v1::ErasePersonRequest request;
    request.set_name(name);
    request.set_reason("asked to");
    return Must<v1::Person>("petra", request);
  }

  std::unique_ptr<Eraser> NewEraser() {
    return std::make_unique<Eraser>(
        EraserOptions{.log = node_.log.get(), .keys = node_.keys.get(), .progress = node_.snapshots.get()});
  }
  static absl::Status Await(Eraser& eraser, const std::string& ledger, uint64_t sequence,
                            absl::Duration timeout = absl::Seconds(30)) {
    std::promise<absl::Status> done;
    eraser.WhenErased(LedgerId(ledger), sequence, timeout, [&](absl::Status status) { done.set_value(status); });
    return done.get_future().get();
  }

  std::vector<Entry> Entries(const std::string& ledger = "acme") {
    const auto entries = node_.log->Read(LedgerId(ledger), 0, {});
    EXPECT_TRUE(entries.ok()) << entries.status();
    return entries.ok() ? *entries : std::vector<Entry>();
  }
  // How many sealed parts about the person are there, of how many that once were.
  std::pair<int, int> Parts(const std::string& person, const std::string& ledger = "acme") {
    std::pair<int, int> there;
    for (const Entry& entry : Entries(ledger)) {
      for (int i = 0; i < entry.record.personal_parts_size(); ++i) {
        if (entry.record.personal_parts(i).person() != person) continue;
        there.first += !entry.stored.parts(i + 1).sealed().empty();
        ++there.second;
      }
    }
    return there;
  }
  uint64_t OffsetOf(const std::string& ledger, uint64_t sequence) {
    return (*node_.log->PositionOf(LedgerId(ledger), sequence))->offset;
  }

  std::unique_ptr<MemoryEngine> memory_ = NewMemoryEngine();
  StubbornEngine engine_{memory_.get()};
  Node node_{&engine_};

 private:
  template <class R, class Request>
  uint64_t Must(const std::string& principal, const Request& request) {
    const auto answer = node_.Call<R>(principal, request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? *answer->sequence : 0;
  }
};

using Count = std::pair<int, int>;

TEST_F(EraserTest, DestroysKeyAndPartsAndNothingElse) {
  const auto eraser = NewEraser();
  Register(Name("acme", "dana"));
  Register(Name("acme", "eli"));
  Comment(Name("acme", "dana"));
  const std::vector<Entry> before = Entries();
  EXPECT_EQ(Parts(Name("acme", "dana")), Count(3, 3));

  ASSERT_TRUE(Await(*eraser, "acme", Erase(Name("acme", "dana"))).ok());
  EXPECT_EQ(Parts(Name("acme", "dana")), Count(0, 3));
  EXPECT_TRUE(absl::IsNotFound(node_.keys->Find(Name("acme", "dana")).status()));
  EXPECT_EQ(Parts(Name("acme", "eli")), Count(2, 2));
  EXPECT_TRUE(node_.keys->Find(Name("acme", "eli")).ok());
  EXPECT_EQ(eraser->pending(), 0u);
  EXPECT_FALSE(eraser->failing());

  const std::vector<Entry> after = Entries();
  ASSERT_EQ(after.size(), before.size() + 1);
  for (size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(after[i].stored.header(), before[i].stored.header());
    EXPECT_EQ(after[i].stored.parts(0).SerializeAsString(), before[i].stored.parts(0).SerializeAsString());
    EXPECT_TRUE(VerifyCommitments(after[i]).ok());
  }
}

TEST_F(EraserTest, APartysOwnPersonGoesLikewise) {
  const auto eraser = NewEraser();
  const std::string own = Name("acme", "dana", "provider");
  Register(own);
  Comment(own, "petra");
  ASSERT_TRUE(Await(*eraser, "acme", Erase(own)).ok());
  EXPECT_EQ(Parts(own), Count(0, 3));
  EXPECT_TRUE(absl::IsNotFound(node_.keys->Find(own).status()));
}

TEST_F(EraserTest, WaitingForWhatErasesNothingTakesNoTime) {
  const auto eraser = NewEraser();
  Register(Name("acme", "dana"));
  EXPECT_TRUE(Await(*eraser, "acme", Entries().back().sequence()).ok());
  EXPECT_EQ(Parts(Name("acme", "dana")), Count(2, 2));
}

TEST_F(EraserTest, MakesUpAtItsStartForWhatWasLeft) {
  Register(Name("acme", "dana"));
  Register(Name("beta", "dana"));
  Erase(Name("acme", "dana"));
  Erase(Name("beta", "dana"));
  // No eraser ran: as if the server had ended between the entry and the destruction.
  EXPECT_EQ(Parts(Name("acme", "dana")), Count(2, 2));
  const auto eraser = NewEraser();
  EXPECT_EQ(Parts(Name("acme", "dana")), Count(0, 2));
  EXPECT_EQ(Parts(Name("beta", "dana"), "beta"), Count(0, 2));
}

TEST_F(EraserTest, AfterACrashHalfWayTheRestIsDone) {
  Register(Name("acme", "dana"));
  Comment(Name("acme", "dana"));
  const uint64_t erased = Erase(Name("acme", "dana"));
  engine_.Refuse({OffsetOf("acme", erased - 1)});  // The comment: the key is destroyed, one of two records redacted.
  NewEraser().reset();
  EXPECT_EQ(Parts(Name("acme", "dana")), Count(1, 3));
  EXPECT_TRUE(absl::IsNotFound(node_.keys->Find(Name("acme", "dana")).status()));
  engine_.Refuse({});
  NewEraser().reset();
  EXPECT_EQ(Parts(Name("acme", "dana")), Count(0, 3));
}

TEST_F(EraserTest, WhatIsDoneIsNotDoneAgain) {
  Register(Name("acme", "dana"));
  Erase(Name("acme", "dana"));
  NewEraser().reset();
  const int redactions = engine_.redactions();
  EXPECT_GT(redactions, 0);
  std::string row;
  ASSERT_TRUE(node_.snapshots
                  ->Scan("eraser/", "eraser0",
                         [&](std::string_view, std::string_view value) {
                           row = value;
                           return true;
                         })
                  .ok());
  ASSERT_EQ(row.size(), 8u);
  EXPECT_EQ(ParseOrdered(row), node_.log->NextOffset(ShardId{0}));
  // Where it was forgotten how far the log was followed, doing it again changes nothing.
  node_.pipeline.reset();
  node_.snapshots = NewMemoryKvStore();
  NewEraser().reset();
  EXPECT_EQ(engine_.redactions(), redactions);
  EXPECT_EQ(Parts(Name("acme", "dana")), Count(0, 2));
}

TEST_F(EraserTest, TriesAgainAndHoldsUpNoOtherLedger) {
  Register(Name("acme", "dana"));
  Register(Name("beta", "eli"));
  engine_.Refuse({OffsetOf("acme", Entries().back().sequence())});
  const auto eraser = NewEraser();
  const uint64_t stuck = Erase(Name("acme", "dana"));
  EXPECT_TRUE(absl::IsDeadlineExceeded(Await(*eraser, "acme", stuck, absl::Milliseconds(1))));
  EXPECT_EQ(eraser->pending(), 1u);
  EXPECT_TRUE(eraser->failing());
  EXPECT_TRUE(absl::IsNotFound(node_.keys->Find(Name("acme", "dana")).status()));  // At least.

  Erase(Name("beta", "eli"));
  EXPECT_TRUE(WaitUntil([&] { return Parts(Name("beta", "eli"), "beta") == Count(0, 2); }));
  EXPECT_EQ(Parts(Name("acme", "dana")), Count(2, 2));

  engine_.Refuse({});
  EXPECT_TRUE(Await(*eraser, "acme", stuck).ok());
  EXPECT_EQ(Parts(Name("acme", "dana")), Count(0, 2));
  EXPECT_FALSE(eraser->failing());
}

TEST_F(EraserTest, WhoeverWaitsIsToldThatItEnds) {
  Register(Name("acme", "dana"));
  engine_.Refuse({OffsetOf("acme", Entries().back().sequence())});
  const auto eraser = NewEraser();
  std::promise<absl::Status> told;
  eraser->WhenErased(LedgerId("acme"), Erase(Name("acme", "dana")), absl::Minutes(1),
                     [&](absl::Status status) { told.set_value(status); });
  eraser->Stop();
  EXPECT_EQ(ReasonOf(told.get_future().get()), v1::REASON_DRAINING);
  EXPECT_EQ(ReasonOf(Await(*eraser, "acme", 0)), v1::REASON_DRAINING);
}

}  // namespace
}  // namespace parley::test
