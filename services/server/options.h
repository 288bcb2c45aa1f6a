// How a server is set up: flags, and a file with the same names.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/server/log.h"

namespace parley {

struct ServerOptions {
  std::string data_dir;
  std::string listen = "127.0.0.1:7420";
  std::string metrics_listen = "127.0.0.1:7421";  // Empty: no metrics endpoint.
  std::string port_file;                          // Where the port is written once it listens; empty: nowhere.
  std::string manual_clock;                       // RFC 3339: start here and stand still; empty: the machine's clock.
  std::string log_domain = "parley.localhost";    // The first part of every log's origin.
  std::string notes_dir;               // Where the newest checkpoints are kept as files; empty: <data>/notes.
  int checkpoint_hours = 24;           // No entry stays without a checkpoint for longer; 0: only on demand.
  std::vector<std::string> operators;  // Handles of those who may call the AdminService.
  int workers = 2;
  int projection_partitions = 2;
  int cache_mib = 192;
  int max_message_kib = 4096;
  int max_queued_commands = 10'000;
  int query_threads = 2;
  int past_threads = 1;
  int max_queued_queries = 1'000;
  int max_watches = 1'000;
  int max_exports = 16;
  std::string timestamp_authority;  // http:// or https:// URL of an RFC 3161 authority; empty: none.
  int drain_seconds = 10;
  LogLevel log_level = LogLevel::kInfo;
};

enum class ServerAction { kServe, kFsck, kExit };

// What the command line asks for. kExit: help or an error was printed, leave with `exit_code`.
struct ParsedCommandLine {
  ServerAction action = ServerAction::kExit;
  int exit_code = 0;
  ServerOptions options;
};
ParsedCommandLine ParseCommandLine(int argc, char** argv);

// INVALID_ARGUMENT where options do not go together: the development identity and the manual clock are for loopback only.
absl::Status CheckOptions(const ServerOptions& options);

}  // namespace parley
