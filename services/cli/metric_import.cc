#include "services/cli/metric_import.h"

#include <algorithm>
#include <memory>

#include "absl/time/civil_time.h"
#include "eventstore/base/clock.h"
#include "eventstore/base/proto_util.h"
#include "parley/v1/metric.pb.h"

namespace parley {
namespace {

constexpr int kPartsPerPercent = 10'000;
constexpr int kEase = 5;  // What falls out of a log is as easy to measure as it gets.

v1::MetricDefinition DefinitionOf(const XesMetric& metric, const MetricImport& import) {
  v1::MetricDefinition definition;
  definition.set_display_name(metric.title);
  definition.set_formula("cases resolved within " + std::to_string(metric.within_hours) +
                         " hours / cases resolved in the month");
  definition.set_unit("%");
  definition.set_source(import.source);
  definition.set_period_kind(v1::PERIOD_KIND_MONTH);
  definition.mutable_expected()->set_parts_per_million(*metric.expected_percent * kPartsPerPercent);
  definition.mutable_target()->set_parts_per_million(*metric.target_percent * kPartsPerPercent);
  definition.set_direction(v1::METRIC_DIRECTION_HIGHER_IS_BETTER);
  definition.set_ease(kEase);
  definition.set_weight(1);
  return definition;
}

absl::Time EndOf(absl::CivilMonth month) { return absl::FromCivil(month + 1, absl::UTCTimeZone()); }

// The metric as it is, or as it is once every buyer and provider agreed to its definition.
grpc::Status EnsureMetric(Client& client, const v1::Relationship& relationship, const XesMetric& wanted,
                          const MetricImport& import, v1::Metric* metric) {
  v1::GetMetricRequest get;
  get.set_name(relationship.name() + "/metrics/" + wanted.id);
  get.set_consistency_token(import.consistency_token);
  v1::GetMetricResponse found;
  const grpc::Status status = client.Call(get, &found);
  if (status.ok()) {
    *metric = found.metric();
  } else if (status.error_code() == grpc::StatusCode::NOT_FOUND) {
    v1::ProposeMetricRequest propose;
    propose.set_parent(relationship.name());
    propose.set_metric_id(wanted.id);
    *propose.mutable_definition() = DefinitionOf(wanted, import);
    *propose.mutable_effective_at() = ToProto(import.start);
    propose.set_historical(true);
    propose.set_request_id(NewRequestId());
    v1::ProposeMetricResponse proposed;
    if (grpc::Status failed = client.Call(propose, &proposed); !failed.ok()) return failed;
    *metric = proposed.metric();
  } else {
    return status;
  }
  if (metric->version_in_force() > 0) return grpc::Status::OK;
  for (const auto& party : relationship.parties()) {
    if (party.kind() == v1::PARTY_KIND_THIRD_PARTY) continue;
    const auto& agreements = metric->versions().rbegin()->agreements();
    const bool agreed = std::any_of(agreements.begin(), agreements.end(), [&](const v1::MetricDefinitionAgreement& a) {
      return a.party_id() == party.party_id();
    });
    if (agreed) continue;
    v1::AgreeToMetricDefinitionRequest agree;
    agree.set_name(metric->name());
    agree.set_version(metric->versions_size());
    *agree.mutable_effective_at() = ToProto(import.start);
    agree.set_historical(true);
    agree.set_request_id(NewRequestId());
    v1::AgreeToMetricDefinitionResponse response;
    if (grpc::Status failed = client.For(party.party_id())->Call(agree, &response); !failed.ok()) return failed;
    *metric = response.metric();
  }
  return grpc::Status::OK;
}

grpc::Status ReportMonth(Client& client, const v1::Metric& metric, const MonthlyReport& report,
                         const MetricImport& import, MetricCounts* counts) {
  const std::string period = absl::FormatCivilTime(report.month);
  const bool there = std::any_of(metric.periods().begin(), metric.periods().end(),
                                 [&](const v1::MetricPeriod& p) { return p.period() == period && p.has_reported(); });
  if (there) {
    ++counts->there_already;
    return grpc::Status::OK;
  }
  if (EndOf(report.month) > SystemClock().Now()) {
    ++counts->not_over;
    return grpc::Status::OK;
  }
  v1::ReportMetricRequest request;
  request.set_name(metric.name());
  request.set_period(period);
  auto& measurement = *request.mutable_measurement();
  measurement.mutable_raw()->set_numerator(report.numerator_raw);
  measurement.mutable_raw()->set_denominator(report.denominator);
  measurement.mutable_clock_stopped()->set_numerator(report.numerator_clock_stopped);
  measurement.mutable_clock_stopped()->set_denominator(report.denominator);
  measurement.mutable_evidence()->set_sha256(import.evidence_sha256);
  measurement.mutable_evidence()->set_uri(import.evidence_name);
  *request.mutable_effective_at() = ToProto(EndOf(report.month));
  request.set_historical(true);
  request.set_request_id(NewRequestId());
  v1::ReportMetricResponse response;
  const grpc::Status status = client.Call(request, &response);
  // Somebody else reported meanwhile.
  if (status.error_code() == grpc::StatusCode::ALREADY_EXISTS) {
    ++counts->there_already;
    return grpc::Status::OK;
  }
  if (status.ok()) ++counts->reported;
  return status;
}

}  // namespace

absl::Status CheckLevels(const XesMapping& mapping) {
  for (const XesMetric& metric : mapping.metrics) {
    if (metric.expected_percent && metric.target_percent) continue;
    return absl::InvalidArgumentError(
        "metric " + metric.id + " of the mapping needs expected_percent and target_percent: a definition has both");
  }
  return absl::OkStatus();
}

grpc::Status ImportMetrics(Client& client, const v1::Relationship& relationship, const XesMapping& mapping,
                           const std::vector<MonthlyReport>& reports, const MetricImport& import,
                           MetricCounts* counts) {
  const std::unique_ptr<Client> provider = client.For(import.provider);
  for (const XesMetric& wanted : mapping.metrics) {
    v1::Metric metric;
    if (grpc::Status failed = EnsureMetric(*provider, relationship, wanted, import, &metric); !failed.ok())
      return failed;
    ++counts->metrics;
    for (const MonthlyReport& report : reports) {
      if (report.metric_id != wanted.id) continue;
      if (grpc::Status failed = ReportMonth(*provider, metric, report, import, counts); !failed.ok()) return failed;
    }
  }
  return grpc::Status::OK;
}

}  // namespace parley
