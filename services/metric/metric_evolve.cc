// How a metric's state follows from its events.
#include <algorithm>

#include "eventstore/base/proto_util.h"
#include "services/metric/metric.h"
#include "services/metric/metric_state.h"

namespace parley {
namespace {

using google::protobuf::Timestamp;
using v1::Metric;
using v1::MetricEvent;

void Stand(v1::MetricValue& value, const v1::Measurement& measurement, int32_t revision, const EventInfo& info) {
  value.Clear();
  value.set_revision(revision);
  *value.mutable_measurement() = measurement;
  value.set_principal(info.actor);
  value.set_party_id(info.party);
  *value.mutable_time() = ToProto(info.effective_at);
}

void TakeEffect(Metric& metric, v1::MetricDefinitionVersion& version, const MetricEvent::DefinitionAgreed& e,
                const EventInfo& info) {
  *version.mutable_effect_time() = ToProto(info.effective_at);
  if (e.has_report_window()) *version.mutable_report_window() = e.report_window();
  version.set_awaited_period(e.first_awaited_period());
  metric.set_version_in_force(e.version());
  metric.set_display_name(version.definition().display_name());
  if (auto* former = FindVersion(metric, e.supersedes())) {
    *former->mutable_supersede_time() = ToProto(info.effective_at);
    *former->mutable_await_until() = ToProto(info.recorded_at);
    AdvanceAwaited(metric, *former);
  }
}

void Agree(Metric& metric, const MetricEvent::DefinitionAgreed& e, const EventInfo& info) {
  auto* version = FindVersion(metric, e.version());
  if (version == nullptr) return;
  auto* agreement = version->add_agreements();
  agreement->set_party_id(e.party_id());
  agreement->set_principal(info.actor);
  *agreement->mutable_time() = ToProto(info.effective_at);
  if (e.effective()) TakeEffect(metric, *version, e, info);
}

void Link(Metric& metric, const MetricEvent::LinkedToObjective& e, const EventInfo& info) {
  v1::MetricObjectiveLink* link = nullptr;
  for (auto& other : *metric.mutable_links()) {
    if (other.objective() == e.objective()) link = &other;
  }
  if (link == nullptr) link = metric.add_links();
  link->set_objective(e.objective());
  link->set_strength(e.strength());
  link->set_principal(info.actor);
  link->set_party_id(info.party);
  *link->mutable_time() = ToProto(info.effective_at);
}

void AddAdjustment(Metric& metric, const MetricEvent::AdjustmentRecorded& e, const EventInfo& info) {
  auto* adjustment = metric.add_adjustments();
  adjustment->set_period(e.period());
  adjustment->set_version(e.version());
  adjustment->set_corrects_period(e.corrects_period());
  adjustment->set_corrects_version(e.corrects_version());
  if (e.has_prior()) *adjustment->mutable_prior() = e.prior();
  *adjustment->mutable_measurement() = e.measurement();
  *adjustment->mutable_rating() = e.rating();
  adjustment->set_reason(e.reason());
  adjustment->set_principal(info.actor);
  adjustment->set_party_id(info.party);
  *adjustment->mutable_time() = ToProto(info.effective_at);
}

void Survey(Metric& metric, const MetricEvent::PerceptionSurveyed& e, const EventInfo& info) {
  auto& perceptions = *metric.mutable_perceptions();
  const auto at = std::partition_point(perceptions.begin(), perceptions.end(), [&](const v1::MetricPerception& other) {
    return other.period() != e.period() ? other.period() < e.period() : other.party_id() < e.party_id();
  });
  int index = static_cast<int>(at - perceptions.begin());
  if (at == perceptions.end() || at->period() != e.period() || at->party_id() != e.party_id()) {
    perceptions.Add();
    for (int i = perceptions.size() - 1; i > index; --i) perceptions.SwapElements(i, i - 1);
  }
  auto& perception = perceptions[index];
  perception.set_period(e.period());
  perception.set_party_id(e.party_id());
  perception.set_score(e.score());
  perception.set_principal(info.actor);
  *perception.mutable_time() = ToProto(info.effective_at);
  perception.set_times_surveyed(perception.times_surveyed() + 1);
}

// The period's fate is known: what is awaited next moves on.
void Settled(Metric& metric, int32_t version) {
  if (auto* found = FindVersion(metric, version)) AdvanceAwaited(metric, *found);
}

}  // namespace

void Evolve(Metric& metric, const MetricEvent& event, const EventInfo& info) {
  const Timestamp time = ToProto(info.effective_at);
  switch (event.kind_case()) {
    case MetricEvent::kDefinitionProposed: {
      auto* version = metric.add_versions();
      version->set_version(event.definition_proposed().version());
      *version->mutable_definition() = event.definition_proposed().definition();
      version->set_proposed_by(info.actor);
      version->set_proposed_by_party(info.party);
      *version->mutable_propose_time() = time;
      if (metric.display_name().empty()) metric.set_display_name(version->definition().display_name());
      return;
    }
    case MetricEvent::kDefinitionAgreed:
      return Agree(metric, event.definition_agreed(), info);
    case MetricEvent::kLinkedToObjective:
      return Link(metric, event.linked_to_objective(), info);
    case MetricEvent::kReported: {
      const auto& e = event.reported();
      auto& period = PeriodAt(metric, e.version(), e.period());
      period.set_state(v1::METRIC_PERIOD_STATE_REPORTED);
      Stand(*period.mutable_reported(), e.measurement(), 1, info);
      return Settled(metric, e.version());
    }
    case MetricEvent::kCorrected: {
      const auto& e = event.corrected();
      auto& period = PeriodAt(metric, e.version(), e.period());
      Stand(*period.mutable_reported(), e.measurement(), period.reported().revision() + 1, info);
      period.mutable_reported()->set_reason(e.reason());
      return;
    }
    case MetricEvent::kAdjustmentRecorded:
      return AddAdjustment(metric, event.adjustment_recorded(), info);
    case MetricEvent::kContested: {
      auto& period = PeriodAt(metric, event.contested().version(), event.contested().period());
      period.set_state(v1::METRIC_PERIOD_STATE_CONTESTED);
      auto* contest = period.mutable_contest();
      contest->set_grounds(event.contested().grounds());
      contest->set_principal(info.actor);
      contest->set_party_id(info.party);
      *contest->mutable_time() = time;
      return;
    }
    case MetricEvent::kContestSettlementProposed: {
      const auto& e = event.contest_settlement_proposed();
      auto* settlement = PeriodAt(metric, e.version(), e.period()).mutable_contest()->mutable_settlement();
      settlement->set_settlement(e.settlement());
      *settlement->mutable_measurement() = e.measurement();
      settlement->set_rationale(e.rationale());
      settlement->set_principal(info.actor);
      settlement->set_party_id(info.party);
      *settlement->mutable_time() = time;
      return;
    }
    case MetricEvent::kContestSettled: {
      const auto& e = event.contest_settled();
      auto& period = PeriodAt(metric, e.version(), e.period());
      period.set_state(v1::METRIC_PERIOD_STATE_SETTLED);
      Stand(*period.mutable_settled(), e.measurement(), period.reported().revision() + 1, info);
      *period.mutable_contest()->mutable_settle_time() = time;
      return;
    }
    case MetricEvent::kPeriodClosed: {
      auto& period = PeriodAt(metric, event.period_closed().version(), event.period_closed().period());
      period.set_state(v1::METRIC_PERIOD_STATE_CLOSED);
      *period.mutable_close_time() = time;
      period.set_closed_by_party(info.party);
      return;
    }
    case MetricEvent::kRated: {
      const auto& e = event.rated();
      *PeriodAt(metric, e.version(), e.period()).mutable_rating() = e.rating();
      return;
    }
    case MetricEvent::kPerceptionSurveyed:
      return Survey(metric, event.perception_surveyed(), info);
    case MetricEvent::kReportMissing: {
      const auto& e = event.report_missing();
      auto& period = PeriodAt(metric, e.version(), e.period());
      period.set_state(v1::METRIC_PERIOD_STATE_MISSING);
      *period.mutable_missing_time() = e.due_time();
      period.mutable_rating()->set_raw(v1::RATING_UNKNOWN);
      return Settled(metric, e.version());
    }
    case MetricEvent::kReportsNoLongerAwaited:
      if (auto* version = FindVersion(metric, event.reports_no_longer_awaited().version())) {
        version->clear_awaited_period();
      }
      return;
    case MetricEvent::KIND_NOT_SET:
      return;  // Poison: DecodeEvent never lets it through.
  }
}

}  // namespace parley
