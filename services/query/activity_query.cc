#include "services/query/activity_query.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "projections/activity_view.h"
#include "services/query/scan_rows.h"

namespace parley {
namespace {

const char* const kModel = ActivityViewProjection::kName;
using Teams = std::vector<v1::ActivityTeam>;

absl::StatusOr<int64_t> MaxTeams(int32_t requested) {
  if (requested < 0) return InvalidField("max_teams", "negative");
  return requested == 0 ? 50 : std::min(requested, 1000);
}

int64_t Activities(const v1::ActivityTeam& team) { return team.activities(); }
int64_t Handovers(const v1::ActivityTeam& team) { return team.handovers_in() + team.handovers_out(); }

// The first `n` by `count`, the greatest first, those with the same count in the order of their names; without zeros.
void AddTop(const Teams& teams, int64_t n, int64_t (*count)(const v1::ActivityTeam&),
            google::protobuf::RepeatedPtrField<v1::ActivityTeam>& out) {
  Teams top;
  std::copy_if(teams.begin(), teams.end(), std::back_inserter(top), [&](const auto& team) { return count(team) > 0; });
  std::stable_sort(top.begin(), top.end(), [&](const auto& a, const auto& b) { return count(a) > count(b); });
  if (static_cast<int64_t>(top.size()) > n) top.resize(n);
  out.Assign(top.begin(), top.end());
}

int32_t PartsPerMillion(absl::Duration part, absl::Duration whole) {
  if (whole <= absl::ZeroDuration()) return 0;
  absl::Duration remainder;
  return static_cast<int32_t>(absl::IDivDuration(part * int64_t{1'000'000}, whole, &remainder));
}

}  // namespace

absl::Status AnswerActivityView(const QueryContext& context, const v1::GetActivityViewRequest& request,
                                v1::GetActivityViewResponse& response) {
  PARLEY_ASSIGN_OR_RETURN(const LedgerId ledger, ReadableLedger(context, request.name(), "name"));
  PARLEY_ASSIGN_OR_RETURN(const absl::Time read_time, ReadTime(context, request.has_read_time(), request.read_time()));
  PARLEY_ASSIGN_OR_RETURN(const int64_t max_teams, MaxTeams(request.max_teams()));
  std::vector<v1::ActivityMonth> months;
  std::vector<v1::ActivitySummary> summary;
  Teams teams;
  PARLEY_RETURN_IF_ERROR(ScanRows(context.view, kModel, ledger, RowsInto{ActivityViewProjection::kMonths, months},
                                  RowsInto{ActivityViewProjection::kSummary, summary},
                                  RowsInto{ActivityViewProjection::kTeams, teams}));
  *response.mutable_summary() = summary.empty() ? v1::ActivitySummary() : summary.front();
  response.mutable_months()->Assign(months.begin(), months.end());
  AddTop(teams, max_teams, Activities, *response.mutable_busiest_teams());
  AddTop(teams, max_teams, Handovers, *response.mutable_handover_teams());
  response.set_waiting_ppm(
      PartsPerMillion(FromProto(response.summary().waiting()), FromProto(response.summary().elapsed())));
  *response.mutable_read_time() = ToProto(read_time);
  return absl::OkStatus();
}

}  // namespace parley
