#include "services/cli/keys_file.h"

#include "eventstore/base/clock.h"
#include "eventstore/base/file.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"

namespace parley {
namespace {

constexpr uint64_t kMaxKeysBytes = uint64_t{64} << 20;

}  // namespace

absl::StatusOr<v1::PersonKeys> LoadPersonKeys(const std::string& path) {
  PARLEY_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path, kMaxKeysBytes));
  v1::PersonKeys keys;
  if (bytes.empty() || !keys.ParseFromString(bytes)) return absl::InvalidArgumentError(path + " is no file of keys");
  const absl::Time expires = FromProto(keys.expire_time());
  if (keys.has_expire_time() && expires < SystemClock().Now()) {
    return absl::FailedPreconditionError(path + ": these keys might be used until " + Rfc3339(expires));
  }
  return keys;
}

}  // namespace parley
