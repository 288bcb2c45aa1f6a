// gRPC for the timeline.
#pragma once

#include "parley/v1/timeline.grpc.pb.h"
#include "services/server/calls.h"
#include "services/server/watch.h"

namespace parley {

class TimelineServiceImpl final : public v1::TimelineService::CallbackService {
 public:
  TimelineServiceImpl(Calls& calls, Watches& watches) : calls_(calls), watches_(watches) {}

  PARLEY_QUERY(ListTimelineEntries)
  grpc::ServerWriteReactor<v1::WatchTimelineResponse>* WatchTimeline(grpc::CallbackServerContext* context,
                                                                     const v1::WatchTimelineRequest* request) override {
    return watches_.Start(context, request, calls_);
  }

 private:
  Calls& calls_;
  Watches& watches_;
};

}  // namespace parley
