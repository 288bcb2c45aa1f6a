// People's keys as they were released, for whatever wants PersonKeys.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "eventstore/person_keys.h"
#include "parley/v1/audit.pb.h"

namespace parley {

// Immutable: makes no keys and destroys none.
class ReleasedKeys final : public PersonKeys {
 public:
  explicit ReleasedKeys(const v1::PersonKeys& keys);
  absl::StatusOr<std::string> KeyFor(const std::string& person) override { return Find(person); }
  // NOT_FOUND where the person's was not released.
  absl::StatusOr<std::string> Find(const std::string& person) const override;
  // FAILED_PRECONDITION: they are not the reader's to destroy.
  absl::Status Destroy(const std::vector<std::string>& persons) override;

 private:
  std::map<std::string, std::string> keys_;  // By resource name.
};

}  // namespace parley
