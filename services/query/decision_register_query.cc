#include "services/query/decision_register_query.h"

#include <algorithm>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "parley/v1/decision.pb.h"
#include "projections/decision_register.h"
#include "services/query/scan_rows.h"

namespace parley {
namespace {

const char* const kModel = DecisionRegisterProjection::kName;

void CountState(v1::DecisionState state, v1::DecisionRegisterSummary& summary) {
  switch (state) {
    case v1::DECISION_STATE_DEFERRED:
      summary.set_deferred(summary.deferred() + 1);
      [[fallthrough]];
    case v1::DECISION_STATE_PROPOSED:
      summary.set_open(summary.open() + 1);
      return;
    case v1::DECISION_STATE_DECIDED:
      summary.set_decided(summary.decided() + 1);
      return;
    case v1::DECISION_STATE_SUPERSEDED:
      summary.set_superseded(summary.superseded() + 1);
      return;
    case v1::DECISION_STATE_WITHDRAWN:
      summary.set_withdrawn(summary.withdrawn() + 1);
      return;
    case v1::DECISION_STATE_UNSPECIFIED:
    case v1::DecisionState_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::DecisionState_INT_MAX_SENTINEL_DO_NOT_USE_:
      return;
  }
}

v1::DecisionRegisterSummary Summarise(const v1::GetDecisionRegisterResponse& response) {
  v1::DecisionRegisterSummary summary;
  std::vector<absl::Duration> latencies;
  absl::Duration oldest = absl::ZeroDuration();
  for (const v1::DecisionRegisterEntry& entry : response.entries()) {
    CountState(entry.state(), summary);
    summary.set_overridden(summary.overridden() + (entry.override_count() > 0));
    summary.set_reopened(summary.reopened() + (entry.reopen_count() > 0));
    summary.set_reviews_pending(summary.reviews_pending() + entry.has_review_due_time());
    summary.set_reviews_overdue(summary.reviews_overdue() + entry.review_overdue());
    if (entry.has_latency()) latencies.push_back(FromProto(entry.latency()));
    if (entry.has_open_for()) {
      oldest = std::max(oldest, FromProto(entry.open_for()));
      *summary.mutable_oldest_open() = ToProto(oldest);
    }
  }
  if (!latencies.empty()) {
    std::sort(latencies.begin(), latencies.end());
    *summary.mutable_median_latency() = ToProto(latencies[(latencies.size() - 1) / 2]);
    *summary.mutable_longest_latency() = ToProto(latencies.back());
  }
  return summary;
}

}  // namespace

absl::Status AnswerDecisionRegister(const QueryContext& context, const v1::GetDecisionRegisterRequest& request,
                                    v1::GetDecisionRegisterResponse& response) {
  PARLEY_ASSIGN_OR_RETURN(const LedgerId ledger, ReadableLedger(context, request.name(), "name"));
  PARLEY_ASSIGN_OR_RETURN(const absl::Time read_time, ReadTime(context, request.has_read_time(), request.read_time()));
  std::vector<v1::DecisionRegisterEntry> entries;
  PARLEY_RETURN_IF_ERROR(
      ScanRows(context.view, kModel, ledger, RowsInto{DecisionRegisterProjection::kEntries, entries}));
  for (v1::DecisionRegisterEntry& entry : entries) {
    if (entry.has_open_since_time()) *entry.mutable_open_for() = AgeAt(read_time, entry.open_since_time());
    entry.set_review_overdue(entry.has_review_due_time() && FromProto(entry.review_due_time()) <= read_time);
    *response.add_entries() = std::move(entry);
  }
  *response.mutable_summary() = Summarise(response);
  *response.mutable_read_time() = ToProto(read_time);
  return absl::OkStatus();
}

}  // namespace parley
