#include "services/server/development_service.h"

#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "services/server/calls.h"

namespace parley {

grpc::ServerUnaryReactor* DevelopmentServiceImpl::GetClock(grpc::CallbackServerContext* context,
                                                           const v1::GetClockRequest*, v1::GetClockResponse* response) {
  auto* reactor = context->DefaultReactor();
  *response->mutable_time() = ToProto(clock_->Now());
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

grpc::ServerUnaryReactor* DevelopmentServiceImpl::AdvanceClock(grpc::CallbackServerContext* context,
                                                               const v1::AdvanceClockRequest* request,
                                                               v1::AdvanceClockResponse* response) {
  auto* reactor = context->DefaultReactor();
  const absl::Time time = FromProto(request->time());
  if (time == absl::InfinitePast() || !clock_->AdvanceTo(time)) {
    reactor->Finish(ToGrpc(InvalidField("time", "must be a time not before " + Rfc3339(clock_->Now()))));
    return reactor;
  }
  *response->mutable_time() = request->time();
  pipeline_->SettleAllDeadlines([reactor](const absl::Status& status) { reactor->Finish(ToGrpc(status)); });
  return reactor;
}

}  // namespace parley
