// Server-streaming of a relationship's timeline.
#pragma once

#include "parley/v1/timeline.pb.h"
#include "services/server/pulled_stream.h"

namespace parley {

// Starts a watch; gRPC keeps what it returns until the stream is over.
grpc::ServerWriteReactor<v1::WatchTimelineResponse>* StartWatch(grpc::CallbackServerContext* context,
                                                                const v1::WatchTimelineRequest* request, Calls& calls,
                                                                OpenStreams& watches);

}  // namespace parley
