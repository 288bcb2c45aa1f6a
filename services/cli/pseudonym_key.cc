#include "services/cli/pseudonym_key.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/escaping.h"
#include "eventstore/base/random.h"

namespace parley {
namespace {

constexpr size_t kKeyBytes = 32;

absl::Status Failed(const std::string& what, const std::string& file) {
  return absl::InvalidArgumentError("cannot " + what + " the pseudonym key " + file + ": " + std::strerror(errno));
}

absl::Status MakeKey(const std::string& file) {
  std::error_code ignored;  // Opening the file then tells.
  std::filesystem::create_directories(std::filesystem::path(file).parent_path(), ignored);
  const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return Failed("make", file);
  const std::string text = absl::BytesToHexString(SystemRandom().Bytes(kKeyBytes)) + "\n";
  const bool written = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(fd) == 0;
  absl::Status status = written ? absl::OkStatus() : Failed("write", file);
  close(fd);
  return status;
}

}  // namespace

std::string DefaultPseudonymKeyFile() {
  const char* config = std::getenv("XDG_CONFIG_HOME");
  const char* home = std::getenv("HOME");
  const std::filesystem::path folder = config != nullptr && *config != '\0' ? std::filesystem::path(config)
                                       : home != nullptr                    ? std::filesystem::path(home) / ".config"
                                                                            : std::filesystem::path(".");
  return folder / "parley" / "pseudonym.key";
}

absl::StatusOr<std::string> LoadPseudonymKey(const std::string& file) {
  if (!std::filesystem::exists(file)) {
    if (absl::Status status = MakeKey(file); !status.ok()) return status;
  }
  std::ifstream stream(file);
  if (!stream) return Failed("read", file);
  std::string key(std::istreambuf_iterator<char>(stream), {});
  while (key.ends_with("\n")) key.pop_back();
  if (key.size() < kKeyBytes) return absl::InvalidArgumentError("the pseudonym key " + file + " is too short");
  return key;
}

}  // namespace parley
