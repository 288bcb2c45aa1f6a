// parley dashboard: one board per Get method of DashboardService.
#include <google/protobuf/message.h>

#include <memory>
#include <string>

#include "services/cli/dashboards.h"
#include "services/cli/request_flags.h"
#include "services/cli/session.h"
#include "services/cli/view.h"

namespace parley {
namespace {

struct Board {
  Board(Session& session, const google::protobuf::MethodDescriptor& method)
      : session(session), method(method), flags(session.api, method.input_type()) {}

  Session& session;
  const google::protobuf::MethodDescriptor& method;
  RequestFlags flags;

  int Run() {
    auto request = flags.Build(session.streams.in);
    if (!request.ok()) return session.Misused(request.status());
    const auto answer = session.api.New(method.output_type());
    int exit_code = kExitOk;
    if (!session.Call(method, **request, answer.get(), &exit_code)) return exit_code;
    if (session.json) {
      session.streams.out << ToJson(*answer);
    } else {
      Canvas canvas(session.streams.out, session.screen);
      DrawDashboard(*answer, canvas);
    }
    return exit_code;
  }
};

}  // namespace

void AddDashboardCommands(CLI::App& app, Session& session, Action& action) {
  CLI::App* dashboard = app.add_subcommand("dashboard", "What the record says, drawn in the terminal.");
  dashboard->group("Views")->require_subcommand(1);
  for (const Noun& noun : session.api.nouns()) {
    if (noun.service->name() != "DashboardService") continue;
    for (const Verb& verb : noun.verbs) {
      const BoardName name = NameOfBoard(verb);
      CLI::App* command = dashboard->add_subcommand(name.name, CommentOf(verb.method))->group("Boards");
      if (!name.alias.empty()) command->alias(name.alias);
      auto board = std::make_shared<Board>(session, *verb.method);
      board->flags.AddTo(command);
      command->callback([board, &action] { action = [board] { return board->Run(); }; });
    }
  }
}

}  // namespace parley
