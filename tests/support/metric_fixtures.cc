#include "tests/support/metric_fixtures.h"

#include <gtest/gtest.h>

#include "services/metric/metric.h"
#include "services/objective/objective.h"

namespace parley::test {
namespace {

template <class R, class Request>
void Must(World& world, std::string_view principal, const Request& request) {
  world.Act(principal);
  const auto recorded = world.Run(MakeCommand<R>(std::make_shared<const Request>(request)));
  EXPECT_TRUE(recorded.ok()) << "a fixture was refused: " << recorded.status() << "\n" << request.DebugString();
}

}  // namespace

v1::MetricDefinition StandardDefinition() {
  return Parse<v1::MetricDefinition>(R"pb(
    display_name: "Resolved in time"
    formula: "incidents resolved within 5 days / incidents resolved"
    unit: "%"
    source: "service desk"
    exclusions: "duplicates"
    period_kind: PERIOD_KIND_MONTH
    expected { parts_per_million: 800000 }
    target { fraction { numerator: 9 denominator: 10 } }
    direction: METRIC_DIRECTION_HIGHER_IS_BETTER
    ease: 4
    weight: 10
  )pb");
}

void Agreed(World& world) {
  v1::ProposeMetricRequest propose;
  propose.set_parent(kAcme);
  propose.set_metric_id("m1");
  *propose.mutable_definition() = StandardDefinition();
  Must<v1::Metric>(world, "petra", propose);
  Must<v1::Metric>(world, "bea", AgreeTo(1));
  Must<v1::Metric>(world, "pat", AgreeTo(1));
}

void JanuaryOver(World& world) {
  Agreed(world);
  world.AdvanceTo(Epoch() + absl::Hours(24 * 31));
}

void JanuaryReported(World& world) {
  JanuaryOver(world);
  Must<v1::Metric>(world, "petra", Report("2026-01", 85, 100));
}

void Ranked(World& world) {
  Must<v1::Objective>(world, "bea",
                      Parse<v1::StateObjectiveRequest>(
                          "parent: 'relationships/acme' objective_id: 'o1' title: 'Users are back to work fast'"));
  for (const auto& [principal, rank] : {std::pair("bea", 5), std::pair("pat", 2)}) {
    v1::RankObjectiveRequest rank_request;
    rank_request.set_name(InAcme("objectives/o1"));
    rank_request.set_rank(rank);
    Must<v1::Objective>(world, principal, rank_request);
  }
}

v1::ReportMetricRequest Report(std::string_view period, int64_t numerator, int64_t denominator) {
  v1::ReportMetricRequest request;
  request.set_name(InAcme("metrics/m1"));
  request.set_period(std::string(period));
  request.mutable_measurement()->mutable_raw()->set_numerator(numerator);
  request.mutable_measurement()->mutable_raw()->set_denominator(denominator);
  return request;
}

v1::AgreeToMetricDefinitionRequest AgreeTo(int32_t version) {
  v1::AgreeToMetricDefinitionRequest request;
  request.set_name(InAcme("metrics/m1"));
  request.set_version(version);
  return request;
}

v1::ProposeMetricDefinitionRequest ProposeVersion(const v1::MetricDefinition& definition) {
  v1::ProposeMetricDefinitionRequest request;
  request.set_name(InAcme("metrics/m1"));
  *request.mutable_definition() = definition;
  return request;
}

}  // namespace parley::test
