#include "tests/cli/fake_server.h"

#include <sstream>

#include "services/cli/app.h"

namespace parley::test {
namespace {

using grpc::ServerContext;
using grpc::Status;

constexpr char kNobody[] = "127.0.0.1:1";  // Port 1 is never listened at.

}  // namespace

struct FakeServer::Services {
  mutable std::mutex mu;
  std::vector<Seen> seen;
  std::map<std::string, std::deque<Status>> failures;
  std::map<std::string, v1::Relationship> relationships;
  std::set<std::string> activities, objectives;

  // Notes the call; the failure that is due, if one is.
  Status Note(const std::string& method, const ServerContext& context, const google::protobuf::Message& request) {
    Seen call{method, request.ShortDebugString(), {}};
    for (const auto& [key, value] : context.client_metadata()) {
      call.metadata.emplace(std::string(key.data(), key.size()), std::string(value.data(), value.size()));
    }
    seen.push_back(std::move(call));
    auto& due = failures[method];
    if (due.empty()) return Status::OK;
    Status status = due.front();
    due.pop_front();
    return status;
  }

  struct Relationships final : v1::RelationshipService::Service {
    explicit Relationships(Services& all) : all(all) {}
    Services& all;

    Status EstablishRelationship(ServerContext* context, const v1::EstablishRelationshipRequest* request,
                                 v1::EstablishRelationshipResponse* response) override {
      std::lock_guard lock(all.mu);
      if (Status due = all.Note("EstablishRelationship", *context, *request); !due.ok()) return due;
      auto& relationship = *response->mutable_relationship();
      relationship.set_name("relationships/" + request->relationship_id());
      relationship.set_display_name(request->display_name());
      *relationship.mutable_parties() = request->parties();
      all.relationships[relationship.name()] = relationship;
      response->set_consistency_token("token-1");
      return Status::OK;
    }
    Status AcceptParty(ServerContext* context, const v1::AcceptPartyRequest* request,
                       v1::AcceptPartyResponse* response) override {
      std::lock_guard lock(all.mu);
      if (Status due = all.Note("AcceptParty", *context, *request); !due.ok()) return due;
      auto& relationship = all.relationships[request->name()];
      for (auto& party : *relationship.mutable_parties()) {
        if (party.party_id() == request->party_id()) party.mutable_accept_time()->set_seconds(1);
      }
      *response->mutable_relationship() = relationship;
      return Status::OK;
    }
    Status GetRelationship(ServerContext* context, const v1::GetRelationshipRequest* request,
                           v1::GetRelationshipResponse* response) override {
      std::lock_guard lock(all.mu);
      if (Status due = all.Note("GetRelationship", *context, *request); !due.ok()) return due;
      const auto found = all.relationships.find(request->name());
      if (found == all.relationships.end()) return Status(grpc::StatusCode::NOT_FOUND, "none");
      *response->mutable_relationship() = found->second;
      return Status::OK;
    }
  } relationship_service{*this};

  struct Decisions final : v1::DecisionService::Service {
    explicit Decisions(Services& all) : all(all) {}
    Services& all;

    Status DecideDecision(ServerContext* context, const v1::DecideDecisionRequest* request,
                          v1::DecideDecisionResponse* response) override {
      std::lock_guard lock(all.mu);
      if (Status due = all.Note("DecideDecision", *context, *request); !due.ok()) return due;
      response->mutable_decision()->set_name(request->name());
      response->mutable_decision()->set_state(v1::DECISION_STATE_DECIDED);
      response->set_consistency_token("token-2");
      return Status::OK;
    }
    // Two pages of one decision each.
    Status ListDecisions(ServerContext* context, const v1::ListDecisionsRequest* request,
                         v1::ListDecisionsResponse* response) override {
      std::lock_guard lock(all.mu);
      if (Status due = all.Note("ListDecisions", *context, *request); !due.ok()) return due;
      const bool first = request->page_token().empty();
      response->add_decisions()->set_name(request->parent() + (first ? "/decisions/d1" : "/decisions/d2"));
      if (first) response->set_next_page_token("second");
      return Status::OK;
    }
  } decision_service{*this};

  struct Activities final : v1::ActivityService::Service {
    explicit Activities(Services& all) : all(all) {}
    Services& all;

    Status RecordActivities(ServerContext* context, const v1::RecordActivitiesRequest* request,
                            v1::RecordActivitiesResponse* response) override {
      std::lock_guard lock(all.mu);
      if (Status due = all.Note("RecordActivities", *context, *request); !due.ok()) return due;
      for (const auto& activity : request->activities()) {
        const bool added =
            all.activities.insert(request->parent() + " " + activity.source() + " " + activity.source_id()).second;
        added ? response->set_recorded_count(response->recorded_count() + 1)
              : response->set_duplicate_count(response->duplicate_count() + 1);
      }
      return Status::OK;
    }
  } activity_service{*this};

  struct Objectives final : v1::ObjectiveService::Service {
    explicit Objectives(Services& all) : all(all) {}
    Services& all;

    Status StateObjective(ServerContext* context, const v1::StateObjectiveRequest* request,
                          v1::StateObjectiveResponse*) override {
      std::lock_guard lock(all.mu);
      if (Status due = all.Note("StateObjective", *context, *request); !due.ok()) return due;
      const bool added = all.objectives.insert(request->parent() + " " + request->objective_id()).second;
      return added ? Status::OK : Status(grpc::StatusCode::ALREADY_EXISTS, "there");
    }
  } objective_service{*this};

  struct Timeline final : v1::TimelineService::Service {
    explicit Timeline(Services& all) : all(all) {}
    Services& all;

    static void Fill(v1::TimelineEntry* entry, uint64_t sequence) {
      entry->set_sequence(sequence);
      entry->mutable_recorded_at()->set_seconds(1772703000);
      entry->set_event_type("decision.proposed");
      entry->set_summary("entry " + std::to_string(sequence));
    }
    // Entries 0 to 4, newest first, two a page.
    Status ListTimelineEntries(ServerContext* context, const v1::ListTimelineEntriesRequest* request,
                               v1::ListTimelineEntriesResponse* response) override {
      std::lock_guard lock(all.mu);
      if (Status due = all.Note("ListTimelineEntries", *context, *request); !due.ok()) return due;
      const int first = request->page_token().empty() ? 4 : std::stoi(request->page_token());
      for (int sequence = first; sequence >= 0 && sequence > first - 2; --sequence) {
        Fill(response->add_timeline_entries(), static_cast<uint64_t>(sequence));
      }
      if (first >= 2) response->set_next_page_token(std::to_string(first - 2));
      return Status::OK;
    }
    // From where it is asked to entry 6, two a call: after two it goes away, like a server that is restarted.
    Status WatchTimeline(ServerContext* context, const v1::WatchTimelineRequest* request,
                         grpc::ServerWriter<v1::WatchTimelineResponse>* writer) override {
      {
        std::lock_guard lock(all.mu);
        if (Status due = all.Note("WatchTimeline", *context, *request); !due.ok()) return due;
      }
      uint64_t sequence = request->start_sequence();
      for (int n = 0; n < 2 && sequence <= 6; ++n, ++sequence) {
        v1::WatchTimelineResponse response;
        Fill(response.mutable_timeline_entry(), sequence);
        writer->Write(response);
      }
      return sequence > 6 ? Status::OK : Status(grpc::StatusCode::UNAVAILABLE, "restarting");
    }
  } timeline_service{*this};
};

FakeServer::FakeServer() : services_(std::make_unique<Services>()) {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&services_->relationship_service);
  builder.RegisterService(&services_->decision_service);
  builder.RegisterService(&services_->activity_service);
  builder.RegisterService(&services_->objective_service);
  builder.RegisterService(&services_->timeline_service);
  server_ = builder.BuildAndStart();
  address_ = "127.0.0.1:" + std::to_string(port);
}

FakeServer::~FakeServer() { server_->Shutdown(); }

std::vector<FakeServer::Seen> FakeServer::seen() const {
  std::lock_guard lock(services_->mu);
  return services_->seen;
}

int FakeServer::Count(const std::string& method) const {
  int count = 0;
  for (const Seen& call : seen()) count += call.method == method ? 1 : 0;
  return count;
}

void FakeServer::FailNext(const std::string& method, grpc::Status status) {
  std::lock_guard lock(services_->mu);
  services_->failures[method].push_back(std::move(status));
}

size_t FakeServer::activities() const {
  std::lock_guard lock(services_->mu);
  return services_->activities.size();
}

namespace {

Outcome Run(std::vector<std::string> args, const std::string& address, const std::string& input) {
  std::istringstream in(input);
  std::ostringstream out, err;
  args.insert(args.begin(), {"--server", address});
  const int exit_code = RunCli(args, {in, out, err});
  return {exit_code, out.str(), err.str()};
}

}  // namespace

Outcome Parley(const FakeServer& server, std::vector<std::string> args, const std::string& in) {
  return Run(std::move(args), server.address(), in);
}

Outcome ParleyAlone(std::vector<std::string> args) { return Run(std::move(args), kNobody, ""); }

}  // namespace parley::test
