// People's names become handles before anything else sees them.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace parley {

// The same name and key give the same handle, on every machine and in every run, so that imports can be repeated;
// without the key nobody can tell which name a handle stands for, nor test a guess. Whoever holds the key can: keep it
// apart from what was imported. Not thread-safe.
class Pseudonymizer {
 public:
  // `key`: at least 16 bytes nobody can guess.
  static absl::StatusOr<Pseudonymizer> Create(std::string_view key);

  // "p-" and 16 lower-case base32 characters: the first 80 bits of HMAC-SHA256(key, name). An empty name has no handle:
  // empty.
  std::string Handle(std::string_view name);

 private:
  explicit Pseudonymizer(std::string_view key) : key_(key) {}

  std::string key_;
  std::map<std::string, std::string, std::less<>> known_;  // A bounded cache; it never leaves memory.
};

}  // namespace parley
