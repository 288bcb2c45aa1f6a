#include "services/query/docket_query.h"

#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "projections/docket.h"
#include "services/query/docket_summary.h"
#include "services/query/scan_rows.h"

namespace parley {
namespace {

const char* const kModel = DocketProjection::kName;

void AddAges(absl::Time read_time, v1::DocketEntry& entry) {
  if (entry.has_open_since_time()) {
    *entry.mutable_open_for() = AgeAt(read_time, entry.open_since_time());
    *entry.mutable_on_tier_for() = AgeAt(read_time, entry.tier_since_time());
  }
  entry.set_window_overdue(entry.has_window_due_time() && FromProto(entry.window_due_time()) <= read_time);
  entry.set_acknowledgement_overdue(entry.has_acknowledge_due_time() &&
                                    FromProto(entry.acknowledge_due_time()) <= read_time);
}

}  // namespace

absl::Status AnswerDocket(const QueryContext& context, const v1::GetDocketRequest& request,
                          v1::GetDocketResponse& response) {
  PARLEY_ASSIGN_OR_RETURN(const LedgerId ledger, ReadableLedger(context, request.name(), "name"));
  PARLEY_ASSIGN_OR_RETURN(const absl::Time read_time, ReadTime(context, request.has_read_time(), request.read_time()));
  std::vector<v1::DocketEntry> entries;
  PARLEY_RETURN_IF_ERROR(ScanRows(context.view, kModel, ledger, RowsInto{DocketProjection::kEntries, entries}));
  for (v1::DocketEntry& entry : entries) {
    AddAges(read_time, entry);
    *response.add_entries() = std::move(entry);
  }
  *response.mutable_summary() = SummariseDocket(response.entries());
  *response.mutable_read_time() = ToProto(read_time);
  return absl::OkStatus();
}

}  // namespace parley
