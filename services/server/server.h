// A whole server: store, log, pipeline, read models, gRPC. parleyd is this and a signal handler; tests start it in-process.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/server/options.h"

namespace parley {

class Server {
 public:
  // Serves when it returns. Errors say what is wrong with the options, the directory or the address.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options);
  // Shuts down without waiting for calls under way.
  ~Server();

  int port() const;
  int metrics_port() const;  // 0: no endpoint.

  // Refuses new calls, gives those under way until `grace` is over, answers every command that was decided, flushes.
  void Shutdown(absl::Duration grace);

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace parley
