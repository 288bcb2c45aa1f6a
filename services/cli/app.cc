#include "services/cli/app.h"

#include <cstdlib>

#include "services/cli/field_text.h"

namespace parley {
namespace {

struct Globals {
  std::string output = "table";
  std::string color = "auto";
  std::string deadline = "30s";
};

constexpr char kFooter[] =
    "Resource names may leave out \"relationships/\": acme/decisions/d1.\n"
    "Times are RFC 3339 or dates, durations 36h or 30d, money \"GBP 1200.50\"; everything is in UTC.\n"
    "Exit status: 0 done, 1 refused, 2 the command line makes no sense, 3 unavailable: try again.\n";

void AddGlobals(CLI::App& app, Session& session, Globals& globals) {
  ClientOptions& options = session.options;
  const char* const group = "Everywhere";
  app.add_option("--server", options.server, "Where parleyd listens")
      ->envname("PARLEY_SERVER")
      ->capture_default_str()
      ->type_name("HOST:PORT")
      ->group(group);
  app.add_option("--as", options.principal, "Who you are: a handle")
      ->envname("PARLEY_PRINCIPAL")
      ->type_name("HANDLE")
      ->group(group);
  app.add_option("--party", options.party, "The party you act for, where you hold roles of several")
      ->envname("PARLEY_PARTY")
      ->type_name("ID")
      ->group(group);
  app.add_option("--on-behalf-of", options.on_behalf_of, "The principal you stand in for")
      ->type_name("HANDLE")
      ->group(group);
  app.add_option("--output", globals.output, "How answers are printed")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str()
      ->type_name("table|json")
      ->group(group);
  app.add_option("--color", globals.color, "Whether in colour; auto: on a terminal, unless NO_COLOR is set")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str()
      ->type_name("auto|always|never")
      ->group(group);
  app.add_option("--deadline", globals.deadline, "How long a call may take")
      ->capture_default_str()
      ->type_name("DURATION")
      ->group(group);
}

Screen ScreenOf(const Streams& streams, bool terminal, const std::string& color) {
  const char* no_color = std::getenv("NO_COLOR");
  const bool automatic = terminal && (no_color == nullptr || *no_color == '\0');
  return {color == "always" || (color == "auto" && automatic), terminal ? streams.width : 0};
}

absl::Status Settle(const Globals& globals, Session& session) {
  session.json = globals.output == "json";
  session.screen = ScreenOf(session.streams, session.streams.out_is_terminal, globals.color);
  session.err_screen = ScreenOf(session.streams, session.streams.err_is_terminal, globals.color);
  auto deadline = ParseDurationText(globals.deadline);
  if (!deadline.ok()) return absl::InvalidArgumentError("--deadline: " + std::string(deadline.status().message()));
  session.options.deadline = *deadline;
  return absl::OkStatus();
}

}  // namespace

int RunCli(const std::vector<std::string>& args, const Streams& streams) {
  const Api api;
  Session session(api, streams);
  Globals globals;
  Action action;
  CLI::App app{"The shared record of an outsourcing relationship, from the command line.", "parley"};
  app.footer(kFooter);
  app.set_version_flag("--version", "parley 0.1");
  app.fallthrough();
  app.require_subcommand(1);
  app.get_formatter()->column_width(36);
  AddGlobals(app, session, globals);
  AddDashboardCommands(app, session, action);
  AddTimelineCommands(app, session, action);
  AddImportCommands(app, session, action);
  AddDemoCommand(app, session, action);
  AddServiceCommands(app, session, action);
  try {
    app.parse(std::vector<std::string>(args.rbegin(), args.rend()));  // It takes them last to first.
  } catch (const CLI::ParseError& error) {
    return app.exit(error, streams.out, streams.err) == 0 ? kExitOk : kExitUsage;
  }
  if (const absl::Status status = Settle(globals, session); !status.ok()) return session.Misused(status);
  return action();
}

}  // namespace parley
