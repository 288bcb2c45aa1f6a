// What is measured, and which objective it is for.
#include "services/cli/demo_chapters.h"
#include "services/cli/demo_metrics.h"

namespace parley::demo {
namespace {

struct Link {
  const char* objective;
  int strength;
};

struct Definition {
  const char* id;
  Person proposed_by;
  const char* display_name;
  const char* formula;
  const char* unit;
  const char* source;
  int64_t expected_ppm;
  int64_t target_ppm;
  bool lower_is_better;
  int ease;
  int weight;
  v1::PeriodKind period_kind;
  std::vector<Link> links;
};

constexpr auto kMonthly = v1::PERIOD_KIND_MONTH;

// Tickets per agent is the easiest of all, is always green, and serves nothing that anybody wanted.
const std::vector<Definition>& Definitions() {
  static const auto* const kDefinitions = new std::vector<Definition>{
      {"incident-resolution",
       kServiceManager,
       "Incidents resolved in time",
       "resolved within target / resolved",
       "%",
       "Globex ticketing system",
       920'000,
       950'000,
       false,
       4,
       300,
       kMonthly,
       {{"resolve-fast", 5}, {"business-continuity", 3}}},
      {"platform-availability",
       kArchitect,
       "Order platform availability",
       "minutes up / minutes in the month",
       "%",
       "Synthetic orders, every minute",
       995'000,
       999'000,
       false,
       5,
       250,
       kMonthly,
       {{"business-continuity", 5}}},
      {"first-contact-fix",
       kServiceOwner,
       "Fixed at first contact",
       "not reopened within 14 days / resolved",
       "%",
       "Globex ticketing system",
       700'000,
       780'000,
       false,
       3,
       150,
       kMonthly,
       {{"first-time-right", 4}}},
      {"tickets-per-agent",
       kServiceManager,
       "Tickets closed per agent",
       "tickets closed / agents on shift",
       "tickets per agent",
       "Globex ticketing system",
       60'000'000,
       75'000'000,
       false,
       5,
       50,
       kMonthly,
       {}},
      {"invoice-accuracy",
       kFinanceLead,
       "Invoice lines right at first sight",
       "lines accepted / lines invoiced",
       "%",
       "Acme accounts payable",
       980'000,
       995'000,
       false,
       4,
       100,
       kMonthly,
       {{"predictable-cost", 4}}},
      {"aged-backlog",
       kServiceOwner,
       "Tickets older than 30 days",
       "open over 30 days / open",
       "%",
       "Globex ticketing system",
       100'000,
       60'000,
       true,
       2,
       100,
       kMonthly,
       {{"first-time-right", 3}, {"resolve-fast", 2}}},
      {"paid-on-time",
       kFinanceLead,
       "Invoices paid within 30 days",
       "paid within 30 days / due",
       "%",
       "Acme accounts payable",
       900'000,
       980'000,
       false,
       5,
       0,
       kMonthly,
       {{"sustainable-margin", 2}}},
      {"key-people-kept",
       kContractManager,
       "Key people who stayed",
       "named at start and end of the quarter / named",
       "%",
       "Annex 4, key people",
       850'000,
       950'000,
       false,
       2,
       50,
       v1::PERIOD_KIND_QUARTER,
       {{"knowledge-stays", 4}}},
  };
  return *kDefinitions;
}

v1::MetricDefinition ToProto(const Definition& definition) {
  v1::MetricDefinition proto;
  proto.set_display_name(definition.display_name);
  proto.set_formula(definition.formula);
  proto.set_unit(definition.unit);
  proto.set_source(definition.source);
  proto.set_period_kind(definition.period_kind);
  proto.mutable_expected()->set_parts_per_million(definition.expected_ppm);
  proto.mutable_target()->set_parts_per_million(definition.target_ppm);
  proto.set_direction(definition.lower_is_better ? v1::METRIC_DIRECTION_LOWER_IS_BETTER
                                                 : v1::METRIC_DIRECTION_HIGHER_IS_BETTER);
  proto.set_ease(definition.ease);
  proto.set_weight(definition.weight);
  return proto;
}

void Agree(Agenda& agenda, const When& when, const Person& who, const std::string& id, int version) {
  auto request = AboutMetric<v1::AgreeToMetricDefinitionRequest>(agenda, id);
  request.set_version(version);
  agenda.Add(when, who, &Metrics::AgreeToMetricDefinition, MetricResource(id), request);
}

void Define(Agenda& agenda, const Definition& definition) {
  const std::string resource = MetricResource(definition.id);
  v1::ProposeMetricRequest propose;
  propose.set_parent(agenda.root());
  propose.set_metric_id(definition.id);
  *propose.mutable_definition() = ToProto(definition);
  if (definition.id == std::string_view("incident-resolution")) {
    propose.mutable_definition()->add_exclusions("time while the ticket waits for the user or for a third party");
  }
  agenda.Add({0, 3}, definition.proposed_by, &Metrics::ProposeMetric, resource, propose);
  Agree(agenda, {0, 8}, kServiceOwner, definition.id, 1);
  Agree(agenda, {0, 10}, kDeliveryManager, definition.id, 1);
  for (const Link& link : definition.links) {
    auto request = AboutMetric<v1::LinkMetricToObjectiveRequest>(agenda, definition.id);
    request.set_objective(agenda.Name(std::string("objectives/") + link.objective));
    request.set_strength(link.strength);
    agenda.Add({0, 11}, kServiceOwner, &Metrics::LinkMetricToObjective, resource, request);
  }
}

// Green reports and angry users: the exclusion goes, and the levels come down to what is honest.
void StopStoppingTheClock(Agenda& agenda) {
  Definition honest = Definitions().front();
  honest.formula = "resolved within target as the user waited / resolved";
  honest.expected_ppm = 860'000;
  honest.target_ppm = 920'000;
  auto propose = AboutMetric<v1::ProposeMetricDefinitionRequest>(agenda, honest.id);
  *propose.mutable_definition() = ToProto(honest);
  agenda.Add({kHonestClock - 1, 21}, kServiceOwner, &Metrics::ProposeMetricDefinition, MetricResource(honest.id),
             propose);
  Agree(agenda, {kHonestClock - 1, 24}, kServiceOwner, honest.id, 2);
  Agree(agenda, {kHonestClock, 12}, kNewDeliveryManager, honest.id, 2);
}

}  // namespace

void TellDefinitions(Agenda& agenda) {
  for (const Definition& definition : Definitions()) Define(agenda, definition);
  StopStoppingTheClock(agenda);
}

}  // namespace parley::demo
