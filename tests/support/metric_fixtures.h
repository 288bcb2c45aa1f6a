// Beginnings for tests that need a metric: relationships/acme/metrics/m1, percent resolved in time, by month.
#pragma once

#include <string>
#include <string_view>

#include "parley/v1/metric.pb.h"
#include "parley/v1/objective.pb.h"
#include "tests/support/fixtures.h"

namespace parley::test {

// 80 % expected, 90 % target, higher is better, monthly, ease 4, weight 10.
v1::MetricDefinition StandardDefinition();

// m1 with StandardDefinition, proposed by petra, agreed by bea and pat: in force. Needs Chartered. With the clock at
// Epoch, reports of January 2026 are due by 2026-02-11T00:00Z.
void Agreed(World& world);
// m1 as above, and the clock at 2026-02-01T00:00Z: January has ended.
void JanuaryOver(World& world);
// January reported by petra as 85 of 100, at 2026-02-01T00:00Z.
void JanuaryReported(World& world);

// Objective o1, stated by bea, ranked 5 by bea and 2 by pat. Needs Chartered.
void Ranked(World& world);

// Requests about m1.
v1::ReportMetricRequest Report(std::string_view period, int64_t numerator, int64_t denominator);
v1::AgreeToMetricDefinitionRequest AgreeTo(int32_t version);
v1::ProposeMetricDefinitionRequest ProposeVersion(const v1::MetricDefinition& definition);
// Any request with a name, about m1, from its text form.
template <class Request>
Request OfM1(std::string_view text) {
  Request request = Parse<Request>(text);
  request.set_name(InAcme("metrics/m1"));
  return request;
}

}  // namespace parley::test
