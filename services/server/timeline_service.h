// gRPC for the timeline.
#pragma once

#include "parley/v1/timeline.grpc.pb.h"
#include "services/server/calls.h"
#include "services/server/watch.h"

namespace parley {

class TimelineServiceImpl final : public v1::TimelineService::CallbackService {
 public:
  TimelineServiceImpl(Calls& calls, OpenStreams& watches) : calls_(calls), watches_(watches) {}

  PARLEY_QUERY(ListTimelineEntries)
  grpc::ServerWriteReactor<v1::WatchTimelineResponse>* WatchTimeline(grpc::CallbackServerContext* context,
                                                                     const v1::WatchTimelineRequest* request) override {
    return StartWatch(context, request, calls_, watches_);
  }

 private:
  Calls& calls_;
  OpenStreams& watches_;
};

}  // namespace parley
