#include "services/verify/released_keys.h"

namespace parley {

ReleasedKeys::ReleasedKeys(const v1::PersonKeys& keys) {
  for (const v1::PersonKey& key : keys.keys()) keys_[key.person()] = key.key();
}

absl::StatusOr<std::string> ReleasedKeys::Find(const std::string& person) const {
  const auto it = keys_.find(person);
  if (it == keys_.end()) return absl::NotFoundError("no key of " + person + " was released");
  return it->second;
}

absl::Status ReleasedKeys::Destroy(const std::vector<std::string>&) {
  return absl::FailedPreconditionError("what was released is not the reader's to destroy");
}

}  // namespace parley
