#include "services/query/overview_query.h"

#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "projections/overview.h"

namespace parley {
namespace {

const char* const kModel = OverviewProjection::kName;

absl::StatusOr<v1::RelationshipOverview> OverviewOf(const QueryContext& context, const LedgerId& ledger,
                                                    absl::Time read_time) {
  PARLEY_RETURN_IF_ERROR(context.view.RequireFollowed(kModel, ledger));
  PARLEY_ASSIGN_OR_RETURN(auto overview,
                          context.view.Get<v1::RelationshipOverview>(kModel, ledger, OverviewProjection::kKey));
  if (!overview) return NoSuchResource("relationships/" + ledger.str());
  for (const v1::PendingReview& review : overview->pending_reviews()) {
    if (FromProto(review.due_time()) <= read_time) overview->set_overdue_reviews(overview->overdue_reviews() + 1);
  }
  return *std::move(overview);
}

}  // namespace

absl::Status AnswerOverview(const QueryContext& context, const v1::GetOverviewRequest& request,
                            v1::GetOverviewResponse& response) {
  PARLEY_ASSIGN_OR_RETURN(const LedgerId ledger, ReadableLedger(context, request.name(), "name"));
  PARLEY_ASSIGN_OR_RETURN(const absl::Time read_time, ReadTime(context, request.has_read_time(), request.read_time()));
  PARLEY_ASSIGN_OR_RETURN(*response.mutable_overview(), OverviewOf(context, ledger, read_time));
  *response.mutable_read_time() = ToProto(read_time);
  return absl::OkStatus();
}

absl::Status AnswerPortfolio(const QueryContext& context, const v1::GetPortfolioRequest& request,
                             v1::GetPortfolioResponse& response) {
  PARLEY_ASSIGN_OR_RETURN(const size_t size, PageSize(request.page_size()));
  PARLEY_ASSIGN_OR_RETURN(const absl::Time read_time, ReadTime(context, request.has_read_time(), request.read_time()));
  const QueryIdentity identity =
      QueryIdentity().Add("portfolio").Add(context.caller.principal).Add(Canonical(request.read_time()));
  PARLEY_ASSIGN_OR_RETURN(const std::string after, context.page_tokens.Decode(identity, request.page_token()));
  PARLEY_ASSIGN_OR_RETURN(const auto ledgers, context.access.Ledgers());
  size_t taken = 0;
  std::string last;
  for (const LedgerId& ledger : ledgers) {
    if (ledger.str() <= after) continue;
    if (taken == size) {
      response.set_next_page_token(context.page_tokens.Encode(identity, last));
      break;
    }
    ++taken;
    last = ledger.str();
    auto overview = OverviewOf(context, ledger, read_time);
    if (ReasonOf(overview.status()) == v1::REASON_PROJECTION_STOPPED) {
      response.add_stopped("relationships/" + ledger.str());
      continue;
    }
    if (!overview.ok()) return overview.status();
    *response.add_overviews() = *std::move(overview);
  }
  *response.mutable_read_time() = ToProto(read_time);
  return absl::OkStatus();
}

}  // namespace parley
