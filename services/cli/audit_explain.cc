// parley audit explain: one entry of a bundle.
#include <google/protobuf/message.h>
#include <google/protobuf/stubs/logging.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "services/cli/audit_commands.h"
#include "services/cli/keys_file.h"
#include "services/cli/policy_file.h"
#include "services/cli/table.h"
#include "services/cli/text.h"
#include "services/cli/view.h"
#include "services/verify/explain.h"
#include "services/verify/scratch.h"

namespace parley {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Json = nlohmann::ordered_json;

constexpr char kHelp[] =
    "Explains one entry of a bundle, offline: who recorded it and when, under which right, what it changed in the read "
    "models, and what proves it. Exit status 0 where the entry was allowed and what was looked at of the bundle holds; "
    "`parley audit verify` looks at everything.";
constexpr int kLabelWidth = 12;

// A message of the generated code, of a type by name; null where there is no such type or the bytes are none.
std::unique_ptr<Message> ParseAs(const std::string& type, const std::string& bytes) {
  const auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(type);
  if (descriptor == nullptr) return nullptr;
  std::unique_ptr<Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
  if (!message->ParseFromString(bytes)) return nullptr;
  return message;
}

std::unique_ptr<Message> EventOf(const v1::TimelineEntry& entry) {
  const std::string& url = entry.event().type_url();
  return ParseAs(url.substr(url.rfind('/') + 1), entry.event().value());
}

Json JsonOf(const RowChange& change) {
  Json out = {{"model", change.model}, {"key", Printable(change.key)}};
  const auto put = [&](const char* name, const std::optional<std::string>& bytes) {
    if (!bytes) return;
    const auto resource = ParseAs(change.resource_type, *bytes);
    out[name] = resource ? Json::parse(ToJson(*resource)) : Json(absl::Base64Escape(*bytes));
  };
  put("before", change.before);
  put("after", change.after);
  return out;
}

Json JsonOf(const std::vector<Witnessed>& witnessed) {
  Json out = Json::array();
  for (const Witnessed& one : witnessed) {
    out.push_back({{"size", one.size}, {"by", one.by}, {"time", Rfc3339(one.time)}});
  }
  return out;
}

Json JsonOf(const Explanation& explanation) {
  Json out = {{"origin", explanation.origin},
              {"size", explanation.size},
              {"entry", Json::parse(ToJson(explanation.entry))},
              {"rights", explanation.rights}};
  if (!explanation.refusal.empty()) out["refusal"] = explanation.refusal;
  out["changes"] = Json::array();
  for (const RowChange& change : explanation.changes) out["changes"].push_back(JsonOf(change));
  Json inclusion = Json::array();
  for (const std::string& hash : explanation.inclusion) inclusion.push_back(absl::BytesToHexString(hash));
  Json notes = Json::array();
  for (const CoveringNote& note : explanation.notes) {
    notes.push_back({{"size", note.size},
                     {"root", absl::BytesToHexString(note.root)},
                     {"signed_by_log", note.signed_by_log},
                     {"cosigned", JsonOf(note.cosigned)}});
  }
  out["proof"] = {{"leaf_hash", absl::BytesToHexString(explanation.leaf_hash)},
                  {"inclusion", std::move(inclusion)},
                  {"root", absl::BytesToHexString(explanation.root)},
                  {"checkpoints", std::move(notes)},
                  {"timestamps", JsonOf(explanation.timestamps)}};
  out["findings"] = Json::array();
  for (const Finding& finding : explanation.findings) {
    out["findings"].push_back({{"verdict", VerdictName(finding.verdict)}, {"what", Printable(finding.what)}});
  }
  return out;
}

class ExplainCommand {
 public:
  explicit ExplainCommand(Session& session) : session_(session) {}

  void AddTo(CLI::App* command) {
    command->add_option("bundle", options_.bundle, "The bundle: a directory")->required()->type_name("BUNDLE");
    command->add_option("sequence", options_.sequence, "Which entry: 0, 1, 2, …")->required()->type_name("SEQUENCE");
    command
        ->add_option("--trust", policy_,
                     "Whose signatures count; default: those under keys that the record itself names, which proves "
                     "nothing to whoever does not know them")
        ->type_name("POLICY");
    command->add_option("--keys", keys_, "Released keys, which fill in what is said about people")->type_name("FILE");
  }

  int Run() {
    if (const absl::Status given = Settle(); !given.ok()) return session_.Misused(given);
    const auto scratch = ScratchDir::Make();
    if (!scratch.ok()) return session_.FailHere(scratch.status());
    options_.scratch = (*scratch)->path();
    google::protobuf::SetLogHandler(nullptr);
    const auto explanation = ExplainEntry(options_);
    if (!explanation.ok()) return session_.FailHere(explanation.status());
    if (session_.json) {
      session_.streams.out << JsonOf(*explanation).dump(2) << "\n";
    } else {
      Print(*explanation);
    }
    return explanation->refusal.empty() && explanation->findings.empty() ? kExitOk : kExitRefused;
  }

 private:
  absl::Status Settle() {
    if (!policy_.empty()) {
      PARLEY_ASSIGN_OR_RETURN(options_.policy, LoadPolicy(policy_));
    }
    if (!keys_.empty()) {
      PARLEY_ASSIGN_OR_RETURN(loaded_keys_, LoadPersonKeys(keys_));
      options_.keys = &loaded_keys_;
    }
    return absl::OkStatus();
  }

  std::ostream& out() const { return session_.streams.out; }
  void Line(const std::string& label, const std::string& text, Tone tone = Tone::kPlain) const {
    out() << session_.screen.Paint(Tone::kDim, Pad(label, kLabelWidth)) << session_.screen.Paint(tone, Printable(text))
          << "\n";
  }

  void PrintEntry(const v1::TimelineEntry& entry) const {
    const std::string recorded = Rfc3339(FromProto(entry.recorded_at()));
    if (entry.withheld()) {
      Line("Entry", absl::StrCat(entry.sequence(), ": ", entry.owner(), "'s own, withheld from this bundle's reader"),
           Tone::kAccent);
      return Line("Recorded", recorded);
    }
    Line("Entry", absl::StrCat(entry.sequence(), ": ", entry.event_type(), ", ", entry.stream()), Tone::kAccent);
    if (!entry.summary().empty()) Line("", entry.summary());
    const std::string effective = Rfc3339(FromProto(entry.effective_at()));
    Line("Recorded", recorded + (effective == recorded ? "" : ", effective " + effective) +
                         (entry.historical() ? ", taken over from another system" : ""));
    Line("By", entry.actor() + (entry.party().empty() ? "" : " for " + entry.party()) +
                   (entry.role().empty() ? "" : " as " + entry.role()) +
                   (entry.on_behalf_of().empty() ? "" : ", standing in for " + entry.on_behalf_of()));
    if (!entry.request_id().empty()) Line("Request", entry.request_id());
    if (entry.has_caused_by()) Line("Follows", absl::StrCat("from entry ", entry.caused_by()));
    if (const auto event = EventOf(entry)) {
      Line("Event", event->GetDescriptor()->name());
      PrintMessage(out(), session_.screen, *event, kLabelWidth);
    }
  }

  void PrintRight(const Explanation& explanation) const {
    for (size_t i = 0; i < explanation.rights.size(); ++i) Line(i == 0 ? "Right" : "", explanation.rights[i]);
    if (explanation.refusal.empty()) {
      Line("", "decided again, the rules allow it and come to the same", Tone::kGood);
    } else {
      Line("", explanation.refusal, Tone::kBad);
    }
  }

  // Fields of a resource that are not what they were.
  void PrintFields(const RowChange& change) const {
    const auto before = ParseAs(change.resource_type, change.before.value_or(""));
    const auto after = ParseAs(change.resource_type, change.after.value_or(""));
    if (before == nullptr || after == nullptr) return;
    Table table({{"Field"}, {"Was"}, {"Is"}});
    for (int i = 0; i < after->GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor& field = *after->GetDescriptor()->field(i);
      const Cell was = CellOf(*before, field), is = CellOf(*after, field);
      // Lists are counted in a cell: what changed within one shows in its event.
      if (was.text != is.text) table.Add({{field.name()}, was, is});
    }
    table.Print(out(), session_.screen, kLabelWidth + 2);
  }

  void PrintChanges(const std::vector<RowChange>& changes) const {
    Line("Changed",
         changes.empty() ? "nothing in any read model" : absl::StrCat(changes.size(), " rows of read models"));
    for (const RowChange& change : changes) {
      const char* what = !change.before ? "new" : !change.after ? "gone" : "changed";
      Line("", absl::StrCat(change.model, ": ", change.key, ", ", what));
      if (!change.resource_type.empty()) PrintFields(change);
    }
  }

  void PrintProof(const Explanation& explanation) const {
    Line("Leaf", absl::Base64Escape(explanation.leaf_hash));
    Line("Proof", absl::StrCat(explanation.inclusion.size(), " hashes lead from it to the root of ", explanation.size,
                               " entries"));
    Line("Root", absl::Base64Escape(explanation.root));
    for (const CoveringNote& note : explanation.notes) {
      std::string text =
          absl::StrCat("of size ", note.size, note.signed_by_log ? ", signed by the log" : ", not signed");
      for (const Witnessed& one : note.cosigned) {
        absl::StrAppend(&text, ", cosigned at ", Rfc3339(one.time), " by ", one.by);
      }
      Line("Checkpoint", text, note.signed_by_log ? Tone::kPlain : Tone::kBad);
    }
    for (const Witnessed& timestamp : explanation.timestamps) {
      Line("Time-stamp", absl::StrCat("size ", timestamp.size, " was there at ", Rfc3339(timestamp.time)));
    }
  }

  void Print(const Explanation& explanation) const {
    PrintEntry(explanation.entry);
    if (!explanation.entry.withheld()) {
      PrintRight(explanation);
      PrintChanges(explanation.changes);
    }
    PrintProof(explanation);
    for (const Finding& finding : explanation.findings) {
      Line("But", absl::StrCat("the bundle is ", std::string(VerdictName(finding.verdict)), ": ", finding.what),
           Tone::kBad);
    }
  }

  Session& session_;
  ExplainOptions options_;
  std::string policy_, keys_;
  v1::PersonKeys loaded_keys_;
};

}  // namespace

void AddAuditExplain(CLI::App& audit, Session& session, Action& action) {
  auto explain = std::make_shared<ExplainCommand>(session);
  CLI::App* command = audit.add_subcommand("explain", kHelp);
  explain->AddTo(command);
  command->callback([explain, &action] { action = [explain] { return explain->Run(); }; });
}

}  // namespace parley
