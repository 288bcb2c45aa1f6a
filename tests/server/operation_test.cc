// What whoever operates a server sees of it: health, reflection, metrics, draining, the clock of a development server.
#include <gmock/gmock.h>

#include <filesystem>
#include <thread>

#include "eventstore/base/clock.h"
#include "eventstore/base/proto_util.h"
#include "parley/v1/development.grpc.pb.h"
#include "parley/v1/timeline.grpc.pb.h"
#include "projections/runner.h"
#include "tests/server/raw_stream.h"
#include "tests/server/server_fixture.h"

namespace parley::test {
namespace {

using testing::HasSubstr;
using Development = v1::DevelopmentService::Stub;
using OperationTest = ServerTest;

// HealthCheckResponse{status}.
const std::string kServing = "\x08\x01";
const std::string kNotServing = "\x08\x02";

TEST_F(OperationTest, HealthFollowsTheDrain) {
  ASSERT_NO_FATAL_FAILURE(Start());
  RawStream check(channel_, "/grpc.health.v1.Health/Check");
  ASSERT_TRUE(check.Write(""));
  EXPECT_EQ(check.Read(), kServing);

  RawStream watch(channel_, "/grpc.health.v1.Health/Watch");
  ASSERT_TRUE(watch.Write(""));
  ASSERT_EQ(watch.Read(), kServing);
  std::thread drain([this] { server_->Shutdown(absl::Seconds(1)); });
  EXPECT_EQ(watch.Read(), kNotServing);
  drain.join();
  EXPECT_EQ(Propose("afterwards").error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(OperationTest, ADrainEndsWatchesAndDoesNotWaitForThem) {
  ASSERT_NO_FATAL_FAILURE(Start());
  v1::TimelineService::Stub stub(channel_);
  grpc::ClientContext context;
  context.AddMetadata("parley-principal", "bea");
  v1::WatchTimelineRequest request;
  request.set_parent("relationships/acme");
  const auto watch = stub.WatchTimeline(&context, request);
  v1::WatchTimelineResponse response;
  ASSERT_TRUE(watch->Read(&response));
  const absl::Duration start = Monotonic();
  std::thread drain([this] { server_->Shutdown(absl::Seconds(60)); });
  while (watch->Read(&response)) {
  }
  const grpc::Status ended = watch->Finish();
  drain.join();
  EXPECT_LT(Monotonic() - start, absl::Seconds(30));
  EXPECT_EQ(ended.error_code(), grpc::StatusCode::UNAVAILABLE) << ended.error_message();
  EXPECT_EQ(RefusalOf(ended), v1::REASON_DRAINING);
}

TEST_F(OperationTest, ReflectionListsEveryService) {
  ASSERT_NO_FATAL_FAILURE(Start());
  RawStream reflection(channel_, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo");
  ASSERT_TRUE(reflection.Write("\x3a\x01*"));  // ServerReflectionRequest{list_services: "*"}.
  const std::string services = reflection.Read().value_or("");
  // Whatever service the proto files define is offered, those for development aside.
  for (const google::protobuf::FileDescriptor* file :
       {v1::Relationship::descriptor()->file(), v1::Decision::descriptor()->file(),
        v1::Dispute::descriptor()->file()}) {
    for (int i = 0; i < file->service_count(); ++i) EXPECT_THAT(services, HasSubstr(file->service(i)->full_name()));
  }
  EXPECT_THAT(services, HasSubstr("parley.v1.ObjectiveService"));
  EXPECT_THAT(services, HasSubstr("parley.v1.MetricService"));
  EXPECT_THAT(services, HasSubstr("parley.v1.ActivityService"));
  EXPECT_THAT(services, HasSubstr("grpc.health.v1.Health"));
  EXPECT_THAT(services, testing::Not(HasSubstr("parley.v1.DevelopmentService")));
}

TEST_F(OperationTest, MetricsCountCallsAndShowHowFarReadModelsAre) {
  ServerOptions options = OptionsFor(dir_);
  options.metrics_listen = "127.0.0.1:0";
  ASSERT_NO_FATAL_FAILURE(Start(options));
  ASSERT_NE(server_->metrics_port(), 0);
  ASSERT_TRUE(Propose("d1").ok());
  ASSERT_TRUE(Propose("d2").ok());
  ASSERT_FALSE(Propose("d2").ok());
  const auto metrics = [this] { return HttpGet(server_->metrics_port(), "/metrics"); };
  std::string page = metrics();
  EXPECT_THAT(page, HasSubstr("parley_calls_total{code=\"0\",method=\"ProposeDecision\"} 2"));
  EXPECT_THAT(page, HasSubstr("parley_calls_total{code=\"6\",method=\"ProposeDecision\"} 1"));
  EXPECT_THAT(page, HasSubstr("parley_call_seconds_count{method=\"ProposeDecision\"} 3"));
  EXPECT_THAT(page, HasSubstr("parley_commands_queued 0"));
  EXPECT_THAT(page, HasSubstr("\nparley_projections_failing 0"));
  for (const Projection* projection : AllProjections()) {
    const std::string gauge = "{projection=\"" + projection->name() + "\"} 0";
    for (int i = 0; i < 1000 && page.find("parley_projection_entries_behind" + gauge) == std::string::npos; ++i) {
      page = metrics();
    }
    EXPECT_THAT(page, HasSubstr("parley_projection_entries_behind" + gauge));
    EXPECT_THAT(page, HasSubstr("parley_projection_ledgers_stopped" + gauge));
  }
}

TEST_F(OperationTest, WhatWasAnsweredIsThereAfterARestart) {
  ASSERT_NO_FATAL_FAILURE(Start());
  v1::ProposeDecisionResponse before;
  auto request = Proposal("d1");
  request.set_request_id("r1");
  ASSERT_TRUE(Call("pat", &Decisions::ProposeDecision, request, &before).ok());
  server_->Shutdown(absl::Seconds(5));
  server_.reset();
  auto again = Server::Start(OptionsFor(dir_));
  ASSERT_TRUE(again.ok()) << again.status();
  channel_ = Connect((*again)->port());
  v1::ProposeDecisionResponse after;
  ASSERT_TRUE(Call("pat", &Decisions::ProposeDecision, request, &after).ok());
  EXPECT_EQ(Canonical(after), Canonical(before));
}

TEST_F(OperationTest, ALogWithoutTheKeyItWasWrittenUnderIsNotServed) {
  ASSERT_NO_FATAL_FAILURE(Start());
  server_.reset();
  const std::string key = OptionsFor(dir_).data_dir + "/secrets/fingerprint.key";
  ASSERT_TRUE(std::filesystem::remove(key));
  const auto again = Server::Start(OptionsFor(dir_));
  EXPECT_EQ(again.status().code(), absl::StatusCode::kFailedPrecondition) << again.status();
  EXPECT_FALSE(std::filesystem::exists(key));
}

TEST_F(OperationTest, OnlyADevelopmentServerHandsOutItsClock) {
  ASSERT_NO_FATAL_FAILURE(Start());
  EXPECT_EQ(Call("bea", &Development::GetClock, v1::GetClockRequest()).error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(OperationTest, TheManualClockStandsStillUntilItIsMovedAndThenDeadlinesFallDue) {
  ServerOptions options = OptionsFor(dir_);
  options.manual_clock = "2026-01-01T00:00:00Z";
  ASSERT_NO_FATAL_FAILURE(Start(options));
  v1::GetClockResponse clock;
  ASSERT_TRUE(Call("bea", &Development::GetClock, v1::GetClockRequest(), &clock).ok());
  EXPECT_EQ(Rfc3339(FromProto(clock.time())), "2026-01-01T00:00:00Z");

  auto raise = Parse<v1::RaiseDisputeRequest>(
      "parent: 'relationships/acme' dispute_id: 'q1' type: DISPUTE_TYPE_SERVICE title: 'Slow'");
  ASSERT_TRUE(Call("bea", &Disputes::RaiseDispute, raise).ok());
  v1::AdvanceClockRequest advance;
  *advance.mutable_time() = ToProto(FromProto(clock.time()) + absl::Hours(24 * 4));
  ASSERT_TRUE(Call("bea", &Development::AdvanceClock, advance).ok());
  v1::AcknowledgeDisputeResponse acknowledged;
  ASSERT_TRUE(Call("pat", &Disputes::AcknowledgeDispute,
                   Parse<v1::AcknowledgeDisputeRequest>("name: 'relationships/acme/disputes/q1'"), &acknowledged)
                  .ok());
  EXPECT_TRUE(acknowledged.dispute().acknowledgement_window().has_expire_time());
  EXPECT_TRUE(acknowledged.dispute().acknowledgements(0).late());

  *advance.mutable_time() = clock.time();
  const grpc::Status back = Call("bea", &Development::AdvanceClock, advance);
  EXPECT_EQ(back.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(RefusalOf(back), v1::REASON_FIELD_INVALID);
}

}  // namespace
}  // namespace parley::test
