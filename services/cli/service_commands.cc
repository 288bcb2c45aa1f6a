// A noun per service and a verb per method, with flags from the request's fields.
#include <google/protobuf/message.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "services/cli/answers.h"
#include "services/cli/request_flags.h"
#include "services/cli/session.h"
#include "services/cli/view.h"

namespace parley {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

std::string GetString(const Message& message, const char* name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  return field == nullptr ? "" : message.GetReflection()->GetString(message, field);
}

void SetString(Message* message, const char* name, const std::string& value) {
  message->GetReflection()->SetString(message, message->GetDescriptor()->FindFieldByName(name), value);
}

struct MethodCommand {
  MethodCommand(Session& session, const MethodDescriptor& method)
      : session(session), method(method), flags(session.api, method.input_type()) {}

  Session& session;
  const MethodDescriptor& method;
  RequestFlags flags;
  bool all_pages = false;

  int Run();
  int RunList(Message* request);
  int RunStream(const Message& request);
};

int MethodCommand::Run() {
  auto request = flags.Build(session.streams.in);
  if (!request.ok()) return session.Misused(request.status());
  if (method.server_streaming()) return RunStream(**request);
  if (RowsOf(*method.output_type())) return RunList(request->get());
  if (IsMutating(method) && GetString(**request, "request_id").empty()) {
    SetString(request->get(), "request_id", NewRequestId());
  }
  const std::unique_ptr<Message> answer = session.api.New(method.output_type());
  int exit_code = kExitOk;
  if (session.Call(method, **request, answer.get(), &exit_code)) PrintAnswer(session, *answer);
  return exit_code;
}

int MethodCommand::RunList(Message* request) {
  const std::unique_ptr<Message> answer = session.api.New(method.output_type());
  std::string next;
  do {
    const std::unique_ptr<Message> page = session.api.New(method.output_type());
    int exit_code = kExitOk;
    if (!session.Call(method, *request, page.get(), &exit_code)) return exit_code;
    next = GetString(*page, "next_page_token");
    answer->MergeFrom(*page);
    SetString(answer.get(), "next_page_token", next);
    SetString(request, "page_token", next);
  } while (all_pages && !next.empty());
  PrintAnswer(session, *answer);
  if (!next.empty() && !session.json) {
    session.streams.err << session.err_screen.Paint(Tone::kDim, "there are more: --all, or --page-token " + next)
                        << "\n";
  }
  return kExitOk;
}

int MethodCommand::RunStream(const Message& request) {
  const std::unique_ptr<Message> message = session.api.New(method.output_type());
  const grpc::Status status = session.client().Stream(method, request, message.get(), [this, &message] {
    session.streams.out << ToJsonLine(*message) << std::flush;
    return session.streams.out.good();
  });
  return status.ok() ? kExitOk : session.Fail(status);
}

void AddMethod(CLI::App& noun, const Verb& verb, Session& session, Action& action) {
  CLI::App* command = noun.add_subcommand(verb.name, CommentOf(verb.method));
  auto run = std::make_shared<MethodCommand>(session, *verb.method);
  // Of all lists only that of relationships is below nothing.
  run->flags.AddTo(command, verb.method->name() != "ListRelationships");
  if (RowsOf(*verb.method->output_type()) != nullptr) {
    command->add_flag("--all", run->all_pages, "All pages, one after another")->group("Request");
  }
  command->callback([run, &action] { action = [run] { return run->Run(); }; });
}

}  // namespace

void AddServiceVerbs(CLI::App& command, const std::string& noun, const std::vector<std::string>& except,
                     Session& session, Action& action) {
  for (const Noun& each : session.api.nouns()) {
    if (each.name != noun) continue;
    for (const Verb& verb : each.verbs) {
      const auto taken = [&verb](CLI::App* other) { return other->get_name() == verb.name; };
      if (std::find(except.begin(), except.end(), verb.name) != except.end()) continue;
      if (command.get_subcommands(taken).empty()) AddMethod(command, verb, session, action);
    }
  }
}

void AddServiceCommands(CLI::App& app, Session& session, Action& action) {
  for (const Noun& noun : session.api.nouns()) {
    const auto taken = [&noun](CLI::App* other) { return other->get_name() == noun.name; };
    if (!app.get_subcommands(taken).empty()) continue;  // There is one made for people already.
    CLI::App* command = app.add_subcommand(noun.name, CommentOf(noun.service));
    command->group("Records")->require_subcommand(1);
    for (const Verb& verb : noun.verbs) AddMethod(*command, verb, session, action);
  }
}

}  // namespace parley
