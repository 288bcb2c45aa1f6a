// Time in the hands of a client: for the demo and for tests, on loopback only.
#pragma once

#include "eventstore/base/clock.h"
#include "parley/v1/development.grpc.pb.h"
#include "services/command/pipeline.h"

namespace parley {

class DevelopmentServiceImpl final : public v1::DevelopmentService::CallbackService {
 public:
  DevelopmentServiceImpl(ManualClock* clock, CommandPipeline* pipeline) : clock_(clock), pipeline_(pipeline) {}

  grpc::ServerUnaryReactor* GetClock(grpc::CallbackServerContext* context, const v1::GetClockRequest* request,
                                     v1::GetClockResponse* response) override;
  grpc::ServerUnaryReactor* AdvanceClock(grpc::CallbackServerContext* context, const v1::AdvanceClockRequest* request,
                                         v1::AdvanceClockResponse* response) override;

 private:
  ManualClock* const clock_;
  CommandPipeline* const pipeline_;
};

}  // namespace parley
