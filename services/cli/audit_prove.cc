// parley audit prove and check-receipt.
#include <filesystem>
#include <memory>
#include <optional>

#include "eventstore/base/durable_file.h"
#include "eventstore/base/file.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "parley/v1/audit.pb.h"
#include "services/cli/audit_commands.h"
#include "services/cli/policy_file.h"
#include "services/cli/request_flags.h"
#include "services/cli/table.h"
#include "services/cli/text.h"
#include "services/verify/receipt.h"

namespace parley {
namespace {

constexpr char kProveHelp[] =
    "Fetches the proof of one entry, checks it, and keeps it: FILE.tlog-proof (C2SP tlog-proof), FILE.header (the "
    "leaf) and "
    "FILE.entry (what it holds, as far as you may read it). Together they prove the entry for ever, without any "
    "server.";
constexpr char kCheckHelp[] =
    "Checks, offline, a receipt that was kept: that the entry is under a checkpoint which the log signed and the "
    "policy's quorum "
    "cosigned. Exit status 0 only then.";
constexpr char kProof[] = ".tlog-proof";
constexpr char kHeader[] = ".header";
constexpr char kEntry[] = ".entry";
constexpr uint64_t kMaxFileBytes = 64 << 20;
constexpr unsigned kMode = 0644;

class ReceiptPrinter {
 public:
  explicit ReceiptPrinter(const Session& session) : session_(session) {}

  void Print(const ReceiptReport& report) const {
    const v1::EntryHeader& header = report.header;
    Line("Entry", std::to_string(header.sequence()) + " of " + Printable(header.ledger()));
    if (report.record) {
      Line("Event", Printable(report.record->event_type()) + " in " + Printable(report.record->stream()));
      Line("By", Printable(report.record->actor()) + (report.record->party().empty() ? "" : " for ") +
                     Printable(report.record->party()));
    } else {
      Line("Event", "withheld: " + Printable(header.owner()) + "'s own");
    }
    if (report.missing_parts > 0) {
      Line("Missing", std::to_string(report.missing_parts) + " sealed texts: erased, or kept back; the history tells");
    }
    Line("Recorded", Rfc3339(FromProto(header.recorded_at())));
    Line("Under", "a checkpoint of " + Grouped(static_cast<int64_t>(report.checkpoint.size)) + " entries of " +
                      Printable(report.checkpoint.origin));
  }

  // True where the policy is content.
  bool PrintSignatures(const ReceiptReport& report) const {
    Line("Log", report.log_signed ? session_.screen.Paint(Tone::kGood, "signed")
                                  : session_.screen.Paint(Tone::kBad, "not signed by the policy's key"));
    for (const auto& cosigned : report.cosigned) {
      Line("Cosigned", Printable(cosigned.witness) + " at " + Rfc3339(cosigned.time));
    }
    for (const std::string& witness : report.missing) {
      Line("Missing", session_.screen.Paint(Tone::kBad, Printable(witness)));
    }
    const bool good = report.log_signed && report.quorum_met;
    Line("Receipt", session_.screen.Paint(good ? Tone::kGood : Tone::kBad, good ? "good" : "not good"));
    return good;
  }

  void Line(const std::string& label, const std::string& text) const {
    session_.streams.out << session_.screen.Paint(Tone::kDim, Pad(label, 10)) << text << "\n";
  }

 private:
  const Session& session_;
};

std::string StateOf(v1::ProofState state) {
  return state == v1::PROOF_STATE_COSIGNED ? "cosigned by everyone: final"
                                           : "signed by the log, not cosigned by everyone yet";
}

struct ProveCommand {
  explicit ProveCommand(Session& session) : session(session) {}

  Session& session;
  std::string relationship, out;
  uint64_t sequence = 0;

  int Run() {
    v1::GetReceiptRequest request;
    request.set_name(FullResourceName(relationship));
    request.set_sequence(sequence);
    v1::GetReceiptResponse response;
    const grpc::Status called = session.client().Call(request, &response);
    if (!called.ok()) return session.Fail(called);
    const Receipt receipt{response.proof(), response.header(), response.stored_entry()};
    const auto report = CheckReceipt(receipt, nullptr);
    if (!report.ok()) return session.FailHere(Wrong(std::string(report.status().message())));
    if (report->header.sequence() != sequence || "relationships/" + report->header.ledger() != request.name()) {
      return session.FailHere(Wrong("it is of another entry"));
    }
    if (out.empty()) out = report->header.ledger() + "-" + std::to_string(sequence);
    for (const auto& [ending, bytes] : {std::pair(kProof, &receipt.proof), std::pair(kHeader, &receipt.header),
                                        std::pair(kEntry, &receipt.stored_entry)}) {
      const absl::Status written = WriteFileDurably(out + ending, *bytes, kMode);
      if (!written.ok()) return session.FailHere(written);
    }
    const ReceiptPrinter printer(session);
    printer.Print(*report);
    printer.Line("State", StateOf(response.state()));
    printer.Line("Kept in", out + kProof + ", " + out + kHeader + ", " + out + kEntry);
    return kExitOk;
  }

  static absl::Status Wrong(const std::string& why) {
    return absl::DataLossError("the server's proof does not hold: " + why);
  }
};

struct CheckCommand {
  explicit CheckCommand(Session& session) : session(session) {}

  Session& session;
  std::string file, trust;

  int Run() {
    const auto policy = LoadPolicy(trust);
    if (!policy.ok()) return session.Misused(policy.status());
    const auto receipt = Read();
    if (!receipt.ok()) return session.Misused(receipt.status());
    const auto report = CheckReceipt(*receipt, &*policy);
    if (!report.ok()) {
      return session.FailHere(
          absl::DataLossError("the receipt does not hold: " + std::string(report.status().message())));
    }
    const ReceiptPrinter printer(session);
    printer.Print(*report);
    return printer.PrintSignatures(*report) ? kExitOk : kExitRefused;
  }

  absl::StatusOr<Receipt> Read() const {
    const std::string base =
        file.ends_with(kProof) ? file.substr(0, file.size() - std::string_view(kProof).size()) : file;
    Receipt receipt;
    PARLEY_ASSIGN_OR_RETURN(receipt.proof, ReadFile(base + kProof, kMaxFileBytes));
    PARLEY_ASSIGN_OR_RETURN(receipt.header, ReadFile(base + kHeader, kMaxFileBytes));
    auto entry = ReadFile(base + kEntry, kMaxFileBytes);
    if (!entry.ok() && !absl::IsNotFound(entry.status())) return entry.status();
    if (entry.ok()) receipt.stored_entry = *std::move(entry);
    return receipt;
  }
};

}  // namespace

void AddAuditProve(CLI::App& audit, Session& session, Action& action) {
  auto run = std::make_shared<ProveCommand>(session);
  CLI::App* command = audit.add_subcommand("prove", kProveHelp);
  command->add_option("relationship", run->relationship, "The relationship")->required();
  command->add_option("sequence", run->sequence, "The entry: its sequence, as in the timeline")->required();
  command->add_option("--out", run->out, "Beginning of the files' names; default: RELATIONSHIP-SEQUENCE")
      ->type_name("FILE");
  command->callback([run, &action] { action = [run] { return run->Run(); }; });
}

void AddAuditCheckReceipt(CLI::App& audit, Session& session, Action& action) {
  auto run = std::make_shared<CheckCommand>(session);
  CLI::App* command = audit.add_subcommand("check-receipt", kCheckHelp);
  command->add_option("file", run->file, "The receipt: FILE or FILE.tlog-proof of `parley audit prove`")->required();
  command->add_option("--trust", run->trust, "Public keys, and who must have signed (C2SP tlog-policy)")
      ->required()
      ->type_name("POLICY");
  command->callback([run, &action] { action = [run] { return run->Run(); }; });
}

}  // namespace parley
