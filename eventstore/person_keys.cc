#include "eventstore/person_keys.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <functional>
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventstore/base/aead.h"
#include "eventstore/base/durable_file.h"
#include "eventstore/base/file.h"
#include "eventstore/base/status.h"
#include "eventstore/wrapped_keys.h"

namespace parley {
namespace {

constexpr unsigned kPrivate = 0600;
constexpr uint64_t kMaxFileBytes = uint64_t{4} << 30;
constexpr std::string_view kDraft = ".new";  // Of a file that WriteFileDurably had not finished.

absl::Status Unavailable(std::string_view what) {
  return Reject(v1::REASON_LOG_UNAVAILABLE, absl::StrCat("person keys: ", std::string(what)));
}

absl::Status Lost(std::string_view what) {
  return absl::DataLossError(absl::StrCat("person keys: ", std::string(what)));
}

// An open file, closed at the end.
class File {
 public:
  explicit File(int fd = -1) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  File& operator=(File&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  bool ok() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  bool Write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
      if (written < 0) return false;
      bytes.remove_prefix(static_cast<size_t>(written));
    }
    return true;
  }
  bool Sync() const { return ::fsync(fd_) == 0; }

 private:
  int fd_;
};

// A directory with one file for each epoch, and what was left over of others.
class EpochDirectory {
 public:
  EpochDirectory(std::string path, std::string_view ending) : path_(std::move(path)), ending_(ending) {}

  absl::Status Make() const {
    std::error_code error;
    if (std::filesystem::create_directories(path_, error)) {
      std::filesystem::permissions(path_, std::filesystem::perms::owner_all, error);
    }
    if (error || !std::filesystem::is_directory(path_, error)) return Unavailable("cannot make " + path_);
    return absl::OkStatus();
  }
  const std::string& path() const { return path_; }
  std::string FileOf(uint64_t epoch) const { return absl::StrCat(path_, "/epoch-", epoch, std::string(ending_)); }

  // The epochs that have a file, or the draft of one.
  absl::StatusOr<std::set<uint64_t>> Epochs(std::string_view draft = "") const {
    const std::string ending = std::string(ending_) + std::string(draft);
    std::set<uint64_t> epochs;
    std::error_code error;
    for (std::filesystem::directory_iterator it(path_, error), end; !error && it != end; it.increment(error)) {
      const std::string name = it->path().filename().string();
      uint64_t epoch = 0;
      std::from_chars(name.data() + std::min<size_t>(6, name.size()), name.data() + name.size(), epoch);
      if (name == absl::StrCat("epoch-", epoch, ending)) epochs.insert(epoch);
    }
    if (error) return Unavailable("cannot read " + path_);
    return epochs;
  }

  // Removes the files that `gone` chooses and every draft, `overwritten` first if need be, for good when this returns.
  absl::Status Remove(const std::function<bool(uint64_t)>& gone, RandomSource* overwritten) const {
    std::vector<std::string> files;
    PARLEY_ASSIGN_OR_RETURN(const std::set<uint64_t> drafts, Epochs(kDraft));
    for (const uint64_t epoch : drafts) files.push_back(FileOf(epoch) + std::string(kDraft));
    PARLEY_ASSIGN_OR_RETURN(const std::set<uint64_t> epochs, Epochs());
    for (const uint64_t epoch : epochs) {
      if (gone(epoch)) files.push_back(FileOf(epoch));
    }
    for (const std::string& file : files) {
      if (overwritten != nullptr) PARLEY_RETURN_IF_ERROR(Overwrite(file, *overwritten));
      if (::unlink(file.c_str()) != 0) return Unavailable("cannot remove " + file);
    }
    const File directory(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.ok() || !directory.Sync()) return Unavailable("cannot sync " + path_);
    return absl::OkStatus();
  }

 private:
  // A file that is only unlinked leaves its bytes on the disk.
  static absl::Status Overwrite(const std::string& path, RandomSource& random) {
    const File file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    struct stat info {};
    if (!file.ok() || ::fstat(file.fd(), &info) != 0 || !file.Write(random.Bytes(static_cast<size_t>(info.st_size))) ||
        !file.Sync()) {
      return Unavailable("cannot overwrite " + path);
    }
    return absl::OkStatus();
  }

  const std::string path_;
  const std::string_view ending_;
};

class FilePersonKeys : public PersonKeys {
 public:
  FilePersonKeys(const std::string& wrapped_dir, const std::string& secrets_dir, RandomSource& random)
      : wrapped_(wrapped_dir, ".keys"), secrets_(secrets_dir, ".key"), random_(random) {}

  absl::Status Open() {
    PARLEY_RETURN_IF_ERROR(wrapped_.Make());
    PARLEY_RETURN_IF_ERROR(secrets_.Make());
    lock_ = File(::open((wrapped_.path() + "/LOCK").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, kPrivate));
    if (!lock_.ok() || ::flock(lock_.fd(), LOCK_EX | LOCK_NB) != 0) return Unavailable("another process uses them");
    PARLEY_RETURN_IF_ERROR(FindEpoch());
    PARLEY_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(wrapped_.FileOf(epoch_), kMaxFileBytes));
    PARLEY_ASSIGN_OR_RETURN(epoch_key_, ReadFile(secrets_.FileOf(epoch_), kMaxFileBytes));
    if (epoch_key_.size() != kAeadKeyBytes) return Lost("the key of the epoch is damaged");
    PARLEY_ASSIGN_OR_RETURN(WrappedKeys wrapped, UnwrapKeys(bytes, epoch_, epoch_key_));
    keys_ = std::move(wrapped.keys);
    PARLEY_RETURN_IF_ERROR(RemoveLeftovers());
    if (wrapped.intact_bytes < bytes.size()) return WriteWrapped();
    return Reopen();
  }

  absl::StatusOr<std::string> KeyFor(const std::string& person) override {
    if (person.empty() || person.size() > kMaxWrappedNameBytes)
      return absl::InvalidArgumentError("not a person's name");
    std::lock_guard lock(mu_);
    if (const auto key = keys_.find(person); key != keys_.end()) return key->second;
    PARLEY_RETURN_IF_ERROR(Mend());
    std::string key = random_.Bytes(kAeadKeyBytes);
    unsure_ = true;
    if (!file_.Write(WrapKey(person, key, epoch_key_, random_)) || !file_.Sync()) {
      return Unavailable("cannot write " + wrapped_.FileOf(epoch_));
    }
    unsure_ = false;
    keys_.emplace(person, key);
    return key;
  }

  absl::StatusOr<std::string> Find(const std::string& person) const override {
    std::lock_guard lock(mu_);
    const auto key = keys_.find(person);
    if (key == keys_.end()) return Reject(v1::REASON_NOT_FOUND, "the person has no key");
    return key->second;
  }

  absl::Status Destroy(const std::vector<std::string>& persons) override {
    std::lock_guard lock(mu_);
    PARLEY_RETURN_IF_ERROR(Mend());
    std::map<std::string, std::string> others = keys_;
    for (const std::string& person : persons) others.erase(person);
    if (others.size() < keys_.size()) PARLEY_RETURN_IF_ERROR(BeginEpoch(std::move(others)));
    // Also where nobody was left to erase: an attempt that failed may have got no further than this.
    return RemoveLeftovers();
  }

 private:
  // The epoch to go on with: the one of the newest wrapped keys, whose own key was on the disk before they were.
  absl::Status FindEpoch() {
    PARLEY_ASSIGN_OR_RETURN(std::set<uint64_t> wrapped, wrapped_.Epochs());
    PARLEY_ASSIGN_OR_RETURN(const std::set<uint64_t> secrets, secrets_.Epochs());
    if (wrapped.empty()) {
      if (!secrets.empty()) return Lost("the wrapped keys are gone, their epoch's key is not");
      PARLEY_RETURN_IF_ERROR(WriteFileDurably(wrapped_.FileOf(1), WrappedHeader(1), kPrivate));
      wrapped.insert(1);
    }
    epoch_ = *wrapped.rbegin();
    if (secrets.empty()) {
      // The very first time, or cut short then: so far nothing is wrapped.
      PARLEY_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(wrapped_.FileOf(epoch_), kMaxFileBytes));
      if (bytes != WrappedHeader(epoch_)) return Lost("the key of the epoch is gone");
      return WriteFileDurably(secrets_.FileOf(epoch_), random_.Bytes(kAeadKeyBytes), kPrivate);
    }
    if (!secrets.contains(epoch_)) return Lost("the key of the epoch is gone");
    // One further is what a crash leaves; more, and it was the wrapped keys that went back.
    if (*secrets.rbegin() > epoch_ + 1) return Lost("the wrapped keys are of an earlier epoch than the keys of epochs");
    return absl::OkStatus();
  }

  // Begins the next epoch with these keys. Until its wrapped keys have their name, the present one stands.
  absl::Status BeginEpoch(std::map<std::string, std::string> keys) {
    const uint64_t next = epoch_ + 1;
    const std::string next_key = random_.Bytes(kAeadKeyBytes);
    unsure_ = true;
    PARLEY_RETURN_IF_ERROR(WriteFileDurably(secrets_.FileOf(next), next_key, kPrivate));
    PARLEY_RETURN_IF_ERROR(WriteFileDurably(wrapped_.FileOf(next), Wrapped(next, next_key, keys), kPrivate));
    epoch_ = next;
    epoch_key_ = next_key;
    keys_ = std::move(keys);
    return Reopen();
  }

  // After a write that failed: what of it is in the files is not known. They are made to say what memory says.
  absl::Status Mend() {
    if (!unsure_) return absl::OkStatus();
    PARLEY_RETURN_IF_ERROR(RemoveLeftovers());
    return WriteWrapped();
  }

  absl::Status WriteWrapped() {
    unsure_ = true;
    PARLEY_RETURN_IF_ERROR(WriteFileDurably(wrapped_.FileOf(epoch_), Wrapped(epoch_, epoch_key_, keys_), kPrivate));
    return Reopen();
  }

  absl::Status Reopen() {
    file_ = File(::open(wrapped_.FileOf(epoch_).c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    unsure_ = !file_.ok();
    return file_.ok() ? absl::OkStatus() : Unavailable("cannot write " + wrapped_.FileOf(epoch_));
  }

  // Destroys every epoch but this one. A later one first loses its wrapped keys, since wrapped keys without their epoch's key
  // mean a loss; an earlier one first loses its key, since that is what was promised.
  absl::Status RemoveLeftovers() {
    PARLEY_RETURN_IF_ERROR(wrapped_.Remove([&](uint64_t epoch) { return epoch > epoch_; }, nullptr));
    PARLEY_RETURN_IF_ERROR(secrets_.Remove([&](uint64_t epoch) { return epoch != epoch_; }, &random_));
    return wrapped_.Remove([&](uint64_t epoch) { return epoch < epoch_; }, nullptr);
  }

  std::string Wrapped(uint64_t epoch, const std::string& epoch_key, const std::map<std::string, std::string>& keys) {
    std::string bytes = WrappedHeader(epoch);
    for (const auto& [person, key] : keys) bytes += WrapKey(person, key, epoch_key, random_);
    return bytes;
  }

  const EpochDirectory wrapped_;
  const EpochDirectory secrets_;
  RandomSource& random_;
  File lock_;

  mutable std::mutex mu_;
  uint64_t epoch_ = 0;
  std::string epoch_key_;
  std::map<std::string, std::string> keys_;  // By person.
  File file_;                                // The epoch's wrapped keys, to append to.
  bool unsure_ = false;                      // A write has failed: to be mended before the next one.
};

}  // namespace

absl::StatusOr<std::unique_ptr<PersonKeys>> OpenPersonKeys(const std::string& wrapped_dir,
                                                           const std::string& secrets_dir, RandomSource& random) {
  auto keys = std::make_unique<FilePersonKeys>(wrapped_dir, secrets_dir, random);
  PARLEY_RETURN_IF_ERROR(keys->Open());
  return keys;
}

}  // namespace parley
