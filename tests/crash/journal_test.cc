// The journal notices what it is for: a check that cannot fail proves nothing.
#include "tests/crash/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "absl/strings/escaping.h"
#include "eventstore/base/status.h"
#include "eventstore/entry.h"
#include "eventstore/kv_memory.h"
#include "eventstore/log_store.h"
#include "eventstore/memory_engine.h"

namespace parley::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kD1[] = "relationships/acme/decisions/d1";

// A log in memory with whatever commits a test puts there.
class TestLog {
 public:
  TestLog() : log_(OpenLogStore({.engine = engine_.get(), .index = index_.get()}).value()) {}

  void Commit(const std::string& request_id, const std::vector<std::string>& events, const std::string& stream = kD1) {
    parley::Commit commit{.ledger = LedgerId("acme"), .generation = log_->generation()};
    uint64_t sequence = log_->NextSequence(commit.ledger).value();
    for (const std::string& event : events) {
      NewEntry entry{
          .ledger = commit.ledger, .sequence = sequence++, .recorded_at = absl::FromUnixSeconds(1'767'225'600)};
      entry.record.set_stream(stream);
      entry.record.set_event_type(event);
      entry.record.set_actor("pat");
      entry.record.set_request_id(request_id);
      commit.entries.push_back(EncodeEntry(entry, random_));
    }
    std::promise<absl::Status> appended;
    log_->Append(std::move(commit), [&](const auto& result) { appended.set_value(result.status()); });
    ASSERT_TRUE(appended.get_future().get().ok());
  }
  const EventLog& log() const { return *log_; }

 private:
  SeededRandom random_{1};
  std::unique_ptr<MemoryEngine> engine_ = NewMemoryEngine();
  std::unique_ptr<KvStore> index_ = NewMemoryKvStore();
  std::unique_ptr<EventLog> log_;
};

Step MakeStep(const std::string& request_id, std::vector<std::string> events, std::set<v1::Reason> refusals = {}) {
  return {.ledger = "acme",
          .principal = "pat",
          .request_id = request_id,
          .resource = kD1,
          .events = std::move(events),
          .refusals = std::move(refusals)};
}

Reply Ok(uint64_t sequence, uint64_t etag) {
  v1::ConsistencyToken token;
  token.set_ledger("acme");
  token.set_sequence(sequence);
  return {.name = kD1, .etag = std::to_string(etag), .token = absl::WebSafeBase64Escape(token.SerializeAsString())};
}

Reply Refused(Reject reject) {
  const absl::Status status = std::move(reject);
  return {.status = grpc::Status(static_cast<grpc::StatusCode>(status.code()), std::string(status.message()),
                                 ToRpcStatus(status).SerializeAsString())};
}

Reply Broken() { return {.status = grpc::Status(grpc::StatusCode::UNAVAILABLE, "socket closed")}; }

class JournalTest : public testing::Test {
 protected:
  void Tell(const Step& step, const Reply& reply) {
    journal_.Sending(step);
    journal_.Received(step, reply);
  }
  std::vector<std::string> Wrong() { return journal_.Check(log_.log()); }

  TestLog log_;
  Journal journal_;
};

TEST_F(JournalTest, WhatIsTrueIsNotWrong) {
  log_.Commit("r1", {"decision.proposed"});
  log_.Commit("r2", {"decision.superseded", "decision.supersedes"});
  log_.Commit("r3", {"decision.decided"});
  Tell(MakeStep("r1", {"decision.proposed"}), Ok(0, 0));
  Tell(MakeStep("r1", {"decision.proposed"}), Ok(0, 0));
  Tell(MakeStep("r2", {"decision.superseded", "decision.supersedes"}), Ok(2, 2));
  Tell(MakeStep("r3", {"decision.decided"}), Broken());
  Tell(MakeStep("r4", {"decision.proposed"}), Broken());
  Tell(MakeStep("r5", {"decision.proposed"}, {v1::REASON_ALREADY_EXISTS}),
       Refused(Reject(v1::REASON_ALREADY_EXISTS, "").With("resource", kD1)));
  Tell(MakeStep("r6", {"decision.decided"}, {v1::REASON_WRONG_STATE}),
       Refused(Reject(v1::REASON_WRONG_STATE, "").With("state", "DECISION_STATE_DECIDED")));
  EXPECT_THAT(Wrong(), IsEmpty());
  ASSERT_EQ(journal_.Unsettled().size(), 2u);
  EXPECT_EQ(journal_.Unsettled()[1].request_id, "r4");
}

TEST_F(JournalTest, ALostCommandIsWrong) {
  log_.Commit("r1", {"decision.proposed"});
  Tell(MakeStep("r1", {"decision.proposed"}), Ok(0, 0));
  Tell(MakeStep("r2", {"decision.decided"}), Ok(1, 1));
  EXPECT_THAT(Wrong(), Contains(HasSubstr("r2 (decision.decided) was acknowledged and is gone")));
  EXPECT_THAT(Wrong(), Contains(HasSubstr("had 2 entries")));
}

TEST_F(JournalTest, AnotherPlaceIsWrong) {
  log_.Commit("r1", {"decision.proposed"});
  Tell(MakeStep("r1", {"decision.proposed"}), Ok(0, 1));
  EXPECT_THAT(Wrong(), Contains(HasSubstr("etag 1")));
  Tell(MakeStep("r1", {"decision.proposed"}), Ok(1, 1));
  EXPECT_THAT(Wrong(), Contains(HasSubstr("then as")));
}

TEST_F(JournalTest, HalfACommitIsWrong) {
  log_.Commit("r1", {"decision.superseded"});
  Tell(MakeStep("r1", {"decision.superseded", "decision.supersedes"}), Broken());
  EXPECT_THAT(Wrong(), Contains(HasSubstr("not whole")));
}

TEST_F(JournalTest, TwiceIsWrong) {
  log_.Commit("r1", {"decision.input_given"});
  log_.Commit("r2", {"decision.input_given"});
  log_.Commit("r1", {"decision.input_given"});
  Tell(MakeStep("r1", {"decision.input_given"}), Broken());
  Tell(MakeStep("r2", {"decision.input_given"}), Broken());
  EXPECT_THAT(Wrong(), Contains(HasSubstr("r1 twice")));
}

TEST_F(JournalTest, WhatWasRefusedOrNeverSentMustNotBeThere) {
  log_.Commit("r1", {"decision.proposed"});
  log_.Commit("r2", {"decision.decided"});
  Tell(MakeStep("r1", {"decision.proposed"}, {v1::REASON_ALREADY_EXISTS}),
       Refused(Reject(v1::REASON_ALREADY_EXISTS, "").With("resource", kD1)));
  EXPECT_THAT(Wrong(), Contains(HasSubstr("is there, and was refused")));
  EXPECT_THAT(Wrong(), Contains(HasSubstr("r2 is there, and nobody sent it")));
}

TEST_F(JournalTest, RefusalsThatSpokeOfWhatIsNotThereAreWrong) {
  Tell(MakeStep("r1", {"decision.proposed"}, {v1::REASON_ALREADY_EXISTS}),
       Refused(Reject(v1::REASON_ALREADY_EXISTS, "").With("resource", kD1)));
  Tell(MakeStep("r2", {"decision.decided"}, {v1::REASON_WRONG_STATE}),
       Refused(Reject(v1::REASON_WRONG_STATE, "").With("state", "DECISION_STATE_DECIDED")));
  Tell(MakeStep("r3", {"decision.input_given"}, {v1::REASON_ETAG_MISMATCH}),
       Refused(Reject(v1::REASON_ETAG_MISMATCH, "").With("etag", "7")));
  Tell(MakeStep("r4", {}, {v1::REASON_REQUEST_ID_REUSED}),
       Refused(Reject(v1::REASON_REQUEST_ID_REUSED, "").With("request_id", "r4")));
  const auto wrong = Wrong();
  EXPECT_THAT(wrong, Contains(HasSubstr("said to exist")));
  EXPECT_THAT(wrong, Contains(HasSubstr("said to be decided")));
  EXPECT_THAT(wrong, Contains(HasSubstr("said to be at 7")));
  EXPECT_THAT(wrong, Contains(HasSubstr("said to be used")));
}

TEST_F(JournalTest, ARefusalThatTheLoadDoesNotExpectIsWrong) {
  Tell(MakeStep("r1", {"decision.proposed"}), Refused(Reject(v1::REASON_NOT_FOUND, "no such thing")));
  EXPECT_THAT(Wrong(), Contains(HasSubstr("no such thing")));
}

}  // namespace
}  // namespace parley::test
