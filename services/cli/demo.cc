#include "services/cli/demo.h"

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "parley/v1/errors.pb.h"
#include "services/cli/demo_agenda.h"
#include "services/cli/demo_cast.h"
#include "services/cli/demo_chapters.h"
#include "services/cli/demo_desk.h"

namespace parley {
namespace {

using demo::Agenda;
using demo::Desk;
using demo::Person;
using demo::Step;
using Clock = v1::DevelopmentService::Stub;
using Relationships = v1::RelationshipService::Stub;

constexpr Person kNobody{};

// The reason as the server gave it: "OBJECTION_STANDS"; empty where it gave none.
std::string ReasonOf(const grpc::Status& status) {
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  if (!details.ParseFromString(status.error_details())) return "";
  for (const auto& detail : details.details()) {
    if (detail.UnpackTo(&info)) return info.reason();
  }
  return "";
}

absl::Status FailedTo(const std::string& what, const grpc::Status& status) {
  const std::string reason = ReasonOf(status);
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                      absl::StrCat(what, ": ", reason.empty() ? "" : reason + ": ", status.error_message()));
}

// Counts what the story came to.
class Tally {
 public:
  void Count(const Step& step) {
    // A party's own: "parties/acme/objectives/second-source".
    const std::string first = step.resource.substr(0, step.resource.find('/'));
    const std::string area = first == "parties" ? "objectives" : first;
    month_[area] += step.items;
    Area& all = areas_[area];
    ++all.commands;
    if (all.resources.insert(step.resource).second) all.items += step.items;
    ++commands_;
  }
  int commands() const { return commands_; }
  // "decisions 2, metrics 31": what was done since the last call.
  std::string TakeMonth() {
    std::string line;
    for (const auto& [area, count] : month_) absl::StrAppend(&line, line.empty() ? "" : ", ", area, " ", count);
    month_.clear();
    return line.empty() ? "quiet" : line;
  }
  void Print(std::ostream& out) const {
    for (const auto& [area, all] : areas_) {
      out << "  " << all.items << " " << area << ", by " << all.commands << " commands\n";
    }
  }

 private:
  struct Area {
    std::set<std::string> resources;
    int items = 0;
    int commands = 0;
  };
  std::map<std::string, int> month_;
  std::map<std::string, Area> areas_;
  int commands_ = 0;
};

absl::StatusOr<absl::Time> ReadClock(Desk& desk) {
  v1::GetClockResponse clock;
  const grpc::Status status = desk.Call(kNobody, &Clock::GetClock, v1::GetClockRequest(), &clock);
  if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED) {
    return absl::FailedPreconditionError(
        "the demo moves the clock through two years, and this server's clock cannot be moved: start a server of its "
        "own "
        "for it, with --manual-clock 2024-01-01T08:00:00Z");
  }
  if (!status.ok()) return FailedTo("cannot read the server's clock", status);
  return FromProto(clock.time());
}

absl::Status AdvanceClock(Desk& desk, absl::Time time) {
  v1::AdvanceClockRequest request;
  *request.mutable_time() = ToProto(time);
  v1::AdvanceClockResponse response;
  const grpc::Status status = desk.Call(kNobody, &Clock::AdvanceClock, request, &response);
  if (!status.ok()) return FailedTo("cannot move the server's clock to " + Rfc3339(time), status);
  return absl::OkStatus();
}

// When the story starts: now, or when an earlier run with the same seed started it, which then answers again.
absl::StatusOr<absl::Time> Establish(Desk& desk, const DemoOptions& options) {
  v1::EstablishRelationshipRequest request = demo::Establishment(options.relationship);
  request.set_request_id(demo::RequestId(options.seed, "establish", 1));
  v1::EstablishRelationshipResponse response;
  const Person founder{demo::kVmoLead.handle, ""};
  const grpc::Status status = desk.Call(founder, &Relationships::EstablishRelationship, request, &response);
  if (status.error_code() == grpc::StatusCode::ALREADY_EXISTS) {
    return absl::AlreadyExistsError(absl::StrCat("there is a relationship ", options.relationship,
                                                 " that the demo did not begin with seed ", options.seed,
                                                 ": name another one, or give the seed that it was begun with"));
  }
  if (!status.ok()) return FailedTo("cannot establish the relationship", status);
  return FromProto(response.relationship().create_time());
}

Agenda WriteAgenda(const DemoOptions& options, absl::Time start) {
  Agenda agenda(options.relationship, options.seed, start);
  demo::TellRelationship(agenda);
  demo::TellPeople(agenda);
  demo::TellCharter(agenda);
  demo::TellObjectives(agenda);
  demo::TellDefinitions(agenda);
  demo::TellReports(agenda);
  demo::TellDecisions(agenda);
  demo::TellDisputes(agenda);
  demo::TellActivities(agenda);
  return agenda;
}

}  // namespace

absl::Status RunDemo(const DemoOptions& options, std::shared_ptr<grpc::Channel> channel, std::ostream& out) {
  if (options.months < 1 || options.months > demo::kMonths) {
    return absl::InvalidArgumentError(absl::StrCat("the story has 1 to ", demo::kMonths, " months"));
  }
  Desk desk(channel);
  PARLEY_ASSIGN_OR_RETURN(absl::Time now, ReadClock(desk));
  PARLEY_ASSIGN_OR_RETURN(const absl::Time start, Establish(desk, options));
  const Agenda agenda = WriteAgenda(options, start);
  out << agenda.root() << ", seed " << options.seed << ", from " << Rfc3339(start) << "\n";
  if (start < now)
    out << "Begun before; the clock stands at " << Rfc3339(now) << ". What is there is not written again.\n";

  // The last month's reports are made in the first days of the one after it.
  const absl::Time end = agenda.TimeOf({options.months, 11, 0});
  Tally tally;
  int month = demo::kSetup;
  const auto print_month = [&] {
    out << (month == demo::kSetup ? "setting up" : agenda.Month(month)) << "  " << tally.TakeMonth() << std::endl;
  };
  for (const Step& step : agenda.InOrder()) {
    if (step.time >= end) break;
    for (; month < step.month; ++month) print_month();
    if (step.time > now) {
      PARLEY_RETURN_IF_ERROR(AdvanceClock(desk, step.time));
      now = step.time;
    }
    if (const grpc::Status status = step.send(desk); !status.ok()) {
      return FailedTo(
          absl::StrCat(Rfc3339(step.time), ", ", std::string(step.who.handle), ", ", step.method, " ", step.resource),
          status);
    }
    tally.Count(step);
  }
  print_month();
  out << "Told until " << Rfc3339(now) << ", in " << tally.commands() + 1 << " commands:\n";
  tally.Print(out);
  return absl::OkStatus();
}

}  // namespace parley
