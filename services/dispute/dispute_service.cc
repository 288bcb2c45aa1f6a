// gRPC for disputes: one line per RPC.
#include "parley/v1/dispute.grpc.pb.h"
#include "services/dispute/dispute.h"
#include "services/server/calls.h"
#include "services/server/services.h"

namespace parley {
namespace {

class DisputeServiceImpl final : public v1::DisputeService::CallbackService {
 public:
  explicit DisputeServiceImpl(Calls& calls) : calls_(calls) {}

  PARLEY_COMMAND(Dispute, RaiseDispute)
  PARLEY_COMMAND(Dispute, AcknowledgeDispute)
  PARLEY_COMMAND(Dispute, StateDisputePosition)
  PARLEY_COMMAND(Dispute, AgreeJointStatement)
  PARLEY_COMMAND(Dispute, EscalateDispute)
  PARLEY_COMMAND(Dispute, SwitchDisputeStyle)
  PARLEY_COMMAND(Dispute, AppointNeutral)
  PARLEY_COMMAND(Dispute, ProposeDisputeSettlement)
  PARLEY_COMMAND(Dispute, AcceptDisputeSettlement)
  PARLEY_COMMAND(Dispute, DetermineDispute)
  PARLEY_COMMAND(Dispute, GiveDisputeSatisfaction)
  PARLEY_COMMAND(Dispute, ReopenDispute)
  PARLEY_COMMAND(Dispute, WithdrawDispute)
  PARLEY_QUERY(GetDispute)
  PARLEY_QUERY(ListDisputes)

 private:
  Calls& calls_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeDisputeService(Calls& calls) { return std::make_unique<DisputeServiceImpl>(calls); }

}  // namespace parley
