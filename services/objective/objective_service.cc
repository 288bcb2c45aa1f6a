// gRPC for objectives: one line per RPC.
#include "parley/v1/objective.grpc.pb.h"
#include "services/objective/objective.h"
#include "services/server/calls.h"
#include "services/server/services.h"

namespace parley {
namespace {

class ObjectiveServiceImpl final : public v1::ObjectiveService::CallbackService {
 public:
  explicit ObjectiveServiceImpl(Calls& calls) : calls_(calls) {}

  PARLEY_COMMAND(Objective, StateObjective)
  PARLEY_COMMAND(Objective, RankObjective)
  PARLEY_COMMAND(Objective, EndorseObjective)
  PARLEY_COMMAND(Objective, RetireObjective)
  PARLEY_QUERY(GetObjective)
  PARLEY_QUERY(ListObjectives)

 private:
  Calls& calls_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeObjectiveService(Calls& calls) {
  return std::make_unique<ObjectiveServiceImpl>(calls);
}

}  // namespace parley
