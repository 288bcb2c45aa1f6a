// parley timeline and parley watch.
#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "eventstore/base/proto_util.h"
#include "parley/v1/timeline.pb.h"
#include "services/cli/canvas.h"
#include "services/cli/field_text.h"
#include "services/cli/request_flags.h"
#include "services/cli/session.h"
#include "services/cli/text.h"
#include "services/cli/timeline_line.h"
#include "services/cli/view.h"

namespace parley {
namespace {

constexpr int kPage = 500;

class TimelineCommand {
 public:
  explicit TimelineCommand(Session& session) : session_(session) {}

  void AddSelection(CLI::App* command) {
    command->add_option("relationship", relationship_, "The relationship")->required();
    command->add_option("--about", about_, "Only what is about this resource")->type_name("NAME");
    command->add_option("--event", event_, "Only these events: decision.proposed, or decision. for all of decisions");
    command->add_option("--by", actor_, "Only what this principal did")->type_name("HANDLE");
    command->add_option("--by-party", party_, "Only what was done for this party")->type_name("ID");
  }
  void AddTimeline(CLI::App* command) {
    AddSelection(command);
    command->add_option("--since", since_, "Recorded from then on")->type_name("TIME");
    command->add_option("--until", until_, "Recorded before then")->type_name("TIME");
    command->add_option("--limit", limit_, "The latest so many")->capture_default_str()->check(CLI::PositiveNumber);
    command->add_flag("--all", all_, "From the first entry on");
    command->add_flag("--follow", follow_, "Go on with each entry as it is recorded");
  }
  void AddWatch(CLI::App* command) {
    AddSelection(command);
    command->add_option("--from", from_, "The first entry wanted: its sequence")->capture_default_str();
  }

  int RunTimeline() {
    v1::ListTimelineEntriesRequest request;
    if (absl::Status status = FillSelection(request.mutable_selection()); !status.ok()) return session_.Misused(status);
    request.set_parent(FullResourceName(relationship_));
    const int exit_code = all_ ? PrintAll(request) : PrintLatest(request);
    if (exit_code != kExitOk || !follow_) return exit_code;
    return Watch();
  }

  int Watch() {
    v1::WatchTimelineRequest request;
    if (absl::Status status = FillSelection(request.mutable_selection()); !status.ok()) return session_.Misused(status);
    if (request.selection().has_end_time())
      return session_.Misused(absl::InvalidArgumentError("--until ends what --follow follows"));
    request.set_parent(FullResourceName(relationship_));
    session_.streams.out.flush();  // What was listed is not held back until something happens.
    v1::WatchTimelineResponse response;
    while (true) {
      request.set_start_sequence(from_);
      bool progress = false;
      const grpc::Status status = session_.client().Stream(Method("WatchTimeline"), request, &response, [&] {
        progress = true;
        Print(response.timeline_entry());
        session_.streams.out.flush();
        return session_.streams.out.good();
      });
      if (status.ok()) return kExitOk;
      // A server that went away after it had said something is waited for, and asked for what comes next.
      if (status.error_code() != grpc::StatusCode::UNAVAILABLE || !progress) return session_.Fail(status);
      session_.streams.err << session_.err_screen.Paint(Tone::kDim,
                                                        "connection lost, going on from " + std::to_string(from_))
                           << "\n";
    }
  }

 private:
  const google::protobuf::MethodDescriptor& Method(const std::string& name) const {
    return *session_.api.FindMethod("parley.v1.TimelineService." + name);
  }

  absl::Status FillSelection(v1::TimelineSelection* selection) const {
    if (!about_.empty()) selection->set_stream(FullResourceName(about_));
    selection->set_event_type(event_);
    selection->set_actor(actor_);
    selection->set_party(party_);
    for (const auto& [flag, text, field] :
         {std::tuple("--since", since_, "start_time"), std::tuple("--until", until_, "end_time")}) {
      if (text.empty()) continue;
      const absl::Status status = SetFromText(selection, selection->GetDescriptor()->FindFieldByName(field), text);
      if (!status.ok()) return absl::InvalidArgumentError(std::string(flag) + ": " + std::string(status.message()));
    }
    return absl::OkStatus();
  }

  int PrintAll(v1::ListTimelineEntriesRequest request) {
    request.set_order(v1::TIMELINE_ORDER_OLDEST_FIRST);
    request.set_page_size(kPage);
    do {
      v1::ListTimelineEntriesResponse page;
      int exit_code = kExitOk;
      if (!session_.Call(Method("ListTimelineEntries"), request, &page, &exit_code)) return exit_code;
      for (const auto& entry : page.timeline_entries()) Print(entry);
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty() && session_.streams.out.good());
    return kExitOk;
  }

  // The latest come first from the server and last on the screen.
  int PrintLatest(v1::ListTimelineEntriesRequest request) {
    request.set_order(v1::TIMELINE_ORDER_NEWEST_FIRST);
    std::vector<v1::TimelineEntry> latest;
    do {
      v1::ListTimelineEntriesResponse page;
      request.set_page_size(std::min(kPage, limit_));
      int exit_code = kExitOk;
      if (!session_.Call(Method("ListTimelineEntries"), request, &page, &exit_code)) return exit_code;
      for (auto& entry : *page.mutable_timeline_entries()) {
        if (latest.size() < static_cast<size_t>(limit_)) latest.push_back(std::move(entry));
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty() && latest.size() < static_cast<size_t>(limit_));
    for (auto entry = latest.rbegin(); entry != latest.rend(); ++entry) Print(*entry);
    return kExitOk;
  }

  void Print(const v1::TimelineEntry& entry) {
    from_ = std::max(from_, entry.sequence() + 1);
    if (session_.json) {
      // Through the program's own descriptors, which know every event.
      const auto dynamic = session_.api.New(session_.api.FindMessage("parley.v1.TimelineEntry"));
      dynamic->ParseFromString(entry.SerializeAsString());
      session_.streams.out << ToJsonLine(*dynamic);
      return;
    }
    session_.streams.out << TimelineLine(entry, session_.screen) << "\n";
  }

  Session& session_;
  std::string relationship_, about_, event_, actor_, party_, since_, until_;
  int limit_ = 50;
  uint64_t from_ = 0;  // The first entry that was not shown yet.
  bool all_ = false, follow_ = false;
};

}  // namespace

void AddTimelineCommands(CLI::App& app, Session& session, Action& action) {
  auto timeline = std::make_shared<TimelineCommand>(session);
  CLI::App* command = app.add_subcommand("timeline", "A relationship's history, entry by entry.")->group("Views");
  timeline->AddTimeline(command);
  command->callback([timeline, &action] { action = [timeline] { return timeline->RunTimeline(); }; });

  auto watch = std::make_shared<TimelineCommand>(session);
  command = app.add_subcommand("watch", "Follows a relationship's history, from any entry on.")->group("Views");
  watch->AddWatch(command);
  command->callback([watch, &action] { action = [watch] { return watch->Watch(); }; });
}

}  // namespace parley
