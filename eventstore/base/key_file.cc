#include "eventstore/base/key_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

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
  const std::string draft = path + ".new";
  const int fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (fd < 0) return absl::UnavailableError("cannot write " + draft);
  const bool written = ::write(fd, key.data(), key.size()) == static_cast<ssize_t>(key.size()) && ::fsync(fd) == 0;
  ::close(fd);
  if (!written || ::rename(draft.c_str(), path.c_str()) != 0) return absl::UnavailableError("cannot write " + path);
  const int dir = ::open(std::filesystem::path(path).parent_path().c_str(), O_RDONLY | O_DIRECTORY);
  const bool synced = dir >= 0 && ::fsync(dir) == 0;
  if (dir >= 0) ::close(dir);
  if (!synced) return absl::UnavailableError("cannot sync the directory of " + path);
  return key;
}

}  // namespace parley
