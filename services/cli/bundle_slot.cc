#include "services/cli/bundle_slot.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "eventstore/base/status.h"
#include "eventstore/proof/bundle.h"

namespace parley {
namespace {

namespace fs = std::filesystem;

absl::Status Done(const std::error_code& error, const std::string& what) {
  return error ? absl::UnavailableError("cannot " + what + ": " + error.message()) : absl::OkStatus();
}

bool Exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

absl::Status Rename(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::rename(from, to, error);
  return Done(error, "rename " + from);
}

absl::Status Remove(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  return Done(error, "remove " + path);
}

}  // namespace

absl::StatusOr<BundleSlot> BundleSlot::Open(const std::string& path) {
  // "dir/" and "dir" are the same place, and what is beside it is not in it.
  fs::path plain = fs::path(path).lexically_normal();
  if (!plain.has_filename()) plain = plain.parent_path();
  BundleSlot slot(plain.string());
  const std::string previous = slot.path_ + ".previous";
  if (Exists(previous)) {
    PARLEY_RETURN_IF_ERROR(Exists(slot.path_) ? Remove(previous) : Rename(previous, slot.path_));
  }
  const auto bundle = BundleDir::Open(slot.path_);
  if (bundle.ok()) {
    slot.size_ = bundle->manifest().size;
    slot.reader_ = bundle->manifest().reader;
  }
  if (!bundle.ok() && !absl::IsNotFound(bundle.status())) return bundle.status();
  return slot;
}

absl::StatusOr<std::string> BundleSlot::Stage(const std::string& reader) {
  const auto whose = [](const std::string& id) { return id.empty() ? std::string("an auditor") : id; };
  if (size_ > 0 && reader != reader_) {
    return absl::InvalidArgumentError(path_ + " holds a bundle for " + whose(reader_) + ": that for " + whose(reader) +
                                      " wants a directory of its own");
  }
  staged_ = path_;
  if (size_ == 0) return staged_;
  staged_ = path_ + ".incoming";
  if (Exists(staged_)) return staged_;
  // Files are never written in place, only replaced: so they may be shared.
  const std::string draft = staged_ + ".new";
  PARLEY_RETURN_IF_ERROR(Remove(draft));
  std::error_code error;
  fs::copy(path_, draft, fs::copy_options::recursive | fs::copy_options::create_hard_links, error);
  if (error) {  // Not every file system shares files.
    PARLEY_RETURN_IF_ERROR(Remove(draft));
    fs::copy(path_, draft, fs::copy_options::recursive, error);
  }
  PARLEY_RETURN_IF_ERROR(Done(error, "copy " + path_));
  PARLEY_RETURN_IF_ERROR(Rename(draft, staged_));
  return staged_;
}

absl::Status BundleSlot::Accept() {
  if (staged_ != path_) {
    const std::string previous = path_ + ".previous";
    PARLEY_RETURN_IF_ERROR(Rename(path_, previous));
    PARLEY_RETURN_IF_ERROR(Rename(staged_, path_));
    PARLEY_RETURN_IF_ERROR(Remove(previous));
  }
  PARLEY_ASSIGN_OR_RETURN(const BundleDir bundle, BundleDir::Open(path_));
  size_ = bundle.manifest().size;
  reader_ = bundle.manifest().reader;
  return absl::OkStatus();
}

absl::StatusOr<std::string> BundleSlot::Refuse() {
  const std::string refused = path_ + ".refused";
  PARLEY_RETURN_IF_ERROR(Remove(refused));
  PARLEY_RETURN_IF_ERROR(Rename(staged_, refused));
  return refused;
}

}  // namespace parley
