#include "services/cli/app.h"

#include <cstdlib>
#include <memory>
#include <sstream>

#include "services/cli/field_text.h"

namespace parley {
namespace {

struct Globals {
  std::string output = "table";
  std::string color = "auto";
  std::string deadline = "30s";
};

constexpr int kHelpColumn = 36;
constexpr char kFooter[] =
    "Resource names may leave out \"relationships/\": acme/decisions/d1.\n"
    "Times are RFC 3339 or dates, durations 36h or 30d, money \"GBP 1200.50\"; everything is in UTC.\n"
    "Exit status: 0 done, 1 refused, 2 the command line makes no sense, 3 unavailable: try again.\n";

// In lists of commands the first sentence on each is enough; its own help has the rest.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_subcommand(const CLI::App* command) const override {
    const std::string text = command->get_description();
    const size_t end = text.find(". ");
    std::ostringstream out;
    CLI::detail::format_help(out, command->get_display_name(true),
                             end == std::string::npos ? text : text.substr(0, end + 1), column_width_);
    return out.str();
  }
};

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

// The words of the deepest command that was recognised: "parley decisions". `command` is set to it.
std::string Recognised(const CLI::App** command) {
  std::string path = (*command)->get_name();
  while (!(*command)->get_subcommands().empty()) {
    *command = (*command)->get_subcommands().front();
    path += " " + (*command)->get_name();
  }
  return path;
}

ExitCode NotUnderstood(const CLI::App& app, const CLI::ParseError& error, const Streams& streams) {
  const CLI::App* command = &app;
  const std::string path = Recognised(&command);
  std::string flag, word;
  for (const std::string& left : app.remaining(true)) {
    std::string& first = left.starts_with("-") ? flag : word;
    if (first.empty()) first = left;
  }
  streams.err << "error: ";
  if (!flag.empty()) {
    streams.err << path << " has no option " << flag << "\n";
  } else if (!word.empty()) {
    streams.err << "\"" << word << "\" is "
                << (command->get_require_subcommand_min() > 0 ? "no command" : "one word too many") << " of " << path
                << "\n";
  } else if (command->get_require_subcommand_min() > 0) {
    streams.err << path << " needs a command\n";
  } else {
    streams.err << error.what() << "\n";
  }
  streams.err << path << " --help says what there is\n";
  return kExitUsage;
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
  auto formatter = std::make_shared<HelpFormatter>();
  formatter->column_width(kHelpColumn);
  app.formatter(formatter);
  AddGlobals(app, session, globals);
  AddDashboardCommands(app, session, action);
  AddTimelineCommands(app, session, action);
  AddImportCommands(app, session, action);
  AddAuditCommands(app, session, action);
  AddAdminCommands(app, session, action);
  AddCosignCommand(app, session, action);
  AddDemoCommand(app, session, action);
  AddServiceCommands(app, session, action);
  try {
    app.parse(std::vector<std::string>(args.rbegin(), args.rend()));  // It takes them last to first.
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error, streams.out, streams.err), kExitOk;  // Help was wanted.
    return NotUnderstood(app, error, streams);
  }
  if (const absl::Status status = Settle(globals, session); !status.ok()) return session.Misused(status);
  return action();
}

}  // namespace parley
