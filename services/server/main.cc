// parleyd: the server.
#include <pthread.h>
#include <signal.h>

#include <iostream>

#include "absl/synchronization/mutex.h"
#include "services/server/fsck.h"
#include "services/server/log.h"
#include "services/server/options.h"
#include "services/server/server.h"

namespace {

// Runs until SIGTERM or SIGINT, which every other thread has blocked.
int Serve(const parley::ServerOptions& options) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  auto server = parley::Server::Start(options);
  if (!server.ok()) {
    std::cerr << "parleyd: " << server.status().message() << "\n";
    return 1;
  }
  parley::Log(
      parley::LogLevel::kInfo, "serving",
      {{"port", std::to_string((*server)->port())}, {"metrics_port", std::to_string((*server)->metrics_port())}});
  int signal = 0;
  sigwait(&signals, &signal);
  parley::Log(parley::LogLevel::kInfo, "draining", {{"signal", std::to_string(signal)}});
  (*server)->Shutdown(absl::Seconds(options.drain_seconds));
  parley::Log(parley::LogLevel::kInfo, "stopped");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  // Debian builds Abseil with its search for deadlocks at each lock, all threads in turn, and gRPC locks a lot. Tests that run a server
  // in their own process keep it.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  const parley::ParsedCommandLine parsed = parley::ParseCommandLine(argc, argv);
  parley::SetLogLevel(parsed.options.log_level);
  switch (parsed.action) {
    case parley::ServerAction::kExit:
      return parsed.exit_code;
    case parley::ServerAction::kServe:
      return Serve(parsed.options);
    case parley::ServerAction::kFsck: {
      const auto clean = parley::RunFsck(parsed.options.data_dir);
      if (!clean.ok()) {
        std::cerr << "parleyd fsck: " << clean.status().message() << "\n";
        return 2;
      }
      return *clean ? 0 : 1;
    }
  }
}
