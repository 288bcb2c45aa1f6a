// gRPC for whoever runs the server.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "parley/v1/admin.grpc.pb.h"
#include "services/audit/log_keys.h"
#include "services/server/backup.h"
#include "services/server/calls.h"

namespace parley {

class AdminServiceImpl final : public v1::AdminService::CallbackService {
 public:
  // `operators`: handles of those who may call.
  AdminServiceImpl(Calls& calls, BackupSources sources, LogKeys& log_keys, const Clock& clock,
                   std::vector<std::string> operators)
      : calls_(calls),
        sources_(std::move(sources)),
        log_keys_(log_keys),
        clock_(clock),
        operators_(std::move(operators)) {}

  grpc::ServerUnaryReactor* CreateBackup(grpc::CallbackServerContext* context, const v1::CreateBackupRequest* request,
                                         v1::CreateBackupResponse* response) override;
  grpc::ServerUnaryReactor* RotateLogKey(grpc::CallbackServerContext* context, const v1::RotateLogKeyRequest* request,
                                         v1::RotateLogKeyResponse* response) override;

 private:
  absl::Status RequireOperator(const Caller& caller) const;

  Calls& calls_;
  const BackupSources sources_;
  LogKeys& log_keys_;
  const Clock& clock_;
  const std::vector<std::string> operators_;
  std::mutex backup_mu_;  // Held while a backup is made.
};

}  // namespace parley
