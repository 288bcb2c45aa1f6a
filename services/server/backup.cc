#include "services/server/backup.h"

#include <filesystem>

#include "eventstore/base/status.h"

namespace parley {
namespace {

namespace fs = std::filesystem;

absl::StatusOr<ChecksummedFiles> CopyInto(const BackupSources& sources, const std::string& directory) {
  // In this order: a checkpoint is of entries that were there before it, and the key of a sealed text was there before its entry.
  PARLEY_RETURN_IF_ERROR(sources.checkpoints->CopyTo(directory + "/checkpoints"));
  PARLEY_RETURN_IF_ERROR(sources.log->CopyTo(directory + "/log"));
  std::error_code error;
  fs::copy(sources.keyring_dir, directory + "/keyring", fs::copy_options::recursive, error);
  if (error) return absl::UnavailableError("cannot copy " + sources.keyring_dir + ": " + error.message());
  return WriteChecksums(directory);
}

}  // namespace

absl::StatusOr<ChecksummedFiles> CreateBackup(const BackupSources& sources, const std::string& directory) {
  std::error_code error;
  if (!fs::path(directory).is_absolute()) return InvalidField("directory", "must be an absolute path");
  if (fs::exists(directory, error)) return InvalidField("directory", "exists already");
  // Beside its place until it is whole, so that what is there is a backup.
  const std::string draft = directory + ".partial";
  fs::remove_all(draft, error);
  if (!fs::create_directories(draft, error)) {
    return absl::UnavailableError("cannot make " + draft + ": " + error.message());
  }
  auto copied = CopyInto(sources, draft);
  if (copied.ok()) {
    fs::rename(draft, directory, error);
    if (error) copied = absl::UnavailableError("cannot make " + directory + ": " + error.message());
  }
  if (!copied.ok()) fs::remove_all(draft, error);
  return copied;
}

}  // namespace parley
