// The keys of people's sealed parts: one per person, wrapped by an epoch key. Erasing a person means that the person's key is
// wrapped by no key that still exists: the others are wrapped anew under the next epoch key, and the one before is destroyed.
// So a copy of the wrapped keys taken earlier, in a backup say, opens nothing once its epoch is over.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventstore/base/random.h"

namespace parley {

// Thread-safe.
class PersonKeys {
 public:
  virtual ~PersonKeys() = default;

  // The person's key, 32 bytes, made where there is none: then it is on the disk when this returns. `person` is a resource name.
  virtual absl::StatusOr<std::string> KeyFor(const std::string& person) = 0;
  // NOT_FOUND where there is none: erased, or never made.
  virtual absl::StatusOr<std::string> Find(const std::string& person) const = 0;
  // Destroys the keys of these people: when this returns, no file holds them under a key that exists.
  virtual absl::Status Destroy(const std::vector<std::string>& persons) = 0;
};

// For tests, and for whoever seals nothing.
std::unique_ptr<PersonKeys> NewMemoryPersonKeys(RandomSource& random);

// Wrapped keys in `<wrapped_dir>/epoch-<n>.keys`, the epoch's own in `<secrets_dir>/epoch-<n>.key`. One process at a time.
// DATA_LOSS where the wrapped keys' epoch key is not there or does not open them.
absl::StatusOr<std::unique_ptr<PersonKeys>> OpenPersonKeys(const std::string& wrapped_dir,
                                                           const std::string& secrets_dir, RandomSource& random);

}  // namespace parley
