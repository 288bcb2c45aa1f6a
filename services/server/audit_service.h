// gRPC for the proof.
#pragma once

#include "parley/v1/audit.grpc.pb.h"
#include "services/audit/audit.h"
#include "services/audit/bundles.h"
#include "services/server/calls.h"
#include "services/server/export_stream.h"

namespace parley {

class AuditServiceImpl final : public v1::AuditService::CallbackService {
 public:
  AuditServiceImpl(Calls& calls, Audit& audit, const Bundles& bundles, OpenStreams& exports)
      : calls_(calls), audit_(audit), bundles_(bundles), exports_(exports) {}

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

  grpc::ServerWriteReactor<v1::ExportBundleResponse>* ExportBundle(grpc::CallbackServerContext* context,
                                                                   const v1::ExportBundleRequest* request) override {
    return StartExport(context, request, calls_, bundles_, exports_);
  }

  grpc::ServerUnaryReactor* ReleasePersonKeys(grpc::CallbackServerContext* context,
                                              const v1::ReleasePersonKeysRequest* request,
                                              v1::ReleasePersonKeysResponse* response) override {
    return calls_.Run(context, request, [=, this](const Caller& caller, const Calls::Done& done) {
      done(bundles_.Answer(caller, *request, *response));
    });
  }

 private:
  Calls& calls_;
  Audit& audit_;
  const Bundles& bundles_;
  OpenStreams& exports_;
};

}  // namespace parley
