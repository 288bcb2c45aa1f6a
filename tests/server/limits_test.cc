// What a server does with too much: too large, too many, too late.
#include <gmock/gmock.h>

#include <condition_variable>
#include <deque>
#include <mutex>

#include "parley/v1/timeline.grpc.pb.h"
#include "tests/server/server_fixture.h"

namespace parley::test {
namespace {

using LimitsTest = ServerTest;

// Many calls at once, on one connection.
class Flood {
 public:
  explicit Flood(std::shared_ptr<grpc::Channel> channel) : stub_(std::move(channel)) {}
  ~Flood() { Await(calls_.size()); }

  grpc::ClientContext& Send(v1::ProposeDecisionRequest request) {
    Pending& call = calls_.emplace_back();
    call.request = std::move(request);
    call.context.AddMetadata("parley-principal", "pat");
    stub_.async()->ProposeDecision(&call.context, &call.request, &call.response, [this, &call](grpc::Status status) {
      std::lock_guard lock(mu_);
      call.status = std::move(status);
      ++answered_;
      some_answered_.notify_all();
    });
    return call.context;
  }
  // Waits until that many are answered.
  void Await(size_t count) {
    std::unique_lock lock(mu_);
    some_answered_.wait(lock, [&] { return answered_ >= count; });
  }
  size_t size() const { return calls_.size(); }
  // Once all are answered.
  const grpc::Status& status(size_t i) const { return calls_[i].status; }

 private:
  struct Pending {
    grpc::ClientContext context;
    v1::ProposeDecisionRequest request;
    v1::ProposeDecisionResponse response;
    grpc::Status status;
  };
  Decisions stub_;
  std::deque<Pending> calls_;
  std::mutex mu_;
  std::condition_variable some_answered_;
  size_t answered_ = 0;
};

TEST_F(LimitsTest, AMessageTooLargeIsRefusedAndTheServerGoesOn) {
  ServerOptions options = OptionsFor(dir_);
  options.max_message_kib = 64;
  ASSERT_NO_FATAL_FAILURE(Start(options));
  auto large = Proposal("large");
  for (int i = 0; i < 10; ++i) large.add_criteria(std::string(10'000, 'x'));
  EXPECT_EQ(Call("pat", &Decisions::ProposeDecision, large).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(Propose("small").ok());
}

TEST_F(LimitsTest, LoadThatIsTooMuchIsShed) {
  ServerOptions options = OptionsFor(dir_);
  options.max_queued_commands = 1;
  options.workers = 1;
  ASSERT_NO_FATAL_FAILURE(Start(options));
  int shed = 0;
  int accepted = 0;
  for (int round = 0; round < 50 && (shed == 0 || accepted == 0); ++round) {
    Flood flood(channel_);
    for (int i = 0; i < 200; ++i) flood.Send(Proposal("f" + std::to_string(round * 200 + i)));
    flood.Await(flood.size());
    for (size_t i = 0; i < flood.size(); ++i) {
      if (flood.status(i).ok()) {
        ++accepted;
      } else {
        ASSERT_EQ(flood.status(i).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
        ASSERT_EQ(RefusalOf(flood.status(i)), v1::REASON_OVERLOADED);
        ++shed;
      }
    }
  }
  EXPECT_GT(shed, 0);
  EXPECT_GT(accepted, 0);
  EXPECT_TRUE(Propose("afterwards").ok());
}

// More work than is done before what was given up behind it has its turn.
void Occupy(Flood& flood, int round) {
  for (int i = 0; i < 900; ++i) {  // Fewer than one connection may have under way.
    auto request = Proposal("f" + std::to_string(round) + "-" + std::to_string(i));
    request.set_title(std::string(1000, 'x'));
    flood.Send(std::move(request));
  }
}

// On a busy machine the server may be through with everything before the client gives up: then it is tried again.
constexpr int kTries = 20;

TEST_F(LimitsTest, ACallThatWasCancelledInTimeWritesNothing) {
  ASSERT_NO_FATAL_FAILURE(Start());
  bool in_time = false;
  for (int i = 0; i < kTries && !in_time; ++i) {
    const std::string id = "given-up-" + std::to_string(i);
    {
      Flood flood(channel_);
      Occupy(flood, i);
      grpc::ClientContext& context = flood.Send(Proposal(id));
      flood.Await(1);
      context.TryCancel();
      flood.Await(flood.size());
      EXPECT_TRUE(flood.status(0).ok());
      if (flood.status(flood.size() - 1).error_code() != grpc::StatusCode::CANCELLED) continue;
    }
    in_time = Propose(id).ok();
  }
  EXPECT_TRUE(in_time) << "the name must not be taken";
}

TEST_F(LimitsTest, ACallPastItsDeadlineWritesNothing) {
  ASSERT_NO_FATAL_FAILURE(Start());
  bool in_time = false;
  for (int i = 0; i < kTries && !in_time; ++i) {
    const std::string id = "too-late-" + std::to_string(i);
    {
      Flood flood(channel_);
      Occupy(flood, i);
      Decisions stub(channel_);
      grpc::ClientContext context;
      context.AddMetadata("parley-principal", "pat");
      context.set_deadline(gpr_time_from_millis(2, GPR_TIMESPAN));
      v1::ProposeDecisionResponse response;
      const grpc::Status status = stub.ProposeDecision(&context, Proposal(id), &response);
      if (status.error_code() != grpc::StatusCode::DEADLINE_EXCEEDED) continue;
    }
    in_time = Propose(id).ok();
  }
  EXPECT_TRUE(in_time) << "the name must not be taken";
}

// A timeline as a client watches it, until it goes away.
class Watching {
 public:
  explicit Watching(std::shared_ptr<grpc::Channel> channel) : stub_(std::move(channel)) {
    context_.AddMetadata("parley-principal", "pat");
    v1::WatchTimelineRequest request;
    request.set_parent("relationships/acme");
    reader_ = stub_.WatchTimeline(&context_, request);
  }
  ~Watching() { context_.TryCancel(); }
  bool Read() {
    v1::WatchTimelineResponse response;
    return reader_->Read(&response);
  }
  grpc::Status Finish() { return reader_->Finish(); }

 private:
  v1::TimelineService::Stub stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchTimelineResponse>> reader_;
};

TEST_F(LimitsTest, WatchesAreBoundedAndEndWithTheirClients) {
  ServerOptions options = OptionsFor(dir_);
  options.max_watches = 1;
  ASSERT_NO_FATAL_FAILURE(Start(options));
  {
    Watching first(channel_);
    ASSERT_TRUE(first.Read());
    Watching second(channel_);
    EXPECT_FALSE(second.Read());
    EXPECT_EQ(RefusalOf(second.Finish()), v1::REASON_OVERLOADED);
  }
  bool watched = false;
  for (int i = 0; i < 1000 && !watched; ++i) watched = Watching(channel_).Read();
  EXPECT_TRUE(watched) << "the first still counts, though its client has gone";
}

}  // namespace
}  // namespace parley::test
