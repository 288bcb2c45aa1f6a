// Server-streaming of a relationship's timeline.
#pragma once

#include <grpcpp/grpcpp.h>

#include <map>
#include <memory>
#include <mutex>

#include "absl/status/status.h"
#include "parley/v1/timeline.pb.h"
#include "services/server/calls.h"

namespace parley {

class Watch;

// The watches under way, so that a server that shuts down need not wait for them. Thread-safe.
class Watches {
 public:
  // At most `max` at a time; more get OVERLOADED.
  explicit Watches(size_t max) : max_(max) {}

  // Starts one; gRPC keeps what it returns until the stream is over.
  grpc::ServerWriteReactor<v1::WatchTimelineResponse>* Start(grpc::CallbackServerContext* context,
                                                             const v1::WatchTimelineRequest* request, Calls& calls);
  // Ends all of them, and every later one, with `status`.
  void EndAll(const absl::Status& status);
  size_t count() const;

 private:
  friend class Watch;
  void Forget(const Watch* watch);

  const size_t max_;
  mutable std::mutex mu_;
  std::map<const Watch*, std::weak_ptr<Watch>> open_;
  absl::Status ended_;
};

}  // namespace parley
