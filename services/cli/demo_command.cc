// parley demo.
#include <memory>

#include "services/cli/demo.h"
#include "services/cli/demo_agenda.h"
#include "services/cli/session.h"

namespace parley {
namespace {

constexpr char kHelp[] =
    "Writes two years of a believable relationship through the API, as the people of both its sides. Needs a server on "
    "a manual clock (parleyd --manual-clock), which it moves. May be interrupted and repeated: what is there already "
    "is not written twice.";

int Tell(Session& session, const DemoOptions& options) {
  const auto channel = grpc::CreateChannel(session.options.server, grpc::InsecureChannelCredentials());
  const absl::Status status = RunDemo(options, channel, session.streams.out);
  if (status.ok()) return kExitOk;
  return session.Fail(grpc::Status(static_cast<grpc::StatusCode>(status.code()), std::string(status.message())));
}

}  // namespace

void AddDemoCommand(CLI::App& app, Session& session, Action& action) {
  auto options = std::make_shared<DemoOptions>();
  CLI::App* demo = app.add_subcommand("demo", kHelp)->group("Demo");
  demo->add_option("--seed", options->seed, "The same seed tells the same numbers")->capture_default_str();
  demo->add_option("--relationship", options->relationship, "Id of the relationship to write")
      ->capture_default_str()
      ->type_name("ID");
  demo->add_option("--months", options->months, "How much of it to tell")
      ->capture_default_str()
      ->check(CLI::Range(1, demo::kMonths));
  demo->callback([options, &session, &action] { action = [options, &session] { return Tell(session, *options); }; });
}

}  // namespace parley
