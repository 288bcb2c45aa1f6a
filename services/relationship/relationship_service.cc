// gRPC for relationships: one line per RPC.
#include "parley/v1/relationship.grpc.pb.h"
#include "services/relationship/relationship.h"
#include "services/server/calls.h"
#include "services/server/services.h"

namespace parley {
namespace {

class RelationshipServiceImpl final : public v1::RelationshipService::CallbackService {
 public:
  explicit RelationshipServiceImpl(Calls& calls) : calls_(calls) {}

  PARLEY_COMMAND(Relationship, EstablishRelationship)
  PARLEY_COMMAND(Relationship, AdmitParty)
  PARLEY_COMMAND(Relationship, AcceptParty)
  PARLEY_COMMAND(Relationship, GrantRole)
  PARLEY_COMMAND(Relationship, RevokeRole)
  PARLEY_COMMAND(Relationship, ProposeCharter)
  PARLEY_COMMAND(Relationship, AdoptCharter)
  PARLEY_COMMAND(Relationship, ChangeStage)
  PARLEY_COMMAND(Relationship, PlanExit)
  PARLEY_COMMAND(Relationship, ExitRelationship)
  PARLEY_QUERY(GetRelationship)
  PARLEY_QUERY(ListRelationships)

 private:
  Calls& calls_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeRelationshipService(Calls& calls) {
  return std::make_unique<RelationshipServiceImpl>(calls);
}

}  // namespace parley
