// gRPC for the proof.
#pragma once

#include "parley/v1/audit.grpc.pb.h"
#include "services/audit/audit.h"
#include "services/server/calls.h"

namespace parley {

class AuditServiceImpl final : public v1::AuditService::CallbackService {
 public:
  AuditServiceImpl(Calls& calls, Audit& audit) : calls_(calls), audit_(audit) {}

#define PARLEY_AUDIT(Rpc)                                                                              \
  grpc::ServerUnaryReactor* Rpc(grpc::CallbackServerContext* context, const v1::Rpc##Request* request, \
                                v1::Rpc##Response* response) override {                                \
    return calls_.Run(context, request, [=, this](const Caller& caller, const Calls::Done& done) {     \
      done(audit_.Answer(caller, *request, *response));                                                \
    });                                                                                                \
  }
  PARLEY_AUDIT(GetCheckpoint)
  PARLEY_AUDIT(ListCheckpoints)
  PARLEY_AUDIT(AddCosignature)
  PARLEY_AUDIT(GetReceipt)
  PARLEY_AUDIT(GetConsistencyProof)
#undef PARLEY_AUDIT

  grpc::ServerUnaryReactor* CreateCheckpoint(grpc::CallbackServerContext* context,
                                             const v1::CreateCheckpointRequest* request,
                                             v1::CreateCheckpointResponse* response) override {
    return calls_.Run(context, request, [=, this](const Caller& caller, const Calls::Done& done) {
      audit_.Create(caller, *request, response, done);
    });
  }

 private:
  Calls& calls_;
  Audit& audit_;
};

}  // namespace parley
