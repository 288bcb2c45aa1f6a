#include "services/cli/import_xes.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "eventstore/base/clock.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/proto_util.h"
#include "services/cli/activity_sender.h"
#include "services/cli/import_target.h"
#include "services/cli/metric_import.h"
#include "services/cli/progress_bar.h"
#include "services/cli/pseudonym_key.h"
#include "services/cli/request_flags.h"
#include "services/cli/table.h"
#include "services/cli/xes_figures.h"

namespace parley {
namespace {

struct BareParse {
  absl::Duration took;
  absl::Time first = absl::InfiniteFuture();  // The earliest event's.
};

class XesImport {
 public:
  XesImport(Session& session, const XesImportOptions& options, XesMapping mapping, Pseudonymizer pseudonymizer)
      : session_(session), options_(options), mapping_(std::move(mapping)), pseudonymizer_(std::move(pseudonymizer)) {}

  int Run();

 private:
  absl::Status Parse();
  grpc::Status EnsureTarget();
  absl::Status SendActivities(ActivitySender& sender);
  grpc::Status SendMetrics(const std::string& consistency_token);
  bool wants_metrics() const { return !options_.mapping_file.empty() && !mapping_.metrics.empty(); }
  v1::Activity ToActivity(const ImportedActivity& imported) const;
  void PrintSummary();
  nlohmann::json SummaryJson() const;

  Session& session_;
  const XesImportOptions& options_;
  const XesMapping mapping_;
  Pseudonymizer pseudonymizer_;

  BareParse bare_;
  v1::Relationship relationship_;
  bool created_ = false;
  XesFigures figures_;
  XesSummary read_;
  MonthlyMetrics monthly_{mapping_};
  ActivitySender::Counts counts_;
  MetricCounts metric_counts_;
  std::string metrics_left_out_;  // Why, where they could not be recorded.
  absl::Duration took_;
};

int XesImport::Run() {
  if (absl::Status status = Parse(); !status.ok()) return session_.Misused(status);
  const absl::Duration start = Monotonic();
  if (grpc::Status status = EnsureTarget(); !status.ok()) return session_.Fail(status);
  // An importer that stands in for several parties has to say for which it acts.
  const std::string& named = session_.options.party;
  const bool stands_in = StandsInForAll(relationship_, session_.options.principal);
  const auto client = session_.client().For(named.empty() && stands_in ? mapping_.default_party : named);
  ActivitySender sender(*client, relationship_.name(), options_.batch, options_.in_flight);
  const absl::Status read = SendActivities(sender);
  if (grpc::Status status = sender.Finish(); !status.ok()) return session_.Fail(status);
  counts_ = sender.counts();
  if (!read.ok()) return session_.Misused(read);
  if (wants_metrics()) {
    if (grpc::Status status = SendMetrics(sender.consistency_token()); !status.ok()) return session_.Fail(status);
  }
  took_ = Monotonic() - start;
  if (session_.json) {
    session_.streams.out << SummaryJson().dump(2) << "\n";
  } else {
    PrintSummary();
  }
  return kExitOk;
}

absl::Status XesImport::Parse() {
  const absl::Duration start = Monotonic();
  auto reader = XesReader::Open(options_.file, pseudonymizer_, mapping_.ReaderOptions());
  if (!reader.ok()) return reader.status();
  while (true) {
    auto trace = (*reader)->Next();
    if (!trace.ok()) return trace.status();
    if (!*trace) break;
    for (const XesEvent& event : (*trace)->events) bare_.first = std::min(bare_.first, event.time);
  }
  bare_.took = Monotonic() - start;
  if ((*reader)->summary().events == 0) return absl::InvalidArgumentError(options_.file + " holds no events");
  return absl::OkStatus();
}

grpc::Status XesImport::EnsureTarget() {
  const std::filesystem::path path(options_.file);
  std::string stem = path.filename().string();
  stem.resize(std::min(stem.find('.'), stem.size()));
  v1::EstablishRelationshipRequest wanted;
  const std::string name = FullResourceName(options_.relationship.empty() ? Slugged(stem) : options_.relationship);
  wanted.set_relationship_id(name.substr(name.find('/') + 1));
  wanted.set_display_name("Imported from " + path.filename().string());
  wanted.set_archetype(v1::ARCHETYPE_MANAGED_SERVICE);
  wanted.set_stage(v1::STAGE_OPERATING);
  wanted.set_historical(true);
  *wanted.mutable_effective_at() = ToProto(bare_.first);
  const auto add = [&](const std::string& id, v1::PartyKind kind, const std::string& display_name) {
    auto& party = *wanted.add_parties();
    party.set_party_id(id);
    party.set_kind(kind);
    party.set_display_name(display_name);
    party.set_first_member(session_.options.principal);
  };
  add("buyer", v1::PARTY_KIND_BUYER, "Buyer");
  add("provider", v1::PARTY_KIND_PROVIDER, "Provider");
  std::set<std::string> others = {mapping_.default_party};
  for (const auto& [line, party] : mapping_.parties) others.insert(party);
  for (const std::string& id : others) {
    if (!id.empty() && id != "buyer" && id != "provider") add(id, v1::PARTY_KIND_THIRD_PARTY, id);
  }
  return EnsureRelationship(session_.client(), wanted, &relationship_, &created_);
}

v1::Activity XesImport::ToActivity(const ImportedActivity& imported) const {
  v1::Activity activity;
  activity.set_source(options_.source.empty() ? imported.source : options_.source);
  activity.set_source_id(imported.source_id);
  activity.set_case_id(imported.case_id);
  activity.set_activity(imported.activity);
  activity.set_status(imported.status);
  activity.set_waiting(imported.waiting);
  activity.set_party_id(imported.party);
  activity.set_team(imported.team);
  activity.set_site(imported.site);
  activity.set_person(imported.person);
  *activity.mutable_time() = ToProto(imported.time);
  return activity;
}

absl::Status XesImport::SendActivities(ActivitySender& sender) {
  auto reader = XesReader::Open(options_.file, pseudonymizer_, mapping_.ReaderOptions());
  if (!reader.ok()) return reader.status();
  ProgressBar bar(session_.streams.err, session_.err_screen, session_.streams.err_is_terminal, "importing");
  while (true) {
    auto trace = (*reader)->Next();
    if (!trace.ok()) return trace.status();
    if (!*trace) break;
    figures_.Add(mapping_, **trace);
    monthly_.Add(**trace);
    for (const XesEvent& event : (*trace)->events) {
      auto imported = MapEvent(mapping_, **trace, event);
      if (!imported.ok()) return imported.status();
      if (!sender.Add(ToActivity(*imported))) return absl::OkStatus();  // Finish says why.
    }
    const XesProgress progress = (*reader)->progress();
    bar.Update(progress.bytes_read, progress.bytes_total, Grouped(figures_.activities) + " activities", Monotonic());
  }
  read_ = (*reader)->summary();
  return absl::OkStatus();
}

grpc::Status XesImport::SendMetrics(const std::string& consistency_token) {
  if (!StandsInForAll(relationship_, session_.options.principal)) {
    metrics_left_out_ = "not recorded: " + session_.options.principal + " does not act for every buyer and provider";
    return grpc::Status::OK;
  }
  if (grpc::Status status = EnsureCharter(session_.client(), consistency_token, &relationship_); !status.ok()) {
    return status;
  }
  std::ifstream file(options_.file, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  MetricImport import;
  import.provider = "provider";
  import.start = bare_.first;
  import.evidence_name = std::filesystem::path(options_.file).filename().string();
  import.evidence_sha256 = Sha256(bytes);
  import.source = options_.source.empty() ? mapping_.source : options_.source;
  import.consistency_token = consistency_token;
  return ImportMetrics(session_.client(), relationship_, mapping_, monthly_.Reports(), import, &metric_counts_);
}

std::string Seconds(absl::Duration duration) {
  const int64_t tenths = absl::ToInt64Milliseconds(duration) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

// How many times b goes into a, to a tenth.
std::string Ratio(absl::Duration a, absl::Duration b) {
  const int64_t tenths = absl::ToInt64Microseconds(a) * 10 / std::max<int64_t>(1, absl::ToInt64Microseconds(b));
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

void XesImport::PrintSummary() {
  std::ostream& out = session_.streams.out;
  const int64_t waiting = absl::ToInt64Seconds(figures_.waiting), total = absl::ToInt64Seconds(figures_.total);
  out << session_.screen.Paint(Tone::kBold, relationship_.name()) << (created_ ? "  (opened by this import)" : "")
      << "\n";
  Table table({{""}, {"", true}, {""}});
  table.Add({{"cases"}, {Grouped(figures_.cases)}, {""}});
  table.Add({{"activities"},
             {Grouped(figures_.activities)},
             {Grouped(counts_.recorded) + " recorded, " + Grouped(counts_.duplicates) + " there already"}});
  table.Add({{"teams"}, {Grouped(static_cast<int64_t>(figures_.teams.size()))}, {""}});
  table.Add({{"waiting share"}, {Percent(waiting, total)}, {Grouped(waiting) + " s of " + Grouped(total) + " s"}});
  table.Add({{"mostly waiting"}, {Grouped(figures_.mostly_waiting)}, {"cases that wait more than half their time"}});
  table.Add({{"team changes"}, {Grouped(figures_.team_changed_twice)}, {"cases that change team at least twice"}});
  if (wants_metrics()) {
    const std::string reports = Grouped(metric_counts_.reported) + " monthly reports recorded, " +
                                Grouped(metric_counts_.there_already) + " there already, " +
                                Grouped(metric_counts_.not_over) + " of months not over yet";
    table.Add(
        {{"metrics"}, {Grouped(metric_counts_.metrics)}, {metrics_left_out_.empty() ? reports : metrics_left_out_}});
  }
  table.Add({{"took"},
             {Seconds(took_) + " s"},
             {Ratio(took_, bare_.took) + " times a bare parse of the same file, " + Seconds(bare_.took) + " s"}});
  table.Print(out, session_.screen, 2);
  out << session_.screen.Paint(Tone::kDim, "left out") << "\n";
  Table left({{""}, {"", true}});
  left.Add({{"attributes of the log itself, which may name people"},
            {Grouped(static_cast<int64_t>(read_.log_attributes_withheld))}});
  left.Add({{"attributes of attributes"}, {Grouped(static_cast<int64_t>(read_.nested_attributes_ignored))}});
  left.Add({{"events outside cases"}, {Grouped(static_cast<int64_t>(read_.events_outside_cases))}});
  for (const auto& [key, count] : read_.attributes_not_kept) {
    left.Add({{key.empty() ? "undeclared attributes" : "attribute " + key}, {Grouped(static_cast<int64_t>(count))}});
  }
  left.Print(out, session_.screen, 2);
}

nlohmann::json XesImport::SummaryJson() const {
  nlohmann::json out = {{"relationship", relationship_.name()},
                        {"created", created_},
                        {"cases", figures_.cases},
                        {"activities", figures_.activities},
                        {"recorded", counts_.recorded},
                        {"duplicates", counts_.duplicates},
                        {"teams", figures_.teams.size()},
                        {"waiting_seconds", absl::ToInt64Seconds(figures_.waiting)},
                        {"total_seconds", absl::ToInt64Seconds(figures_.total)},
                        {"mostly_waiting_cases", figures_.mostly_waiting},
                        {"team_changed_twice_cases", figures_.team_changed_twice},
                        {"milliseconds", absl::ToInt64Milliseconds(took_)},
                        {"bare_parse_milliseconds", absl::ToInt64Milliseconds(bare_.took)},
                        {"left_out",
                         {{"log_attributes", read_.log_attributes_withheld},
                          {"nested_attributes", read_.nested_attributes_ignored},
                          {"events_outside_cases", read_.events_outside_cases},
                          {"attributes", read_.attributes_not_kept}}}};
  if (wants_metrics()) {
    out["metrics"] = {{"count", metric_counts_.metrics},
                      {"reported", metric_counts_.reported},
                      {"there_already", metric_counts_.there_already},
                      {"not_over", metric_counts_.not_over},
                      {"left_out", metrics_left_out_}};
  }
  return out;
}

}  // namespace

int ImportXes(Session& session, const XesImportOptions& options) {
  if (session.options.principal.empty()) session.options.principal = kDefaultImporter;
  absl::StatusOr<XesMapping> mapping =
      options.mapping_file.empty() ? XesMapping::Default() : XesMapping::Load(options.mapping_file);
  if (!mapping.ok()) return session.Misused(mapping.status());
  if (!options.mapping_file.empty()) {
    if (absl::Status status = CheckLevels(*mapping); !status.ok()) return session.Misused(status);
  }
  auto key = LoadPseudonymKey(options.key_file);
  if (!key.ok()) return session.Misused(key.status());
  auto pseudonymizer = Pseudonymizer::Create(*key);
  if (!pseudonymizer.ok()) return session.Misused(pseudonymizer.status());
  return XesImport(session, options, *std::move(mapping), *std::move(pseudonymizer)).Run();
}

}  // namespace parley
