#include "tests/bench/ledgers.h"

#include <google/protobuf/text_format.h>

#include <cstdlib>
#include <functional>
#include <thread>

#include "eventstore/base/clock.h"
#include "parley/v1/relationship.grpc.pb.h"
#include "tests/bench/process.h"

namespace parley::bench {
namespace {

constexpr int kClients = 48;
constexpr int kConnections = 4;

constexpr char kEstablish[] = R"pb(
  display_name: "Service desk"
  archetype: ARCHETYPE_MANAGED_SERVICE
  stage: STAGE_OPERATING
  parties { party_id: "buyer" kind: PARTY_KIND_BUYER display_name: "Buyer" first_member: "bea" }
  parties { party_id: "provider" kind: PARTY_KIND_PROVIDER display_name: "Provider" first_member: "pat" }
)pb";
constexpr char kCharter[] = R"pb(
  currency_code: "EUR"
  forums {
    forum_id: "board"
    level: FORUM_LEVEL_STRATEGIC
    cadence_days: 90
    quorums { party_id: "buyer" members: 1 }
    quorums { party_id: "provider" members: 1 }
  }
  decision_classes {
    class_id: "change"
    bands {
      rights {
        decision_role: DECISION_ROLE_DECIDE
        holder { party_id: "buyer" role: "representative" }
      }
    }
  }
  escalation_tiers {
    tier_id: "board"
    forum_id: "board"
    window { seconds: 864000 }
  }
  acknowledgement_window { seconds: 259200 }
  report_window { seconds: 864000 }
)pb";
constexpr char kDefinition[] = R"pb(
  display_name: "Resolved in time"
  formula: "resolved within 5 days / resolved"
  unit: "%"
  source: "service desk"
  period_kind: PERIOD_KIND_DAY
  expected { parts_per_million: 800000 }
  target { parts_per_million: 900000 }
  direction: METRIC_DIRECTION_HIGHER_IS_BETTER
  ease: 4
  weight: 10
)pb";

template <class Message>
Message Parse(const char* text) {
  Message message;
  if (!google::protobuf::TextFormat::ParseFromString(text, &message)) std::abort();  // Our own text.
  return message;
}

template <class Stub, class Request, class Response>
void Must(Stub& stub, grpc::Status (Stub::*rpc)(grpc::ClientContext*, const Request&, Response*), const char* principal,
          const Request& request) {
  grpc::ClientContext context;
  context.AddMetadata("parley-principal", principal);
  Response response;
  const grpc::Status status = (stub.*rpc)(&context, request, &response);
  if (status.ok()) return;
  Die(Request::descriptor()->name() + " was refused: " + status.error_message());
}

std::string MetricId(int n) { return "m" + std::to_string(n); }

void OpenRelationship(const std::shared_ptr<grpc::Channel>& channel, const std::string& id) {
  using Relationships = v1::RelationshipService::Stub;
  const auto relationships = v1::RelationshipService::NewStub(channel);
  const std::string name = "relationships/" + id;
  auto establish = Parse<v1::EstablishRelationshipRequest>(kEstablish);
  establish.set_relationship_id(id);
  Must(*relationships, &Relationships::EstablishRelationship, "bea", establish);
  for (const auto& [principal, party] : {std::pair("bea", "buyer"), std::pair("pat", "provider")}) {
    v1::AcceptPartyRequest accept;
    accept.set_name(name);
    accept.set_party_id(party);
    Must(*relationships, &Relationships::AcceptParty, principal, accept);
  }
  v1::ProposeCharterRequest propose;
  propose.set_name(name);
  *propose.mutable_charter() = Parse<v1::Charter>(kCharter);
  Must(*relationships, &Relationships::ProposeCharter, "bea", propose);
  for (const char* principal : {"bea", "pat"}) {
    v1::AdoptCharterRequest adopt;
    adopt.set_name(name);
    adopt.set_version(1);
    Must(*relationships, &Relationships::AdoptCharter, principal, adopt);
  }
}

void AgreeOnMetric(const std::shared_ptr<grpc::Channel>& channel, const std::string& relationship,
                   const std::string& id) {
  using Metrics = v1::MetricService::Stub;
  const auto stub = v1::MetricService::NewStub(channel);
  v1::ProposeMetricRequest metric;
  metric.set_parent(relationship);
  metric.set_metric_id(id);
  *metric.mutable_definition() = Parse<v1::MetricDefinition>(kDefinition);
  Must(*stub, &Metrics::ProposeMetric, "pat", metric);
  for (const char* principal : {"bea", "pat"}) {
    v1::AgreeToMetricDefinitionRequest agree;
    agree.set_name(relationship + "/metrics/" + id);
    agree.set_version(1);
    Must(*stub, &Metrics::AgreeToMetricDefinition, principal, agree);
  }
}

// Calls `work` with each number below `count`, from several threads with a connection each.
void Spread(int port, int count, const std::function<void(const std::shared_ptr<grpc::Channel>&, int)>& work) {
  std::atomic<int> next{0};
  std::vector<std::thread> clients;
  for (int c = 0; c < std::min(kClients, count); ++c) {
    clients.emplace_back([&, c] {
      const auto channel = Connect(port, c % kConnections);
      for (int i = next++; i < count; i = next++) work(channel, i);
    });
  }
  for (std::thread& client : clients) client.join();
}

}  // namespace

std::shared_ptr<grpc::Channel> Connect(int port, int number) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt("parley.connection", number);
  return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials(), arguments);
}

void AsProvider(grpc::ClientContext& context) { context.AddMetadata("parley-principal", "pat"); }

Ledgers Ledgers::Open(int port, const std::string& prefix, int count, int metrics_each) {
  Ledgers out;
  out.metrics_each_ = metrics_each;
  out.last_day_ = absl::ToCivilDay(SystemClock().Now(), absl::UTCTimeZone()) - 2;
  for (int i = 0; i < count; ++i) out.names_.push_back("relationships/" + prefix + "-" + std::to_string(i));
  Spread(port, count, [&](const auto& channel, int i) { OpenRelationship(channel, prefix + "-" + std::to_string(i)); });
  Spread(port, count * metrics_each, [&](const auto& channel, int i) {
    AgreeOnMetric(channel, out.names_[static_cast<size_t>(i % count)], MetricId(i / count));
  });
  return out;
}

v1::ReportMetricRequest Ledgers::NextReport() {
  const uint64_t n = next_->fetch_add(1);
  const uint64_t metrics = names_.size() * static_cast<uint64_t>(metrics_each_);
  const uint64_t which = n % metrics;
  const absl::CivilDay day = last_day_ - static_cast<int64_t>(n / metrics);
  v1::ReportMetricRequest request;
  request.set_name(names_[which % names_.size()] + "/metrics/" + MetricId(static_cast<int>(which / names_.size())));
  request.set_period(absl::FormatCivilTime(day));
  request.mutable_measurement()->mutable_raw()->set_numerator(80 + static_cast<int64_t>(n % 20));
  request.mutable_measurement()->mutable_raw()->set_denominator(100);
  request.set_request_id("r" + std::to_string(n));
  return request;
}

}  // namespace parley::bench
