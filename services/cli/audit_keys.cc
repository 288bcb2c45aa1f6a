// parley audit keys.
#include <memory>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/durable_file.h"
#include "eventstore/base/proto_util.h"
#include "parley/v1/audit.pb.h"
#include "services/cli/audit_commands.h"
#include "services/cli/request_flags.h"

namespace parley {
namespace {

constexpr char kHelp[] =
    "Releases the keys of your party's people, for an auditor who must read what is sealed in a bundle. Whoever has "
    "the file reads "
    "these people's names, contact data and comments: hand it over apart from the bundle, and have it destroyed. For "
    "administrators.";
constexpr unsigned kOwnerOnly = 0600;

struct KeysCommand {
  explicit KeysCommand(Session& session) : session(session) {}

  Session& session;
  std::string relationship, out;
  std::vector<std::string> persons;
  int days = 7;

  int Run() {
    v1::ReleasePersonKeysRequest request;
    request.set_name(FullResourceName(relationship));
    for (const std::string& person : persons) request.add_persons(FullResourceName(person));
    // To the hour: the server's clock may be a little behind, and counts the days, too.
    const absl::Time expires = SystemClock().Now() + absl::Hours(24 * days);
    *request.mutable_expire_time() = ToProto(absl::FromUnixSeconds(absl::ToUnixSeconds(expires) / 3600 * 3600));
    v1::ReleasePersonKeysResponse response;
    const grpc::Status called = session.client().Call(request, &response);
    if (!called.ok()) return session.Fail(called);
    const absl::Status written = WriteFileDurably(out, Canonical(response.keys()), kOwnerOnly);
    if (!written.ok()) return session.FailHere(written);
    session.streams.out << "keys of " << response.keys().keys_size() << " people in " << out << ", to be used until "
                        << Rfc3339(FromProto(response.keys().expire_time())) << "\n";
    return kExitOk;
  }
};

}  // namespace

void AddAuditKeys(CLI::App& audit, Session& session, Action& action) {
  auto run = std::make_shared<KeysCommand>(session);
  CLI::App* command = audit.add_subcommand("keys", kHelp);
  command->add_option("relationship", run->relationship, "The relationship")->required();
  command->add_option("--out", run->out, "Where the keys go: readable by you only")->required()->type_name("FILE");
  command->add_option("--days", run->days, "For how long they may be used")
      ->capture_default_str()
      ->check(CLI::Range(1, 90));
  command->add_option("--person", run->persons, "Only of this person; may be repeated")->type_name("NAME");
  command->callback([run, &action] { action = [run] { return run->Run(); }; });
}

}  // namespace parley
