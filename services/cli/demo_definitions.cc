// What is measured, and which objective it is for.
#include <array>

#include "services/cli/demo_chapters.h"
#include "services/cli/demo_metrics.h"

namespace parley::demo {
namespace {

struct Link {
  const char* objective = "";
  int strength = 0;
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
  bool lower_is_better = false;
  int ease;
  int weight = 0;
  v1::PeriodKind period_kind;
  std::array<Link, 2> links = {};  // Strength 0: none.
};

constexpr auto kMonthly = v1::PERIOD_KIND_MONTH;

// Tickets per agent is the easiest of all, is always green, and serves nothing that anybody wanted.
constexpr Definition kDefinitions[] = {
    {.id = "incident-resolution",
     .proposed_by = kServiceManager,
     .display_name = "Incidents resolved in time",
     .formula = "resolved within target / resolved",
     .unit = "%",
     .source = "Globex ticketing system",
     .expected_ppm = 920'000,
     .target_ppm = 950'000,
     .ease = 4,
     .weight = 300,
     .period_kind = kMonthly,
     .links = {{{"resolve-fast", 5}, {"business-continuity", 3}}}},
    {.id = "platform-availability",
     .proposed_by = kArchitect,
     .display_name = "Order platform availability",
     .formula = "minutes up / minutes in the month",
     .unit = "%",
     .source = "Synthetic orders, every minute",
     .expected_ppm = 995'000,
     .target_ppm = 999'000,
     .ease = 5,
     .weight = 250,
     .period_kind = kMonthly,
     .links = {{{"business-continuity", 5}}}},
    {.id = "first-contact-fix",
     .proposed_by = kServiceOwner,
     .display_name = "Fixed at first contact",
     .formula = "not reopened within 14 days / resolved",
     .unit = "%",
     .source = "Globex ticketing system",
     .expected_ppm = 700'000,
     .target_ppm = 780'000,
     .ease = 3,
     .weight = 150,
     .period_kind = kMonthly,
     .links = {{{"first-time-right", 4}}}},
    {.id = "tickets-per-agent",
     .proposed_by = kServiceManager,
     .display_name = "Tickets closed per agent",
     .formula = "tickets closed / agents on shift",
     .unit = "tickets per agent",
     .source = "Globex ticketing system",
     .expected_ppm = 60'000'000,
     .target_ppm = 75'000'000,
     .ease = 5,
     .weight = 50,
     .period_kind = kMonthly},
    {.id = "invoice-accuracy",
     .proposed_by = kFinanceLead,
     .display_name = "Invoice lines right at first sight",
     .formula = "lines accepted / lines invoiced",
     .unit = "%",
     .source = "Acme accounts payable",
     .expected_ppm = 980'000,
     .target_ppm = 995'000,
     .ease = 4,
     .weight = 100,
     .period_kind = kMonthly,
     .links = {{{"predictable-cost", 4}}}},
    {.id = "aged-backlog",
     .proposed_by = kServiceOwner,
     .display_name = "Tickets older than 30 days",
     .formula = "open over 30 days / open",
     .unit = "%",
     .source = "Globex ticketing system",
     .expected_ppm = 100'000,
     .target_ppm = 60'000,
     .lower_is_better = true,
     .ease = 2,
     .weight = 100,
     .period_kind = kMonthly,
     .links = {{{"first-time-right", 3}, {"resolve-fast", 2}}}},
    {.id = "paid-on-time",
     .proposed_by = kFinanceLead,
     .display_name = "Invoices paid within 30 days",
     .formula = "paid within 30 days / due",
     .unit = "%",
     .source = "Acme accounts payable",
     .expected_ppm = 900'000,
     .target_ppm = 980'000,
     .ease = 5,
     .period_kind = kMonthly,
     .links = {{{"sustainable-margin", 2}}}},
    {.id = "key-people-kept",
     .proposed_by = kContractManager,
     .display_name = "Key people who stayed",
     .formula = "named at start and end of the quarter / named",
     .unit = "%",
     .source = "Annex 4, key people",
     .expected_ppm = 850'000,
     .target_ppm = 950'000,
     .ease = 2,
     .weight = 50,
     .period_kind = v1::PERIOD_KIND_QUARTER,
     .links = {{{"knowledge-stays", 4}}}},
};

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
    if (link.strength == 0) continue;
    auto request = AboutMetric<v1::LinkMetricToObjectiveRequest>(agenda, definition.id);
    request.set_objective(agenda.Name(std::string("objectives/") + link.objective));
    request.set_strength(link.strength);
    agenda.Add({0, 11}, kServiceOwner, &Metrics::LinkMetricToObjective, resource, request);
  }
}

// Green reports and angry users: the exclusion goes, and the levels come down to what is honest.
void StopStoppingTheClock(Agenda& agenda) {
  Definition honest = kDefinitions[0];
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
  for (const Definition& definition : kDefinitions) Define(agenda, definition);
  StopStoppingTheClock(agenda);
}

}  // namespace parley::demo
