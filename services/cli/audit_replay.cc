// parley audit replay: dashboards and resources from a bundle, without a server.
#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "parley/v1/audit.pb.h"
#include "services/cli/answers.h"
#include "services/cli/as_of.h"
#include "services/cli/audit_commands.h"
#include "services/cli/bundle_questions.h"
#include "services/cli/dashboards.h"
#include "services/cli/field_text.h"
#include "services/cli/keys_file.h"
#include "services/cli/view.h"
#include "services/verify/replay.h"
#include "services/verify/scratch.h"

namespace parley {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr char kHelp[] =
    "Dashboards and resources from a bundle, as of any moment: the same as the server's, to the byte. Re-hashes the "
    "bundle first; "
    "`parley audit verify` says whether to believe who signed it.";
constexpr int kPage = 1000;

class ReplayCommand {
 public:
  explicit ReplayCommand(Session& session) : session_(session), questions_(session.api) {}

  void AddTo(CLI::App* command) {
    command->add_option("bundle", bundle_, "The bundle: a directory")->required()->type_name("BUNDLE");
    command
        ->add_option("what", words_,
                     "Dashboards (" + questions_.DashboardNames() +
                         ") or resources: relationship, persons, decisions/d1, parties/buyer/objectives")
        ->type_name("WHAT");
    command->add_flag("--all", all_, "Every dashboard there is");
    command
        ->add_option("--read-time", read_time_,
                     "What a dashboard's ages and what is overdue are computed for. Default: --effective, else "
                     "--as-of, else when "
                     "the last entry looked at was recorded")
        ->type_name("TIME");
    command->add_option("--keys", keys_, "Released keys, which fill in what is said about people")->type_name("FILE");
    as_of_.AddTo(command);
  }

  int Run() {
    ReplayOptions options{.bundle = bundle_};
    const auto asked = Asked();
    if (!asked.ok()) return session_.Misused(asked.status());
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
      session_.streams.err
          << session_.err_screen.Paint(
                 Tone::kDim,
                 "that lies after the bundle's last entry: what was recorded in between, if anything, is "
                 "not in it")
          << "\n";
    }
    for (const BundleQuestion& question : *asked) {
      if (const int exit_code = Show(**replay, question); exit_code != kExitOk) return exit_code;
    }
    return kExitOk;
  }

 private:
  absl::StatusOr<std::vector<BundleQuestion>> Asked() const {
    if (all_ != words_.empty()) return absl::InvalidArgumentError("say what to show, or --all");
    if (all_) return questions_.Dashboards();
    std::vector<BundleQuestion> out;
    for (const std::string& word : words_) {
      auto question = questions_.Find(word);
      if (!question.ok()) return question.status();
      out.push_back(*std::move(question));
    }
    return out;
  }

  int Show(const BundleReplay& replay, const BundleQuestion& question) {
    const auto request = question.Request("relationships/" + replay.ledger().str());
    const auto* read_time = request->GetDescriptor()->FindFieldByName("read_time");
    if (!read_time_.empty() && read_time != nullptr) {
      const absl::Status set = SetFromText(request.get(), read_time, read_time_);
      if (!set.ok()) return session_.Misused(absl::InvalidArgumentError("--read-time: " + std::string(set.message())));
    }
    const auto answer = question.Response();
    const absl::Status answered = Answer(replay, *request, *answer);
    if (!answered.ok()) return session_.FailHere(answered);
    if (question.is_dashboard() && !session_.json) {
      Canvas canvas(session_.streams.out, session_.screen);
      DrawDashboard(*answer, canvas);
    } else {
      PrintAnswer(session_, *answer);
    }
    return kExitOk;
  }

  // All pages of it.
  static absl::Status Answer(const BundleReplay& replay, Message& request, Message& answer) {
    const FieldDescriptor* next = answer.GetDescriptor()->FindFieldByName("next_page_token");
    if (next == nullptr) return replay.Answer(request, answer);
    const FieldDescriptor* token = request.GetDescriptor()->FindFieldByName("page_token");
    request.GetReflection()->SetInt32(&request, request.GetDescriptor()->FindFieldByName("page_size"), kPage);
    do {
      const std::unique_ptr<Message> page(answer.New());
      if (absl::Status status = replay.Answer(request, *page); !status.ok()) return status;
      const std::string more = page->GetReflection()->GetString(*page, next);
      answer.MergeFrom(*page);
      answer.GetReflection()->SetString(&answer, next, more);
      request.GetReflection()->SetString(&request, token, more);
    } while (!answer.GetReflection()->GetString(answer, next).empty());
    return absl::OkStatus();
  }

  Session& session_;
  const BundleQuestions questions_;
  std::string bundle_, read_time_, keys_;
  std::vector<std::string> words_;
  bool all_ = false;
  AsOfFlags as_of_;
};

}  // namespace

void AddAuditReplay(CLI::App& audit, Session& session, Action& action) {
  auto replay = std::make_shared<ReplayCommand>(session);
  CLI::App* command = audit.add_subcommand("replay", kHelp);
  replay->AddTo(command);
  command->callback([replay, &action] { action = [replay] { return replay->Run(); }; });
}

}  // namespace parley
