#include "services/server/admin_service.h"

#include <algorithm>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"

namespace parley {

absl::Status AdminServiceImpl::RequireOperator(const Caller& caller) const {
  if (std::find(operators_.begin(), operators_.end(), caller.principal) != operators_.end()) return absl::OkStatus();
  return Reject(v1::REASON_NOT_AN_OPERATOR, "only whom parleyd's --operator names may do this");
}

grpc::ServerUnaryReactor* AdminServiceImpl::CreateBackup(grpc::CallbackServerContext* context,
                                                         const v1::CreateBackupRequest* request,
                                                         v1::CreateBackupResponse* response) {
  return calls_.Run(context, request, [=, this](const Caller& caller, const Calls::Done& done) {
    if (const absl::Status allowed = RequireOperator(caller); !allowed.ok()) return done(allowed);
    const std::unique_lock alone(backup_mu_, std::try_to_lock);
    if (!alone) return done(Reject(v1::REASON_OVERLOADED, "a backup is being made: try again when it is there"));
    *response->mutable_create_time() = ToProto(clock_.Now());
    const auto copied = parley::CreateBackup(sources_, request->directory());
    if (!copied.ok()) return done(copied.status());
    response->set_files(copied->files);
    response->set_bytes(copied->bytes);
    done(absl::OkStatus());
  });
}

grpc::ServerUnaryReactor* AdminServiceImpl::RotateLogKey(grpc::CallbackServerContext* context,
                                                         const v1::RotateLogKeyRequest* request,
                                                         v1::RotateLogKeyResponse* response) {
  return calls_.Run(context, request, [=, this](const Caller& caller, const Calls::Done& done) {
    if (const absl::Status allowed = RequireOperator(caller); !allowed.ok()) return done(allowed);
    const auto next = log_keys_.Rotate();
    if (!next.ok()) return done(next.status());
    response->set_generation(next->number);
    response->set_public_key(next->public_key);
    done(absl::OkStatus());
  });
}

}  // namespace parley
