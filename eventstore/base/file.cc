#include "eventstore/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "eventstore/base/status.h"

namespace parley {
namespace {

absl::Status Failed(const char* what, const std::string& path) {
  return absl::UnavailableError("cannot " + std::string(what) + " " + path + ": " + std::strerror(errno));
}

absl::StatusOr<std::string> ReadOpened(int fd, const std::string& path, uint64_t max_bytes) {
  struct stat info {};
  if (fstat(fd, &info) != 0) return Failed("read", path);
  if (!S_ISREG(info.st_mode)) return absl::InvalidArgumentError(path + " is not a regular file");
  const auto size = static_cast<uint64_t>(info.st_size);
  if (size > max_bytes) {
    return absl::InvalidArgumentError(path + " has more than " + std::to_string(max_bytes) + " bytes");
  }
  std::string bytes(size, '\0');
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = read(fd, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Failed("read", path);
    if (n == 0) break;  // It was cut off meanwhile: whoever knows its length will see.
    done += static_cast<size_t>(n);
  }
  bytes.resize(done);
  return bytes;
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path, uint64_t max_bytes) {
  // Without blocking: what is not a regular file is refused, not waited for.
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return absl::NotFoundError("no such file: " + path);
    return Failed("open", path);
  }
  auto bytes = ReadOpened(fd, path, max_bytes);
  close(fd);
  return bytes;
}

}  // namespace parley
