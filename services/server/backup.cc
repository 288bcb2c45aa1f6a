#include "services/server/backup.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <string>

#include "eventstore/base/status.h"

namespace parley {
namespace {

namespace fs = std::filesystem;

constexpr int kAttempts = 20;

absl::StatusOr<std::set<std::string>> NamesIn(const std::string& directory) {
  std::set<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    names.insert(it->path().filename());
  }
  if (error) return absl::UnavailableError("cannot read " + directory + ": " + error.message());
  return names;
}

// An erasure begins a file of another epoch and removes the one before: a copy of that alone would open under no key there is. So what
// was copied counts if the files were the same ones before and after.
absl::Status CopyKeyring(const std::string& from, const std::string& to) {
  absl::Status failed;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    PARLEY_ASSIGN_OR_RETURN(const std::set<std::string> before, NamesIn(from));
    std::error_code error;
    fs::remove_all(to, error);
    fs::copy(from, to, fs::copy_options::recursive, error);
    PARLEY_ASSIGN_OR_RETURN(const std::set<std::string> after, NamesIn(from));
    if (!error && before == after) return absl::OkStatus();
    failed = absl::UnavailableError("cannot copy " + from + ": " +
                                    (error ? error.message() : "people are being erased: try again later"));
  }
  return failed;
}

// Has the disk hold everything in the file system of `directory`.
bool Synced(const std::string& directory) {
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool synced = ::syncfs(fd) == 0;
  ::close(fd);
  return synced;
}

absl::StatusOr<ChecksummedFiles> CopyInto(const BackupSources& sources, const std::string& directory) {
  // In this order: a checkpoint is of entries that were there before it, and the key of a sealed text was there before its entry.
  PARLEY_RETURN_IF_ERROR(sources.checkpoints->CopyTo(directory + "/checkpoints"));
  PARLEY_RETURN_IF_ERROR(sources.log->CopyTo(directory + "/log"));
  PARLEY_RETURN_IF_ERROR(CopyKeyring(sources.keyring_dir, directory + "/keyring"));
  return WriteChecksums(directory);
}

}  // namespace

absl::StatusOr<ChecksummedFiles> CreateBackup(const BackupSources& sources, const std::string& path) {
  std::error_code error;
  fs::path normal = fs::path(path).lexically_normal();
  if (!normal.is_absolute()) return InvalidField("directory", "must be an absolute path");
  if (!normal.has_filename()) normal = normal.parent_path();  // "/backups/one/"
  const std::string directory = normal.string();
  if (fs::exists(directory, error)) return InvalidField("directory", "exists already");
  // Beside its place until it is whole, so that what is there is a backup.
  const std::string draft = directory + ".partial";
  fs::remove_all(draft, error);
  if (!fs::create_directories(draft, error)) {
    return absl::UnavailableError("cannot make " + draft + ": " + error.message());
  }
  auto copied = CopyInto(sources, draft);
  if (copied.ok() && !Synced(draft)) copied = absl::UnavailableError("cannot sync " + draft);
  if (copied.ok()) {
    fs::rename(draft, directory, error);
    if (error) copied = absl::UnavailableError("cannot make " + directory + ": " + error.message());
  }
  if (!copied.ok()) fs::remove_all(draft, error);
  return copied;
}

}  // namespace parley
