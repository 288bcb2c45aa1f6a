#include "eventstore/base/key_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "eventstore/base/durable_file.h"
#include "eventstore/base/status.h"

namespace parley {

absl::StatusOr<std::string> LoadKey(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    // Made anew where it is not there: so what is only unreadable must not pass for that.
    std::error_code error;
    const bool missing = !std::filesystem::exists(path, error) && !error;
    return missing ? absl::NotFoundError(path + " is not there") : absl::UnavailableError("cannot read " + path);
  }
  std::string key{std::istreambuf_iterator<char>(in), {}};
  if (key.size() != kKeyFileBytes) return absl::DataLossError(path + " is not a key of 32 bytes");
  return key;
}

absl::StatusOr<std::string> LoadOrMakeKey(const std::string& path, RandomSource& random) {
  absl::StatusOr<std::string> there = LoadKey(path);
  if (!absl::IsNotFound(there.status())) return there;
  const std::string key = random.Bytes(kKeyFileBytes);
  PARLEY_RETURN_IF_ERROR(WriteFileDurably(path, key, 0600));
  return key;
}

}  // namespace parley
