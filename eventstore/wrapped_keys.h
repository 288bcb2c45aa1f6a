// The file of one epoch's wrapped keys, byte for byte as FORMAT.md has it: a line that says what it is, then a record for each
// person, appended one by one.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "eventstore/base/random.h"

namespace parley {

// A person's resource name has at most this many bytes.
inline constexpr size_t kMaxWrappedNameBytes = 4096;

struct WrappedKeys {
  std::map<std::string, std::string> keys;  // Unwrapped, by person.
  size_t intact_bytes = 0;                  // What follows them is a record that a crash cut short.
};

// The first line.
std::string WrappedHeader(uint64_t epoch);
// A record: the key of `person`, wrapped by `epoch_key` under a nonce of its own.
std::string WrapKey(const std::string& person, std::string_view key, std::string_view epoch_key, RandomSource& random);
// DATA_LOSS where `bytes` are not this epoch's keys, were damaged anywhere but at the very end, or do not open.
absl::StatusOr<WrappedKeys> UnwrapKeys(std::string_view bytes, uint64_t epoch, std::string_view epoch_key);

}  // namespace parley
