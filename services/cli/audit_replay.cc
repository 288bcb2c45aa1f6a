// parley audit replay: the dashboards from a bundle, without a server.
#include <google/protobuf/message.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "eventstore/base/status.h"
#include "parley/v1/audit.pb.h"
#include "services/cli/as_of.h"
#include "services/cli/audit_commands.h"
#include "services/cli/dashboards.h"
#include "services/cli/field_text.h"
#include "services/cli/keys_file.h"
#include "services/cli/view.h"
#include "services/verify/replay.h"
#include "services/verify/scratch.h"

namespace parley {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

// A message as the handlers take it: of the generated code, not of descriptors.
std::unique_ptr<Message> NewGenerated(const Descriptor& type) {
  const auto* generated = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(type.full_name());
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(generated)->New());
}

class ReplayCommand {
 public:
  explicit ReplayCommand(Session& session) : session_(session) {
    for (const Noun& noun : session_.api.nouns()) {
      if (noun.service->name() != "DashboardService") continue;
      for (const Verb& verb : noun.verbs) {
        if (verb.method->input_type()->FindFieldByName("as_of") != nullptr) boards_.push_back(verb);
      }
    }
  }

  void AddTo(CLI::App* command) {
    std::string names;
    for (const Verb& board : boards_) names += (names.empty() ? "" : ", ") + NameOfBoard(board).name;
    command->add_option("bundle", bundle_, "The bundle: a directory")->required()->type_name("BUNDLE");
    command->add_option("dashboards", names_, "Which: " + names)->type_name("DASHBOARD");
    command->add_flag("--all", all_, "Every dashboard there is");
    command
        ->add_option(
            "--read-time", read_time_,
            "What ages and what is overdue are computed for. Default: --effective, else --as-of, else when the "
            "last entry looked at was recorded")
        ->type_name("TIME");
    command->add_option("--keys", keys_, "Released keys, which fill in what is said about people")->type_name("FILE");
    as_of_.AddTo(command);
  }

  int Run() {
    ReplayOptions options{.bundle = bundle_};
    auto chosen = Chosen();
    if (!chosen.ok()) return session_.Misused(chosen.status());
    if (const absl::Status given = as_of_.FillIn(&options.as_of); !given.ok()) return session_.Misused(given);
    v1::PersonKeys keys;
    if (!keys_.empty()) {
      auto loaded = LoadPersonKeys(keys_);
      if (!loaded.ok()) return session_.FailHere(loaded.status());
      keys = *std::move(loaded);
      options.keys = &keys;
    }
    const auto scratch = ScratchDir::Make();
    if (!scratch.ok()) return session_.FailHere(scratch.status());
    options.scratch = (*scratch)->path();
    const auto replay = BundleReplay::Open(options);
    if (!replay.ok()) return session_.FailHere(replay.status());
    if ((*replay)->beyond_the_bundle()) {
      Remark("that lies after the bundle's last entry: what was recorded in between, if anything, is not in it");
    }
    for (const MethodDescriptor* method : *chosen) {
      if (const int exit_code = Show(**replay, *method); exit_code != kExitOk) return exit_code;
    }
    return kExitOk;
  }

 private:
  absl::StatusOr<std::vector<const MethodDescriptor*>> Chosen() const {
    std::vector<const MethodDescriptor*> out;
    if (all_ != names_.empty()) return absl::InvalidArgumentError("name dashboards, or say --all");
    if (all_) {
      for (const Verb& board : boards_) out.push_back(board.method);
    }
    for (const std::string& name : names_) {
      const auto board = std::find_if(boards_.begin(), boards_.end(), [&](const Verb& verb) {
        const BoardName known = NameOfBoard(verb);
        return name == known.name || name == known.alias;
      });
      if (board == boards_.end()) return absl::InvalidArgumentError("\"" + name + "\" is no dashboard of a bundle");
      out.push_back(board->method);
    }
    return out;
  }

  int Show(const BundleReplay& replay, const MethodDescriptor& method) {
    const auto request = NewGenerated(*method.input_type());
    const auto response = NewGenerated(*method.output_type());
    const Descriptor& type = *request->GetDescriptor();
    request->GetReflection()->SetString(request.get(), type.FindFieldByName("name"),
                                        "relationships/" + replay.ledger().str());
    if (!read_time_.empty()) {
      const absl::Status set = SetFromText(request.get(), type.FindFieldByName("read_time"), read_time_);
      if (!set.ok()) return session_.Misused(absl::InvalidArgumentError("--read-time: " + std::string(set.message())));
    }
    const absl::Status answered = replay.Answer(*request, *response);
    if (!answered.ok()) return session_.FailHere(answered);
    if (session_.json) {
      session_.streams.out << ToJson(*response);
    } else {
      Canvas canvas(session_.streams.out, session_.screen);
      DrawDashboard(*response, canvas);
    }
    return kExitOk;
  }

  void Remark(const std::string& text) { session_.streams.err << session_.err_screen.Paint(Tone::kDim, text) << "\n"; }

  Session& session_;
  std::vector<Verb> boards_;  // Those that can be as of the past.
  std::string bundle_, read_time_, keys_;
  std::vector<std::string> names_;
  bool all_ = false;
  AsOfFlags as_of_;
};

}  // namespace

void AddAuditReplay(CLI::App& audit, Session& session, Action& action) {
  auto replay = std::make_shared<ReplayCommand>(session);
  CLI::App* command = audit.add_subcommand("replay",
                                           "Dashboards from a bundle, as of any moment: the same as the server's, to "
                                           "the byte. It re-hashes the bundle first; whether to "
                                           "believe who signed it says `parley audit verify`.");
  replay->AddTo(command);
  command->callback([replay, &action] { action = [replay] { return replay->Run(); }; });
}

}  // namespace parley
