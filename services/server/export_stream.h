// Server-streaming of bundles.
#pragma once

#include <grpcpp/grpcpp.h>

#include <map>
#include <memory>
#include <mutex>

#include "absl/status/status.h"
#include "parley/v1/audit.pb.h"
#include "services/audit/bundles.h"
#include "services/server/calls.h"

namespace parley {

class ExportStream;

// The exports under way, so that a server that shuts down need not wait for them. Thread-safe.
class ExportStreams {
 public:
  // At most `max` at a time; more get OVERLOADED.
  explicit ExportStreams(size_t max) : max_(max) {}

  // Starts one; gRPC keeps what it returns until the stream is over.
  grpc::ServerWriteReactor<v1::ExportBundleResponse>* Start(grpc::CallbackServerContext* context,
                                                            const v1::ExportBundleRequest* request, Calls& calls,
                                                            const Bundles& bundles);
  // Ends all of them, and every later one, with `status`.
  void EndAll(const absl::Status& status);
  size_t count() const;

 private:
  friend class ExportStream;
  void Forget(const ExportStream* stream);

  const size_t max_;
  mutable std::mutex mu_;
  std::map<const ExportStream*, std::weak_ptr<ExportStream>> open_;
  absl::Status ended_;
};

}  // namespace parley
