// Consistency tokens.
#include "services/query/consistency.h"

#include "eventstore/base/status.h"
#include "parley/v1/audit.pb.h"
#include "services/query/base64url.h"
#include "tests/query/query_fixture.h"

namespace parley::test {
namespace {

class ConsistencyTest : public QueryTest {
 protected:
  v1::GetDecisionRequest With(const std::string& token, const std::string& name = InAcme("decisions/d1")) {
    v1::GetDecisionRequest request;
    request.set_name(name);
    request.set_consistency_token(token);
    return request;
  }
  v1::Reason Refusal(const std::string& token) { return ReasonOf(Await(With(token))); }
};

TEST_F(ConsistencyTest, WhatATokenTellsOfIsSeen) {
  World world;
  Chartered(world);
  Publish(world);
  for (int i = 0; i < 50; ++i) {
    const std::string title = "version " + std::to_string(i);
    const uint64_t sequence = log_.Propose("acme", "d1", title);
    const auto request = With(queries_->ConsistencyToken(LedgerId("acme"), sequence));
    ASSERT_TRUE(Await(request).ok());
    EXPECT_EQ(Ask<v1::GetDecisionResponse>("bea", request)->decision().title(), title);
  }
  EXPECT_TRUE(Await(With("")).ok());
}

TEST_F(ConsistencyTest, WhatIsRecordedIsSeenWithoutATokenToo) {
  World world;
  Chartered(world);
  Publish(world);
  int seen = 0;
  for (int i = 0; i < 50; ++i) {
    const std::string title = "version " + std::to_string(i);
    log_.Propose("acme", "d1", title);
    const absl::Duration start = Monotonic();
    ASSERT_TRUE(Await(With("")).ok());
    if (Monotonic() - start > absl::Seconds(1)) continue;  // Nobody waits for ever.
    ++seen;
    EXPECT_EQ(Ask<v1::GetDecisionResponse>("bea", With(""))->decision().title(), title);
  }
  EXPECT_GT(seen, 0);
}

TEST_F(ConsistencyTest, NobodyElseLearnsHowLongAHistoryIs) {
  World world;
  Chartered(world);
  Publish(world);
  const auto next = log_.log().NextSequence(LedgerId("acme"));
  ASSERT_TRUE(next.ok());
  for (const uint64_t sequence : {*next - 1, *next}) {
    v1::ListRelationshipsRequest list;
    list.set_consistency_token(EncodeConsistencyToken(LedgerId("acme"), sequence, "one"));
    EXPECT_TRUE(Await(list, absl::Seconds(30), "mallory").ok());
    EXPECT_EQ(Await(list).ok(), sequence < *next);
  }
}

TEST_F(ConsistencyTest, TokensOfOtherHistoriesAreRefused) {
  World world;
  Chartered(world);
  Publish(world);
  const uint64_t sequence = log_.Propose("acme", "d1");
  log_.Propose("beta", "d1");
  const LedgerId acme("acme");
  EXPECT_EQ(Refusal(EncodeConsistencyToken(acme, sequence, "one")), v1::REASON_UNSPECIFIED);
  EXPECT_EQ(Refusal(EncodeConsistencyToken(acme, sequence, "two")), v1::REASON_CONSISTENCY_TOKEN_INVALID);
  EXPECT_EQ(Refusal(EncodeConsistencyToken(acme, sequence + 1, "one")), v1::REASON_CONSISTENCY_TOKEN_INVALID);
  EXPECT_EQ(Refusal(EncodeConsistencyToken(LedgerId("beta"), 0, "one")), v1::REASON_CONSISTENCY_TOKEN_INVALID);
  for (const char* text : {"x", "!!!!", "AAAA", "="}) {
    EXPECT_EQ(Refusal(text), v1::REASON_CONSISTENCY_TOKEN_INVALID) << text;
  }
  // A request that is about no relationship takes a token of any.
  v1::ListRelationshipsRequest list;
  list.set_consistency_token(EncodeConsistencyToken(LedgerId("beta"), 0, "one"));
  EXPECT_TRUE(Await(list).ok());
}

// Holds the runner up for as long as it lives.
class StalledStore : public KvStore {
 public:
  explicit StalledStore(KvStore& store) : store_(store) {}
  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const override { return store_.Get(key); }
  absl::Status Scan(std::string_view from, std::string_view to,
                    const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    return store_.Scan(from, to, visit);
  }
  absl::Status ScanReverse(std::string_view from, std::string_view to,
                           const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    return store_.ScanReverse(from, to, visit);
  }
  absl::Status Write(const KvBatch& batch) override {
    return stalled ? absl::UnavailableError("stalled") : store_.Write(batch);
  }
  absl::Status DeleteRange(std::string_view from, std::string_view to) override { return store_.DeleteRange(from, to); }
  absl::Status Flush() override { return store_.Flush(); }
  std::unique_ptr<KvReader> Snapshot() const override { return store_.Snapshot(); }
  std::atomic<bool> stalled{false};

 private:
  KvStore& store_;
};

TEST_F(ConsistencyTest, AReadModelThatIsTooSlowIsSaidToBe) {
  const auto plain = NewMemoryKvStore();
  StalledStore store(*plain);
  const auto runner = Runner::Start({.log = &log_.log(), .store = &store, .projections = AllProjections()});
  ASSERT_TRUE(runner.ok());
  store.stalled = true;
  const uint64_t sequence = log_.Propose("acme", "d1");
  v1::ConsistencyToken token;
  token.set_ledger("acme");
  token.set_sequence(sequence);
  const auto waiter = std::make_unique<TokenWaiter>(**runner);
  std::promise<absl::Status> soon, never, late;
  waiter->Wait(token, {"resources", "membership"}, absl::Seconds(30), [&](absl::Status s) { late.set_value(s); });
  waiter->Wait(token, {"resources"}, absl::Milliseconds(20), [&](absl::Status s) { soon.set_value(s); });
  EXPECT_EQ(ReasonOf(soon.get_future().get()), v1::REASON_READ_MODEL_BEHIND);
  store.stalled = false;
  EXPECT_TRUE(late.get_future().get().ok());
  token.set_sequence(sequence + 10);
  waiter->Wait(token, {"resources"}, absl::Seconds(30), [&](absl::Status s) { never.set_value(s); });
  const_cast<std::unique_ptr<TokenWaiter>&>(waiter).reset();
  EXPECT_EQ(ReasonOf(never.get_future().get()), v1::REASON_READ_MODEL_BEHIND);
}

class SlowReadModelTest : public ConsistencyTest {
 protected:
  SlowReadModelTest() {
    queries_.reset();
    runner_.reset();
    runner_ = *Runner::Start({.log = &log_.log(), .store = &stalled_, .projections = AllProjections()});
    queries_ = std::make_unique<Queries>(Options());
  }
  ~SlowReadModelTest() override {  // Before the store that they write to.
    stalled_.stalled = false;
    queries_.reset();
    runner_.reset();
  }

  StalledStore stalled_{*store_};
};

TEST_F(SlowReadModelTest, WhileMembershipIsBehindNobodyLearnsHowLongAHistoryIs) {
  World world;
  Chartered(world);
  Publish(world);
  stalled_.stalled = true;
  const uint64_t last = log_.Propose("acme", "d1");
  const auto awaited = [&](uint64_t sequence, const std::string& who) {
    return Await(With(queries_->ConsistencyToken(LedgerId("acme"), sequence)), absl::Milliseconds(20), who);
  };
  for (const uint64_t sequence : {last, last + 1, last + 1'000'000}) {
    for (const char* who : {"bea", "mallory"}) {
      const absl::Status behind = awaited(sequence, who);
      EXPECT_EQ(ReasonOf(behind), v1::REASON_READ_MODEL_BEHIND);
      google::rpc::ErrorInfo info;
      ASSERT_TRUE(ToRpcStatus(behind).details(0).UnpackTo(&info));
      EXPECT_EQ(info.metadata().at("sequence"), std::to_string(sequence)) << "not of the end";
    }
  }
  stalled_.stalled = false;
  ASSERT_TRUE(WaitUntilCaughtUp(*runner_, log_));
  EXPECT_TRUE(awaited(last + 1, "mallory").ok()) << "and then it does not exist";
  EXPECT_EQ(ReasonOf(awaited(last + 1, "bea")), v1::REASON_CONSISTENCY_TOKEN_INVALID);
}

// As when the rows that were waited for were replaced by others.
TEST_F(SlowReadModelTest, AnAnswerThatLacksWhatItsTokenSaysIsNone) {
  World world;
  Chartered(world);
  Decided(world, "d1");
  Publish(world);
  stalled_.stalled = true;
  log_.Propose("acme", "d1", "another title");
  const uint64_t sequence = log_.Propose("acme", "d2", "a new one");
  for (const char* decision : {"decisions/d1", "decisions/d2"}) {
    const auto request = With(queries_->ConsistencyToken(LedgerId("acme"), sequence), InAcme(decision));
    EXPECT_EQ(ReasonOf(Ask<v1::GetDecisionResponse>("bea", request).status()), v1::REASON_READ_MODEL_BEHIND);
  }
  stalled_.stalled = false;
  const auto request = With(queries_->ConsistencyToken(LedgerId("acme"), sequence), InAcme("decisions/d2"));
  ASSERT_TRUE(Await(request).ok());
  EXPECT_EQ(Ask<v1::GetDecisionResponse>("bea", request)->decision().title(), "a new one");
  EXPECT_EQ(ReasonOf(Ask<v1::GetDecisionResponse>("mallory", request).status()), v1::REASON_NOT_FOUND);
}

// Refuses every decision.
class Refusing final : public Projection {
 public:
  std::string name() const override { return "refusing"; }
  uint32_t version() const override { return 1; }
  absl::Status Apply(const RecordedEvent&, Rows&) const override { return absl::InternalError("cannot stomach it"); }
};

TEST_F(ConsistencyTest, WhatHasStoppedMayBePassedOver) {
  const Refusing refusing;
  std::vector<const Projection*> models = AllProjections();
  models.push_back(&refusing);
  const auto store = NewMemoryKvStore();
  const auto runner = Runner::Start({.log = &log_.log(), .store = store.get(), .projections = models});
  ASSERT_TRUE(runner.ok());
  TokenWaiter waiter(**runner);
  const auto wait = [&](uint64_t sequence, TokenWaiter::IfStopped if_stopped) {
    v1::ConsistencyToken token;
    token.set_ledger("acme");
    token.set_sequence(sequence);
    std::promise<absl::Status> done;
    waiter.Wait(
        token, {"refusing", "resources"}, absl::Seconds(30), [&](absl::Status s) { done.set_value(std::move(s)); },
        if_stopped);
    return done.get_future().get();
  };
  EXPECT_EQ(ReasonOf(wait(log_.Propose("acme", "d1"), TokenWaiter::IfStopped::kFail)), v1::REASON_PROJECTION_STOPPED);
  for (int i = 0; i < 20; ++i) {
    const uint64_t sequence = log_.Propose("acme", "d1");
    EXPECT_TRUE(wait(sequence, TokenWaiter::IfStopped::kPassOver).ok());
    EXPECT_GT(ReadView(*store).NextSequence("resources", LedgerId("acme")).value(), sequence);
  }
}

TEST_F(SlowReadModelTest, WithoutATokenASlowReadModelIsReadAsItIs) {
  World world;
  Chartered(world);
  Decided(world, "d1");
  Publish(world);
  const std::string before = Ask<v1::GetDecisionResponse>("bea", With(""))->decision().title();
  stalled_.stalled = true;
  log_.Propose("acme", "d1", before + ", once more");
  EXPECT_TRUE(Await(With(""), absl::Milliseconds(20)).ok());
  EXPECT_EQ(Ask<v1::GetDecisionResponse>("bea", With(""))->decision().title(), before);
}

// The proof's requests take none.
TEST_F(SlowReadModelTest, WithoutATokenItIsWaitedForAWhile) {
  World world;
  Chartered(world);
  Publish(world);
  v1::GetCheckpointRequest checkpoint;
  checkpoint.set_name("relationships/acme");
  const v1::GetDecisionRequest decision = With("");
  for (const google::protobuf::Message* request : {static_cast<const google::protobuf::Message*>(&checkpoint),
                                                   static_cast<const google::protobuf::Message*>(&decision)}) {
    stalled_.stalled = true;
    const uint64_t sequence = log_.Propose("acme", "d1");
    const absl::Duration start = Monotonic();
    std::promise<absl::Status> done;
    queries_->Await({"bea"}, *request, absl::Minutes(1), [&](absl::Status s) { done.set_value(std::move(s)); });
    auto awaited = done.get_future();
    const auto folded = [&] {
      return ReadView(runner_->written()).NextSequence("resources", LedgerId("acme")).value();
    };
    EXPECT_LE(folded(), sequence);
    stalled_.stalled = false;
    EXPECT_TRUE(awaited.get().ok());
    EXPECT_TRUE(folded() > sequence || Monotonic() - start > absl::Seconds(1)) << "it did not wait";
  }
}

TEST_F(ConsistencyTest, ALedgerThatStoppedIsSaidToHave) {
  World world;
  Chartered(world);
  Decided(world, "d1");
  Publish(world);
  const uint64_t sequence = log_.AddUnknown("acme");
  ASSERT_TRUE(WaitUntilCaughtUp(*runner_, log_));
  const auto request = With(queries_->ConsistencyToken(LedgerId("acme"), sequence));
  EXPECT_EQ(ReasonOf(Await(request)), v1::REASON_PROJECTION_STOPPED);
  EXPECT_EQ(ReasonOf(Ask<v1::GetDecisionResponse>("bea", request).status()), v1::REASON_PROJECTION_STOPPED);
  EXPECT_EQ(ReasonOf(Ask<v1::GetDecisionResponse>("mallory", request).status()), v1::REASON_NOT_FOUND);
  EXPECT_TRUE(Await(request, absl::Seconds(30), "mallory").ok()) << "nothing of it is told to strangers";
}

}  // namespace
}  // namespace parley::test
