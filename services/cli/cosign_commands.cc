// parley cosign.
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "eventstore/base/status.h"
#include "eventstore/proof/key_statement.h"
#include "parley/v1/key.pb.h"
#include "services/cli/cosign_agent.h"
#include "services/cli/field_text.h"
#include "services/cli/request_flags.h"
#include "services/cli/session.h"
#include "services/cli/view.h"

namespace parley {
namespace {

constexpr char kHelp[] =
    "The agent that each party runs: fetches what is new, hashes and decides all of it again, compares what the read "
    "models said, "
    "holds it against what it cosigned before, and cosigns. Where anything does not hold it says the verdict, signs "
    "nothing and "
    "ends with 1. Its directory is what the party keeps: the whole history as it may read it, and every note it "
    "cosigned.";
constexpr char kKeygenHelp[] =
    "Makes a key for cosigning, in a file that only you can read, and prints its public half, to be registered by an "
    "administrator "
    "with `parley keys register`.";
constexpr char kRotateHelp[] =
    "Registers a new key in place of the one in use, with a statement signed by that one: whoever trusted it then "
    "trusts the new one. "
    "For administrators.";

struct FollowCommand {
  explicit FollowCommand(Session& session) : session(session) {}

  Session& session;
  CosignOptions options;
  bool follow = false;
  std::string interval = "1m";

  int Run() {
    for (const auto& [given, flag] :
         {std::pair(&options.relationship, "the relationship"), std::pair(&options.key_file, "--key"),
          std::pair(&options.state_dir, "--state")}) {
      if (given->empty()) return session.Misused(absl::InvalidArgumentError(std::string(flag) + " must be given"));
    }
    const auto pause = ParseDurationText(interval);
    if (!pause.ok() || *pause <= absl::ZeroDuration()) {
      return session.Misused(absl::InvalidArgumentError("--interval: a duration such as 1m or 12h"));
    }
    options.relationship = FullResourceName(options.relationship);
    options.quiet = follow;
    CosignAgent agent(session, options);
    std::mutex mu;
    std::condition_variable never;
    while (true) {
      const int exit_code = agent.Round();
      session.streams.out.flush();
      const bool may_work_later = exit_code == kExitOk || exit_code == kExitUnavailable;
      if (!follow || !may_work_later) return exit_code;
      std::unique_lock lock(mu);
      never.wait_for(lock, absl::ToChronoMilliseconds(*pause));
    }
  }
};

struct KeygenCommand {
  explicit KeygenCommand(Session& session) : session(session) {}

  Session& session;
  std::string name, out;

  int Run() {
    const auto key = MakeCosignerKey(out, name);
    if (absl::IsUnavailable(key.status())) return session.FailHere(key.status());
    if (!key.ok()) return session.Misused(key.status());
    session.streams.out << key->SigningKey()->verifier().ToString() << "\n";
    return kExitOk;
  }
};

struct RotateCommand {
  explicit RotateCommand(Session& session) : session(session) {}

  Session& session;
  std::string relationship, key_file, new_key_file;
  bool print = false;

  int Run() {
    v1::RegisterKeyRequest request;
    request.set_parent(FullResourceName(relationship));
    const absl::Status stated = State(&request);
    if (!stated.ok()) return session.Misused(stated);
    if (print) {
      session.streams.out << request.statement();
      return kExitOk;
    }
    int exit_code = kExitOk;
    if (!FindParty(&request, &exit_code)) return exit_code;
    request.set_request_id(NewRequestId());
    v1::RegisterKeyResponse response;
    const grpc::Status called = session.client().Call(request, &response);
    if (!called.ok()) return session.Fail(called, request.request_id());
    if (session.json) {
      session.streams.out << ToJson(response);
    } else {
      PrintMessage(session.streams.out, session.screen, response.key());
    }
    return kExitOk;
  }

  absl::Status State(v1::RegisterKeyRequest* request) const {
    PARLEY_ASSIGN_OR_RETURN(const CosignerKey old_key, LoadCosignerKey(key_file));
    PARLEY_ASSIGN_OR_RETURN(const CosignerKey new_key, LoadCosignerKey(new_key_file));
    PARLEY_ASSIGN_OR_RETURN(const NoteSigningKey signing, new_key.SigningKey());
    request->set_vkey(signing.verifier().ToString());
    PARLEY_ASSIGN_OR_RETURN(*request->mutable_statement(),
                            SignKeyStatement(request->parent(), signing.verifier(), old_key.name, old_key.seed));
    return absl::OkStatus();
  }

  // Whose the key in use is.
  bool FindParty(v1::RegisterKeyRequest* request, int* exit_code) {
    const std::string vkey = LoadCosignerKey(key_file)->SigningKey()->verifier().ToString();
    v1::ListKeysRequest list;
    list.set_parent(request->parent());
    do {
      v1::ListKeysResponse page;
      const grpc::Status called = session.client().Call(list, &page);
      if (!called.ok()) {
        *exit_code = session.Fail(called);
        return false;
      }
      for (const v1::Key& key : page.keys()) {
        if (key.vkey() == vkey && key.state() == v1::KEY_STATE_IN_USE) request->set_party_id(key.party_id());
      }
      list.set_page_token(page.next_page_token());
    } while (request->party_id().empty() && !list.page_token().empty());
    if (!request->party_id().empty()) return true;
    *exit_code = session.Misused(absl::FailedPreconditionError(key_file + ": not a key in use there"));
    return false;
  }
};

}  // namespace

void AddCosignCommand(CLI::App& app, Session& session, Action& action) {
  auto follow = std::make_shared<FollowCommand>(session);
  CLI::App* cosign = app.add_subcommand("cosign", kHelp);
  cosign->group("Proof")->require_subcommand(0, 1);
  cosign->add_option("relationship", follow->options.relationship, "The relationship");
  cosign->add_option("--key", follow->options.key_file, "The party's key, as `cosign keygen` makes it")
      ->type_name("FILE");
  cosign->add_option("--state", follow->options.state_dir, "What the agent keeps: a directory of its own")
      ->type_name("DIR");
  cosign
      ->add_option("--own", follow->options.own_file,
                   "Request ids that the party's clients sent, one a line: what else passes for its own is refused")
      ->type_name("FILE");
  cosign->add_option("--trust", follow->options.policy_file, "The log's key (C2SP tlog-policy); default: as first seen")
      ->type_name("POLICY");
  cosign->add_flag("--follow", follow->follow, "Again and again, until something does not hold");
  cosign->add_option("--interval", follow->interval, "With --follow: how long to wait in between")
      ->capture_default_str()
      ->type_name("DURATION");
  cosign->callback([cosign, follow, &action] {
    if (cosign->get_subcommands().empty()) action = [follow] { return follow->Run(); };
  });

  auto keygen = std::make_shared<KeygenCommand>(session);
  CLI::App* command = cosign->add_subcommand("keygen", kKeygenHelp);
  command->add_option("--name", keygen->name, "What the key is called in signatures: without spaces or '+'")
      ->required();
  command->add_option("--out", keygen->out, "The new file")->required()->type_name("FILE");
  command->callback([keygen, &action] { action = [keygen] { return keygen->Run(); }; });

  auto rotate = std::make_shared<RotateCommand>(session);
  command = cosign->add_subcommand("rotate", kRotateHelp);
  command->add_option("--relationship", rotate->relationship, "The relationship")->required();
  command->add_option("--key", rotate->key_file, "The key in use")->required()->type_name("FILE");
  command->add_option("--new-key", rotate->new_key_file, "The one to take its place")->required()->type_name("FILE");
  command->add_flag("--print", rotate->print, "Only print the statement");
  command->callback([rotate, &action] { action = [rotate] { return rotate->Run(); }; });
}

}  // namespace parley
