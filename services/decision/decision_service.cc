// gRPC for decisions: one line per RPC.
#include "parley/v1/decision.grpc.pb.h"
#include "services/decision/decision.h"
#include "services/server/calls.h"
#include "services/server/services.h"

namespace parley {
namespace {

class DecisionServiceImpl final : public v1::DecisionService::CallbackService {
 public:
  explicit DecisionServiceImpl(Calls& calls) : calls_(calls) {}

  PARLEY_COMMAND(Decision, ProposeDecision)
  PARLEY_COMMAND(Decision, GiveDecisionInput)
  PARLEY_COMMAND(Decision, ConcurWithDecision)
  PARLEY_COMMAND(Decision, ObjectToDecision)
  PARLEY_COMMAND(Decision, DecideDecision)
  PARLEY_COMMAND(Decision, DeferDecision)
  PARLEY_COMMAND(Decision, OverrideDecision)
  PARLEY_COMMAND(Decision, AssessDecisionOutcome)
  PARLEY_COMMAND(Decision, SupersedeDecision)
  PARLEY_COMMAND(Decision, ReopenDecision)
  PARLEY_COMMAND(Decision, WithdrawDecision)
  PARLEY_QUERY(GetDecision)
  PARLEY_QUERY(ListDecisions)

 private:
  Calls& calls_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeDecisionService(Calls& calls) {
  return std::make_unique<DecisionServiceImpl>(calls);
}

}  // namespace parley
