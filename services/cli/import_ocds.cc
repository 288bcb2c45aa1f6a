#include "services/cli/import_ocds.h"

#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "eventstore/base/clock.h"
#include "services/cli/activity_sender.h"
#include "services/cli/import_target.h"
#include "services/cli/ocds_plan.h"
#include "services/cli/table.h"
#include "services/cli/text.h"

namespace parley {
namespace {

constexpr int kBatch = 500;
constexpr int kInFlight = 2;

// What became of one contracting process.
struct Imported {
  v1::Relationship relationship;
  bool created = false;
  int64_t objectives = 0, objectives_there = 0;
  ActivitySender::Counts activities;
};

grpc::Status Send(Client& caller, const OcdsPlan& plan, Imported* imported) {
  if (grpc::Status failed = EnsureRelationship(caller, plan.relationship, &imported->relationship, &imported->created);
      !failed.ok()) {
    return failed;
  }
  for (const v1::StateObjectiveRequest& planned : plan.objectives) {
    v1::StateObjectiveRequest request = planned;
    request.set_request_id(NewRequestId());
    v1::StateObjectiveResponse response;
    // The parent names the party whose own it is: relationships/{relationship}/parties/{party}.
    const std::string party = request.parent().substr(request.parent().rfind('/') + 1);
    const grpc::Status status = caller.For(party)->Call(request, &response);
    if (status.ok()) {
      ++imported->objectives;
    } else if (status.error_code() == grpc::StatusCode::ALREADY_EXISTS) {
      ++imported->objectives_there;
    } else {
      return status;
    }
  }
  // Whoever stands in for several parties has to say for which: the first.
  const bool named = !caller.options().party.empty();
  const auto client = caller.For(
      named || plan.relationship.parties().empty() ? caller.options().party : plan.relationship.parties(0).party_id());
  ActivitySender sender(*client, imported->relationship.name(), kBatch, kInFlight);
  for (const v1::Activity& activity : plan.activities) {
    if (!sender.Add(activity)) break;
  }
  const grpc::Status status = sender.Finish();
  imported->activities = sender.counts();
  return status;
}

void PrintLeftOut(Session& session, std::string_view heading, size_t count, const std::vector<Unplaced>& list,
                  bool brief) {
  std::ostream& out = session.streams.out;
  out << session.screen.Paint(Tone::kWarn, std::string(heading) + ": " + std::to_string(count)) << "\n";
  if (brief || list.empty()) return;
  Table table({{"What"}, {"Why"}});
  for (const Unplaced& entry : list) table.Add({{entry.subject, Tone::kDim}, {entry.reason}});
  table.Print(out, session.screen, 2);
}

void Print(Session& session, const OcdsContracting& contracting, const OcdsPlan& plan, const Imported& imported,
           bool brief) {
  std::ostream& out = session.streams.out;
  out << session.screen.Paint(Tone::kBold, imported.relationship.name()) << "  "
      << Printable(imported.relationship.display_name()) << (imported.created ? "  (opened by this import)" : "")
      << "\n";
  Table table({{""}, {"", true}, {""}});
  table.Add({{"releases"}, {Grouped(static_cast<int64_t>(contracting.releases.size()))}, {contracting.ocid}});
  table.Add({{"parties"}, {Grouped(imported.relationship.parties_size())}, {""}});
  table.Add({{"objectives"},
             {Grouped(static_cast<int64_t>(plan.objectives.size()))},
             {Grouped(imported.objectives) + " recorded as the buyer's own drafts, " +
              Grouped(imported.objectives_there) + " there already"}});
  table.Add({{"activities"},
             {Grouped(static_cast<int64_t>(plan.activities.size()))},
             {Grouped(imported.activities.recorded) + " recorded, " + Grouped(imported.activities.duplicates) +
              " there already"}});
  table.Print(out, session.screen, 2);
  PrintLeftOut(session, "not placed", plan.unplaced.size(), plan.unplaced, brief);
}

nlohmann::json ToJson(const std::vector<Unplaced>& list) {
  nlohmann::json out = nlohmann::json::array();
  for (const Unplaced& entry : list) out.push_back({{"what", entry.subject}, {"why", entry.reason}});
  return out;
}

// "/releases/0/parties/2/name" -> "/releases/*/parties/*/name"
std::string WithoutPlaces(const std::string& path) {
  std::string out;
  for (size_t at = 0; at < path.size();) {
    const size_t end = std::min(path.find('/', at + 1), path.size());
    const std::string step = path.substr(at + 1, end - at - 1);
    const bool place = !step.empty() && step.find_first_not_of("0123456789") == std::string::npos;
    out += place ? "/*" : "/" + step;
    at = end;
  }
  return out;
}

// What is the same but for its place in a list, or in a file, on one line.
std::vector<Unplaced> Condensed(const std::vector<OcdsLeftOut>& left) {
  std::map<std::pair<std::string, std::string>, int64_t> counts;
  for (const OcdsLeftOut& entry : left) ++counts[{WithoutPlaces(entry.path), entry.reason}];
  std::vector<Unplaced> out;
  for (const auto& [what, count] : counts)
    out.push_back({what.first, std::to_string(count) + " times: " + what.second});
  return out;
}

std::vector<Unplaced> ListOf(const std::vector<OcdsLeftOut>& left) {
  std::vector<Unplaced> out;
  for (const OcdsLeftOut& entry : left) out.push_back({entry.file + "#" + entry.path, entry.reason});
  return out;
}

}  // namespace

int ImportOcds(Session& session, const OcdsImportOptions& options) {
  if (session.options.principal.empty()) session.options.principal = kDefaultImporter;
  OcdsReader reader;
  for (const std::string& file : options.files) {
    if (absl::Status status = reader.AddFile(file); !status.ok()) return session.Misused(status);
  }
  const OcdsHistory history = reader.Finish();
  nlohmann::json json = {{"relationships", nlohmann::json::array()}};
  for (const OcdsContracting& contracting : history.contractings) {
    const OcdsPlan plan = PlanOcds(contracting, session.options.principal, SystemClock().Now());
    Imported imported;
    if (grpc::Status status = Send(session.client(), plan, &imported); !status.ok()) return session.Fail(status);
    if (!session.json) {
      Print(session, contracting, plan, imported, options.brief);
      continue;
    }
    json["relationships"].push_back({{"relationship", imported.relationship.name()},
                                     {"created", imported.created},
                                     {"releases", contracting.releases.size()},
                                     {"parties", imported.relationship.parties_size()},
                                     {"objectives_recorded", imported.objectives},
                                     {"objectives_there_already", imported.objectives_there},
                                     {"activities_recorded", imported.activities.recorded},
                                     {"activities_there_already", imported.activities.duplicates},
                                     {"not_placed", ToJson(plan.unplaced)}});
  }
  if (session.json) {
    json["withheld"] = ToJson(ListOf(history.withheld));
    json["not_understood"] = ToJson(ListOf(history.unplaced));
    json["repeated"] = history.repeated;
    session.streams.out << json.dump(2) << "\n";
    return kExitOk;
  }
  PrintLeftOut(session, "withheld", history.withheld.size(), Condensed(history.withheld), options.brief);
  PrintLeftOut(session, "not understood", history.unplaced.size(), Condensed(history.unplaced), options.brief);
  session.streams.out << session.screen.Paint(
                             Tone::kDim, Grouped(static_cast<int64_t>(history.repeated)) + " facts said nothing new")
                      << "\n";
  return kExitOk;
}

}  // namespace parley
