// gRPC for keys: one line per RPC.
#include "parley/v1/key.grpc.pb.h"
#include "services/key/key.h"
#include "services/server/calls.h"
#include "services/server/services.h"

namespace parley {
namespace {

class KeyServiceImpl final : public v1::KeyService::CallbackService {
 public:
  explicit KeyServiceImpl(Calls& calls) : calls_(calls) {}

  PARLEY_COMMAND(Key, RegisterKey)
  PARLEY_COMMAND(Key, RevokeKey)
  PARLEY_QUERY(GetKey)
  PARLEY_QUERY(ListKeys)

 private:
  Calls& calls_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeKeyService(Calls& calls) { return std::make_unique<KeyServiceImpl>(calls); }

}  // namespace parley
