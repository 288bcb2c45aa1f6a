// gRPC for dashboards: one line per RPC.
#include "parley/v1/dashboard.grpc.pb.h"
#include "services/server/calls.h"
#include "services/server/services.h"

namespace parley {
namespace {

class DashboardServiceImpl final : public v1::DashboardService::CallbackService {
 public:
  explicit DashboardServiceImpl(Calls& calls) : calls_(calls) {}

  PARLEY_QUERY(GetDecisionRegister)
  PARLEY_QUERY(GetOverview)
  PARLEY_QUERY(GetPortfolio)
  PARLEY_QUERY(GetScoreboard)
  PARLEY_QUERY(GetCoverage)
  PARLEY_QUERY(GetDocket)
  PARLEY_QUERY(GetActivityView)

 private:
  Calls& calls_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeDashboardService(Calls& calls) {
  return std::make_unique<DashboardServiceImpl>(calls);
}

}  // namespace parley
