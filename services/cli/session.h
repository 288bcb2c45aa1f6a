// What every command has at hand.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <istream>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/cli/api.h"
#include "services/cli/client.h"
#include "services/cli/errors.h"
#include "services/cli/screen.h"

namespace parley {

// Where input comes from and output goes.
struct Streams {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  int width = 0;  // Of the terminal; 0: unknown.
};

class Session {
 public:
  Session(const Api& api, const Streams& streams) : api(api), streams(streams) {}

  const Api& api;
  const Streams streams;
  ClientOptions options;  // Settled before a command runs.
  bool json = false;
  Screen screen;      // Of standard output.
  Screen err_screen;  // Of standard error.

  // Connects on first use.
  Client& client();
  // Calls and prints what went wrong; true where nothing did. Sets `exit_code` otherwise.
  bool Call(const google::protobuf::MethodDescriptor& method, const google::protobuf::Message& request,
            google::protobuf::Message* response, int* exit_code);
  // Prints a failed call; the exit code.
  int Fail(const grpc::Status& status, const std::string& request_id = "");
  // Prints what is wrong with the command line, or with what it names; the exit code.
  int Misused(const absl::Status& status);
  // Prints what went wrong on this machine: files, disks, what was found in them; the exit code.
  int FailHere(const absl::Status& status);

 private:
  std::unique_ptr<Client> client_;
};

// What to do, once the command line is understood; the program's exit code.
using Action = std::function<int()>;

// Adds commands to `app`. One that is chosen puts what it does into `action`. Whatever it refers to must outlive `app`.
void AddServiceCommands(CLI::App& app, Session& session, Action& action);
// The RPCs of one service (its noun: "audit"), as AddServiceCommands has them, below a command that is made for people; those that it
// has a command for already, and `except`, are left out.
void AddServiceVerbs(CLI::App& command, const std::string& noun, const std::vector<std::string>& except,
                     Session& session, Action& action);
void AddDashboardCommands(CLI::App& app, Session& session, Action& action);
void AddTimelineCommands(CLI::App& app, Session& session, Action& action);
void AddImportCommands(CLI::App& app, Session& session, Action& action);
void AddDemoCommand(CLI::App& app, Session& session, Action& action);
void AddAdminCommands(CLI::App& app, Session& session, Action& action);
void AddAuditCommands(CLI::App& app, Session& session, Action& action);
void AddCosignCommand(CLI::App& app, Session& session, Action& action);

}  // namespace parley
