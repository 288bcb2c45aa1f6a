// parley audit verify: the verdict on a bundle.
#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "eventstore/base/file.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "eventstore/proof/note.h"
#include "services/cli/as_of.h"
#include "services/cli/audit_commands.h"
#include "services/cli/field_text.h"
#include "services/cli/keys_file.h"
#include "services/cli/policy_file.h"
#include "services/cli/table.h"
#include "services/cli/text.h"
#include "services/verify/scratch.h"
#include "services/verify/verify.h"

namespace parley {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kHelp[] =
    "Verifies a bundle, offline: re-hashes every byte, checks the signatures that the policy asks for, decides every "
    "command again under the charter then in force, and folds the read models again. Believes nothing of whoever made "
    "the bundle; what to believe instead is the policy's to say.";
constexpr uint64_t kMaxNoteBytes = 1 << 20;
constexpr int kLabelWidth = 12;

// The table of verdicts, which the exit status rests on.
std::string HelpOnVerdicts() {
  std::string out = "Verdicts, of which the first that applies is given:\n";
  for (const Verdict verdict : Verdicts()) {
    absl::StrAppend(&out, "  ", Pad(std::string(VerdictName(verdict)), 23), std::string(VerdictMeaning(verdict)), "\n");
  }
  return out +
         "Exit status: 0 complete or erased-with-authority, 1 any other verdict, 2 the command line makes no sense.";
}

// What whoever is told of an offence does next.
std::string_view NextStep(Verdict verdict) {
  switch (verdict) {
    case Verdict::kComplete:
    case Verdict::kErasedWithAuthority:
      return "";
    case Verdict::kDamaged:
      return "have it copied or exported again; where it stays so, whoever made it has to explain it";
    case Verdict::kBadSignature:
      return "hold the policy's keys against the parties' own; where the newest checkpoint is only not cosigned yet, "
             "have their agents run, or export --size of one that is";
    case Verdict::kAltered:
    case Verdict::kHidden:
    case Verdict::kTruncated:
    case Verdict::kForked:
      return "keep this bundle: it is evidence; get one from each party, and hold them against it with audit diff";
    case Verdict::kStale:
      return "ask for a newer export; where there is none, ask the parties why their agents cosign no more";
    case Verdict::kBackdated:
    case Verdict::kUnauthorised:
    case Verdict::kDivergent:
      return "keep this bundle: it is evidence; audit explain shows an entry, and what it rests on";
  }
  return "";
}

std::string Hex(const std::string& bytes) { return absl::BytesToHexString(bytes); }

std::string ByWhom(const std::vector<Witnessed>& witnessed) {
  std::string out;
  for (const Witnessed& one : witnessed) {
    absl::StrAppend(&out, out.empty() ? "" : ", ", "at ", Rfc3339(one.time), " by ", one.by);
  }
  return out;
}

Json JsonOf(const std::vector<Witnessed>& witnessed) {
  Json out = Json::array();
  for (const Witnessed& one : witnessed) {
    out.push_back({{"size", one.size}, {"by", one.by}, {"time", Rfc3339(one.time)}});
  }
  return out;
}

Json JsonOf(const std::vector<v1::ReadModelDigest>& digests) {
  Json out = Json::array();
  for (const v1::ReadModelDigest& digest : digests) {
    out.push_back({{"model", digest.model()},
                   {"version", digest.version()},
                   {"fold_version", digest.fold_version()},
                   {"sha256", Hex(digest.sha256())}});
  }
  return out;
}

Json JsonOf(const VerifyReport& report) {
  Json findings = Json::array();
  for (const Finding& finding : report.findings) {
    Json one = {{"verdict", VerdictName(finding.verdict)}};
    if (finding.sequence) one["sequence"] = *finding.sequence;
    one["what"] = Printable(finding.what);
    findings.push_back(std::move(one));
  }
  Json out = {{"verdict", VerdictName(report.verdict)},
              {"origin", report.origin},
              {"reader", report.reader.empty() ? "auditor" : report.reader},
              {"size", report.size},
              {"root", Hex(report.root)}};
  if (report.offence) out["offence"] = *report.offence;
  if (!report.detail.empty()) out["detail"] = Printable(report.detail);
  out["findings"] = std::move(findings);
  out["cosigned"] = JsonOf(report.cosigned);
  out["timestamps"] = JsonOf(report.timestamps);
  out["entries"] = report.entries;
  out["withheld"] = report.withheld;
  out["sealed_parts"] = report.sealed_parts;
  out["opened_parts"] = report.opened_parts;
  out["erased_parts"] = report.erased_parts;
  out["digests_recorded"] = report.digests_recorded;
  out["digests_reproduced"] = report.digests_reproduced;
  out["read_models"] = JsonOf(report.digests);
  if (!report.as_of_digests.empty()) out["read_models_as_of"] = JsonOf(report.as_of_digests);
  out["warnings"] = Json::array();
  for (const std::string& warning : report.warnings) out["warnings"].push_back(Printable(warning));
  return out;
}

class VerifyCommand {
 public:
  explicit VerifyCommand(Session& session) : session_(session) {}

  void AddTo(CLI::App* command) {
    command->add_option("bundle", options_.bundle, "The bundle: a directory")
        ->required()
        ->type_name("BUNDLE")
        ->check(CLI::ExistingDirectory.description(""));
    command->add_option("--trust", policy_, "Whom to trust: keys, and who must have signed (C2SP tlog-policy)")
        ->required()
        ->type_name("POLICY");
    command->add_option("--seen", seen_, "A checkpoint seen earlier, which the history must extend; may be repeated")
        ->allow_extra_args(false)
        ->type_name("CHECKPOINT");
    command->add_option("--keys", keys_, "Released keys: the texts about these people are checked too")
        ->type_name("FILE");
    command->add_option("--now", now_, "What the policy's max-age counts from; default: now")->type_name("TIME");
    as_of_.AddTo(command);
  }

  int Run() {
    if (const absl::Status given = Settle(); !given.ok()) return session_.Misused(given);
    const auto scratch = ScratchDir::Make();
    if (!scratch.ok()) return session_.FailHere(scratch.status());
    options_.scratch = (*scratch)->path();
    // What does not parse is a verdict, not something for the parser to talk about.
    google::protobuf::SetLogHandler(nullptr);
    const auto report = VerifyBundle(options_);
    if (!report.ok()) return session_.FailHere(report.status());
    if (session_.json) {
      session_.streams.out << JsonOf(*report).dump(2) << "\n";
    } else {
      Print(*report);
    }
    return IsGood(report->verdict) ? kExitOk : kExitRefused;
  }

 private:
  // What stands in files.
  absl::Status Settle() {
    PARLEY_ASSIGN_OR_RETURN(options_.policy, LoadPolicy(policy_));
    for (const std::string& path : seen_) {
      PARLEY_ASSIGN_OR_RETURN(options_.seen.emplace_back(), ReadFile(path, kMaxNoteBytes));
      const auto note = SignedNote::Parse(options_.seen.back());
      if (!note.ok()) {
        return absl::InvalidArgumentError("--seen: " + path +
                                          " is no checkpoint: " + std::string(note.status().message()));
      }
    }
    if (!keys_.empty()) {
      PARLEY_ASSIGN_OR_RETURN(loaded_keys_, LoadPersonKeys(keys_));
      options_.keys = &loaded_keys_;
    }
    if (!now_.empty()) {
      v1::PersonKeys time;
      const auto* field = v1::PersonKeys::descriptor()->FindFieldByNumber(v1::PersonKeys::kExpireTimeFieldNumber);
      if (const absl::Status set = SetFromText(&time, field, now_); !set.ok()) {
        return absl::InvalidArgumentError("--now: " + std::string(set.message()));
      }
      options_.now = FromProto(time.expire_time());
    }
    return as_of_.FillIn(&options_.as_of);
  }

  void Line(const std::string& label, const std::string& text, Tone tone = Tone::kPlain) const {
    session_.streams.out << session_.screen.Paint(Tone::kDim, Pad(label, kLabelWidth))
                         << session_.screen.Paint(tone, Printable(text)) << "\n";
  }

  void PrintModels(const std::string& title, const std::vector<v1::ReadModelDigest>& digests) const {
    if (digests.empty()) return;
    Line(title, "SHA-256 of their rows");
    Table table({{"Model"}, {"Version"}, {"SHA-256"}});
    for (const v1::ReadModelDigest& digest : digests) {
      table.Add(
          {{digest.model()}, {absl::StrCat(digest.version(), "/", digest.fold_version())}, {Hex(digest.sha256())}});
    }
    table.Print(session_.streams.out, session_.screen, kLabelWidth);
  }

  void Print(const VerifyReport& report) const {
    const bool good = IsGood(report.verdict);
    const auto count = [](uint64_t n) { return Grouped(static_cast<int64_t>(n)); };
    Line("Verdict", std::string(VerdictName(report.verdict)), good ? Tone::kGood : Tone::kBad);
    Line("", std::string(VerdictMeaning(report.verdict)), Tone::kDim);
    if (good) {
      const std::string cosigned = ByWhom(report.cosigned);
      Line("", absl::StrCat("complete to size ", report.size, cosigned.empty() ? ", cosigned by nobody" : ", cosigned ",
                            cosigned));
    } else {
      Line("Offence",
           report.offence ? absl::StrCat("at sequence ", *report.offence, ": ", report.detail) : report.detail,
           Tone::kBad);
      Line("Next", std::string(NextStep(report.verdict)));
    }
    if (report.findings.size() > 1) {
      Line("Breaches", absl::StrCat(report.findings.size(),
                                    " in all: the first of each kind, and each entry that was "
                                    "not allowed"));
      for (const Finding& finding : report.findings) {
        Line("", absl::StrCat(std::string(VerdictName(finding.verdict)), ": ", finding.what));
      }
    }
    if (!report.origin.empty()) {
      Line("Record", report.origin + ", as " + (report.reader.empty() ? "an auditor" : report.reader) + " may read it");
    }
    if (!report.root.empty()) Line("Root", absl::Base64Escape(report.root) + " (" + Hex(report.root) + ")");
    if (report.entries > 0) {
      Line("Entries",
           absl::StrCat(count(report.entries), " from ", Rfc3339(report.first_recorded_at), " to ",
                        Rfc3339(report.last_recorded_at), "; ", count(report.withheld), " of another party, withheld"));
      Line("People", absl::StrCat(count(report.sealed_parts), " sealed texts, ", count(report.opened_parts),
                                  " opened, ", count(report.erased_parts), " erased"));
    }
    for (const Witnessed& timestamp : report.timestamps) {
      Line("Time-stamp", absl::StrCat("size ", timestamp.size, " was there at ", Rfc3339(timestamp.time)));
    }
    if (report.digests_recorded > 0) {
      Line("Digests", absl::StrCat(count(report.digests_recorded), " in the record, ", count(report.digests_reproduced),
                                   " reproduced"));
    }
    PrintModels("Read models", report.digests);
    PrintModels("As of then", report.as_of_digests);
    for (const std::string& warning : report.warnings) Line("Warning", warning, Tone::kWarn);
  }

  Session& session_;
  VerifyOptions options_;
  std::string policy_, keys_, now_;
  std::vector<std::string> seen_;
  v1::PersonKeys loaded_keys_;
  AsOfFlags as_of_;
};

}  // namespace

void AddAuditVerify(CLI::App& audit, Session& session, Action& action) {
  auto verify = std::make_shared<VerifyCommand>(session);
  CLI::App* command = audit.add_subcommand("verify", kHelp);
  command->footer(HelpOnVerdicts());
  verify->AddTo(command);
  command->callback([verify, &action] { action = [verify] { return verify->Run(); }; });
}

}  // namespace parley
