// parley audit export.
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "eventstore/base/status.h"
#include "parley/v1/audit.pb.h"
#include "parley/v1/relationship.pb.h"
#include "services/cli/audit_commands.h"
#include "services/cli/bundle_fetch.h"
#include "services/cli/bundle_slot.h"
#include "services/cli/request_flags.h"
#include "services/cli/table.h"
#include "services/cli/text.h"
#include "services/verify/bundle_diff.h"
#include "services/verify/erased_parts.h"

namespace parley {
namespace {

constexpr char kHelp[] =
    "Fetches a relationship's bundle: everything that an auditor needs to prove its history, offline. May be "
    "interrupted and repeated: it goes on from where it stopped. Into a directory that holds an earlier bundle it "
    "fetches what came since. "
    "eventstore/proof/bundle.h says what is in it.";

struct ExportCommand {
  explicit ExportCommand(Session& session) : session(session) {}

  Session& session;
  BundleFetch wanted;
  bool as_auditor = false;

  int Run() {
    wanted.relationship = FullResourceName(wanted.relationship);
    int exit_code = kExitOk;
    if (as_auditor) {
      wanted.reader.clear();
    } else if (wanted.reader.empty() && !FindReader(&exit_code)) {
      return exit_code;
    }
    auto slot = BundleSlot::Open(wanted.directory);
    if (!slot.ok()) return session.FailHere(slot.status());
    const auto staged = slot->Stage(wanted.reader);
    if (!staged.ok()) return session.FailHere(staged.status());
    const std::string directory = std::exchange(wanted.directory, *staged);
    FetchedBundle fetched;
    if (!FetchBundle(session, wanted, &fetched, &exit_code)) return exit_code;
    const absl::Status replaced = Replace(*slot, directory);
    if (!replaced.ok()) return session.FailHere(replaced);
    wanted.directory = directory;
    v1::GetCheckpointRequest request;
    request.set_name(wanted.relationship);
    request.set_size(fetched.size);
    v1::GetCheckpointResponse response;
    const grpc::Status called = session.client().Call(request, &response);
    if (!called.ok()) return session.Fail(called);
    Print(fetched, response.checkpoint());
    return kExitOk;
  }

  // What was fetched takes the place of what was there, if it extends that.
  absl::Status Replace(BundleSlot& slot, const std::string& directory) const {
    if (slot.size() == 0) return absl::OkStatus();
    PARLEY_ASSIGN_OR_RETURN(const BundleDir before, BundleDir::Open(directory));
    PARLEY_ASSIGN_OR_RETURN(const BundleDir after, BundleDir::Open(wanted.directory));
    const auto diff = DiffBundles(before, after);
    if (!diff.ok() || !diff->good()) {
      PARLEY_ASSIGN_OR_RETURN(const std::string refused, slot.Refuse());
      return absl::DataLossError(
          "what the server sends does not extend the bundle that is there: it is kept in " + refused +
          (diff.ok() ? ", compare them with `parley audit diff`" : "; " + std::string(diff.status().message())));
    }
    PARLEY_RETURN_IF_ERROR(DropErasedParts(wanted.directory, slot.size()).status());
    return slot.Accept();
  }

  // The one party that the caller holds roles of; an auditor's bundle where there is none.
  bool FindReader(int* exit_code) {
    wanted.reader = session.options.party;
    if (!wanted.reader.empty()) return true;
    v1::GetRelationshipRequest request;
    request.set_name(wanted.relationship);
    v1::GetRelationshipResponse response;
    const grpc::Status called = session.client().Call(request, &response);
    if (!called.ok()) {
      *exit_code = session.Fail(called);
      return false;
    }
    std::set<std::string> parties;
    for (const v1::RoleGrant& grant : response.relationship().grants()) {
      if (grant.principal() == session.options.principal) parties.insert(grant.party_id());
    }
    if (parties.size() > 1) {
      *exit_code = session.Misused(absl::InvalidArgumentError("you hold roles of several parties: --reader PARTY"));
      return false;
    }
    if (!parties.empty()) wanted.reader = *parties.begin();
    return true;
  }

  void Print(const FetchedBundle& fetched, const v1::SignedCheckpoint& checkpoint) const {
    std::ostream& out = session.streams.out;
    if (session.json) {
      nlohmann::ordered_json json = {{"path", wanted.directory},
                                     {"relationship", wanted.relationship},
                                     {"reader", wanted.reader},
                                     {"size", fetched.size},
                                     {"had_size", fetched.had},
                                     {"files", fetched.files},
                                     {"bytes", fetched.bytes},
                                     {"cosigned", checkpoint.cosigned()},
                                     {"cosigned_by", nlohmann::json::array()},
                                     {"timestamps", checkpoint.timestamps_size()}};
      for (const std::string& party : checkpoint.cosigned_by()) json["cosigned_by"].push_back(party);
      out << json.dump(1) << "\n";
      return;
    }
    std::string state = "signed by the log, cosigned by nobody yet: the parties' agents have to run";
    if (checkpoint.cosigned_by_size() > 0) {
      state = "cosigned by";
      for (int i = 0; i < checkpoint.cosigned_by_size(); ++i) {
        state += (i > 0 ? ", " : " ") + Printable(checkpoint.cosigned_by(i));
      }
      state += checkpoint.cosigned() ? ": final" : ", not by everyone yet";
    }
    if (checkpoint.timestamps_size() > 0) state += "; time-stamped";
    const auto line = [&](const char* label, const std::string& text) {
      out << session.screen.Paint(Tone::kDim, Pad(label, 11)) << text << "\n";
    };
    line("Bundle", wanted.directory);
    line("Reader", wanted.reader.empty() ? "auditor" : Printable(wanted.reader));
    std::string entries = Grouped(static_cast<int64_t>(fetched.size));
    if (fetched.had > 0) entries += ", of which " + Grouped(static_cast<int64_t>(fetched.had)) + " were there";
    line("Entries", entries);
    line("Checkpoint", session.screen.Paint(checkpoint.cosigned() ? Tone::kGood : Tone::kWarn, state));
  }
};

}  // namespace

void AddAuditExport(CLI::App& audit, Session& session, Action& action) {
  auto run = std::make_shared<ExportCommand>(session);
  CLI::App* command = audit.add_subcommand("export", kHelp);
  command->add_option("relationship", run->wanted.relationship, "The relationship")->required();
  command->add_option("directory", run->wanted.directory, "Where it goes: new, or a bundle to go on with")->required();
  auto* reader = command->add_option("--reader", run->wanted.reader, "For which party of yours; default: the only one")
                     ->type_name("PARTY");
  command->add_flag("--as-auditor", run->as_auditor, "What is joint only, to be handed to anyone")->excludes(reader);
  command
      ->add_option(
          "--size", run->wanted.size,
          "Of a checkpoint of so many entries, of those that `audit list-checkpoints` lists; default: the newest")
      ->check(CLI::PositiveNumber);
  command->callback([run, &action] { action = [run] { return run->Run(); }; });
}

}  // namespace parley
