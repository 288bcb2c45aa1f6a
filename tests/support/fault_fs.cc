#include "tests/support/fault_fs.h"

#include <rocksdb/system_clock.h>

#include <algorithm>
#include <thread>

namespace parley {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

std::shared_ptr<rocksdb::FileSystem> NewMemoryFs() {
  const std::unique_ptr<rocksdb::Env> env(rocksdb::NewMemEnv(rocksdb::Env::Default()));
  return env->GetFileSystem();
}

class WatchedFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  WatchedFile(FaultFs* fs, std::string name, std::unique_ptr<rocksdb::FSWritableFile> file)
      : FSWritableFileOwnerWrapper(std::move(file)), fs_(fs), name_(std::move(name)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* dbg) override {
    if (IOStatus status = fs_->BeforeWrite(name_, data.size()); !status.ok()) {
      // A failed write may have written some of it.
      const Slice half(data.data(), status.IsNoSpace() || fs_->off() ? 0 : data.size() / 2);
      if (FSWritableFileOwnerWrapper::Append(half, options, dbg).ok()) fs_->Wrote(name_, half.size());
      return status;
    }
    IOStatus status = FSWritableFileOwnerWrapper::Append(data, options, dbg);
    if (status.ok()) fs_->Wrote(name_, data.size());
    return status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* dbg) override {
    return Append(data, options, dbg);
  }
  IOStatus PositionedAppend(const Slice&, uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::NotSupported("positioned append");
  }
  IOStatus PositionedAppend(const Slice&, uint64_t, const IOOptions&, const rocksdb::DataVerificationInfo&,
                            IODebugContext*) override {
    return IOStatus::NotSupported("positioned append");
  }
  IOStatus Truncate(uint64_t size, const IOOptions& options, IODebugContext* dbg) override {
    IOStatus status = FSWritableFileOwnerWrapper::Truncate(size, options, dbg);
    if (status.ok()) fs_->Truncated(name_, size);
    return status;
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* dbg) override {
    IOStatus status = fs_->BeforeSync(name_);
    if (status.ok()) status = FSWritableFileOwnerWrapper::Sync(options, dbg);
    if (status.ok()) fs_->Synced(name_);
    return status;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* dbg) override { return Sync(options, dbg); }
  // Flushing early is no promise: it neither counts nor makes anything durable.
  IOStatus RangeSync(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

 private:
  FaultFs* const fs_;
  const std::string name_;
};

class WatchedDirectory : public rocksdb::FSDirectoryWrapper {
 public:
  WatchedDirectory(FaultFs* fs, std::string name, std::unique_ptr<rocksdb::FSDirectory> directory)
      : FSDirectoryWrapper(std::move(directory)), fs_(fs), name_(std::move(name)) {}

  IOStatus Fsync(const IOOptions& options, IODebugContext* dbg) override {
    IOStatus status = fs_->BeforeSync("");
    if (status.ok()) status = FSDirectoryWrapper::Fsync(options, dbg);
    if (status.ok()) fs_->DirectorySynced(name_);
    return status;
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* dbg,
                               const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, dbg);
  }

 private:
  FaultFs* const fs_;
  const std::string name_;
};

// RocksDB waits a second after a failed background job; a test of hundreds of failures does not.
class ImpatientClock : public rocksdb::SystemClockWrapper {
 public:
  ImpatientClock() : SystemClockWrapper(rocksdb::SystemClock::Default()) {}
  const char* Name() const override { return "ImpatientClock"; }
  void SleepForMicroseconds(int) override { std::this_thread::yield(); }
};

class FaultEnv : public rocksdb::EnvWrapper {
 public:
  explicit FaultEnv(const std::shared_ptr<rocksdb::FileSystem>& fs) : EnvWrapper(rocksdb::NewCompositeEnv(fs)) {
    file_system_ = fs;
    system_clock_ = std::make_shared<ImpatientClock>();
  }
};

}  // namespace

FaultFs::FaultFs() : FileSystemWrapper(NewMemoryFs()) {}

std::unique_ptr<rocksdb::Env> FaultFs::NewEnv() {
  // The environment shares the file system without owning it: the test does.
  return std::make_unique<FaultEnv>(std::shared_ptr<rocksdb::FileSystem>(std::shared_ptr<void>(), this));
}

void FaultFs::Arm(Fault fault, uint64_t n) {
  std::lock_guard lock(mu_);
  fault_ = fault;
  at_ = n;
  writes_ = syncs_ = 0;
}

uint64_t FaultFs::Count(Fault fault) const {
  std::lock_guard lock(mu_);
  switch (fault) {
    case Fault::kWriteFails:
      return writes_;
    case Fault::kSyncFails:
      return syncs_;
    case Fault::kPowerCut:
      return writes_ + syncs_;
  }
  return 0;
}

void FaultFs::CutPower() {
  std::lock_guard lock(mu_);
  off_ = true;
}

bool FaultFs::off() const {
  std::lock_guard lock(mu_);
  return off_;
}

void FaultFs::Restart(bool torn) {
  std::lock_guard lock(mu_);
  const auto write = [&](const std::string& name, const std::string& content) {
    target()->DeleteFile(name, IOOptions(), nullptr).PermitUncheckedError();
    rocksdb::WriteStringToFile(target(), content, name).PermitUncheckedError();
  };
  for (auto rename = renames_.rbegin(); rename != renames_.rend(); ++rename) {
    target()->DeleteFile(rename->to, IOOptions(), nullptr).PermitUncheckedError();
    files_.erase(rename->to);
    if (rename->replaced) write(rename->to, *rename->replaced);
  }
  for (const std::string& name : new_names_) {
    target()->DeleteFile(name, IOOptions(), nullptr).PermitUncheckedError();
    files_.erase(name);
  }
  for (auto& [name, file] : files_) {
    const uint64_t kept = file.synced + (torn ? (file.size - file.synced) / 2 : 0);
    if (kept < file.size) {
      std::string content;
      rocksdb::ReadFileToString(target(), name, &content).PermitUncheckedError();
      write(name, content.substr(0, kept));
    }
    file = {kept, kept, false};
  }
  renames_.clear();
  new_names_.clear();
  off_ = false;
  at_ = 0;
}

void FaultFs::SetRoom(std::optional<uint64_t> bytes) {
  std::lock_guard lock(mu_);
  room_ = bytes;
}

void FaultFs::RefuseNames(std::string part) {
  std::lock_guard lock(mu_);
  refused_names_ = std::move(part);
}

IOStatus FaultFs::Off() const { return IOStatus::IOError("the power is off"); }

bool FaultFs::Hits(Fault fault) {
  if (at_ == 0) return false;
  if (fault_ == Fault::kPowerCut) {
    if (writes_ + syncs_ != at_) return false;
    off_ = true;
    return true;
  }
  return fault == fault_ && at_ == (fault == Fault::kWriteFails ? writes_ : syncs_);
}

IOStatus FaultFs::BeforeWrite(const std::string& name, uint64_t bytes) {
  std::lock_guard lock(mu_);
  if (off_) return Off();
  ++writes_;
  if (Hits(Fault::kWriteFails)) return IOStatus::IOError("this write fails");
  if (!room_) return IOStatus::OK();
  if (bytes > *room_) return IOStatus::NoSpace("the disk is full");
  *room_ -= bytes;
  return IOStatus::OK();
}

void FaultFs::Wrote(const std::string& name, uint64_t bytes) {
  std::lock_guard lock(mu_);
  files_[name].size += bytes;
}

IOStatus FaultFs::BeforeSync(const std::string& name) {
  std::lock_guard lock(mu_);
  if (off_) return Off();
  ++syncs_;
  if (!Hits(Fault::kSyncFails)) return off_ ? Off() : IOStatus::OK();
  if (const auto file = files_.find(name); file != files_.end()) file->second.sync_lost = true;
  return IOStatus::IOError("this sync fails");
}

void FaultFs::Synced(const std::string& name) {
  std::lock_guard lock(mu_);
  if (File& file = files_[name]; !file.sync_lost) file.synced = file.size;
}

void FaultFs::DirectorySynced(const std::string& name) {
  std::lock_guard lock(mu_);
  const auto inside = [&](const std::string& file) { return DirectoryOf(file) == DirectoryOf(name + "/x"); };
  std::erase_if(new_names_, inside);
  std::erase_if(renames_, [&](const Rename& rename) { return inside(rename.to); });
}

void FaultFs::Truncated(const std::string& name, uint64_t size) {
  std::lock_guard lock(mu_);
  File& file = files_[name];
  file.size = size;
  file.synced = std::min(file.synced, size);
}

std::string FaultFs::DirectoryOf(const std::string& name) {
  std::string directory = name.substr(0, name.rfind('/'));
  while (directory.ends_with('/')) directory.pop_back();
  return directory;
}

IOStatus FaultFs::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                  std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* dbg) {
  {
    std::lock_guard lock(mu_);
    if (off_) return Off();
    if (!refused_names_.empty() && name.find(refused_names_) != std::string::npos) return IOStatus::IOError("refused");
  }
  const bool existed = target()->FileExists(name, IOOptions(), dbg).ok();
  IOStatus status = target()->NewWritableFile(name, options, file, dbg);
  if (!status.ok()) return status;
  std::lock_guard lock(mu_);
  files_[name] = {};
  if (!existed) new_names_.insert(name);
  *file = std::make_unique<WatchedFile>(this, name, std::move(*file));
  return status;
}

IOStatus FaultFs::ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                     std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* dbg) {
  if (off()) return Off();
  IOStatus status = target()->ReopenWritableFile(name, options, file, dbg);
  if (status.ok()) *file = std::make_unique<WatchedFile>(this, name, std::move(*file));
  return status;
}

IOStatus FaultFs::NewDirectory(const std::string& name, const IOOptions& options,
                               std::unique_ptr<rocksdb::FSDirectory>* directory, IODebugContext* dbg) {
  IOStatus status = target()->NewDirectory(name, options, directory, dbg);
  if (status.ok()) *directory = std::make_unique<WatchedDirectory>(this, name, std::move(*directory));
  return status;
}

IOStatus FaultFs::DeleteFile(const std::string& name, const IOOptions& options, IODebugContext* dbg) {
  if (off()) return Off();
  IOStatus status = target()->DeleteFile(name, options, dbg);
  if (!status.ok()) return status;
  std::lock_guard lock(mu_);
  if (room_) *room_ += files_[name].size;
  files_.erase(name);
  new_names_.erase(name);
  return status;
}

IOStatus FaultFs::RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                             IODebugContext* dbg) {
  if (off()) return Off();
  Rename rename{to, std::nullopt};
  std::string content;
  if (rocksdb::ReadFileToString(target(), to, &content).ok()) rename.replaced = content;
  IOStatus status = target()->RenameFile(from, to, options, dbg);
  if (!status.ok()) return status;
  std::lock_guard lock(mu_);
  renames_.push_back(std::move(rename));
  files_[to] = files_[from];
  files_.erase(from);
  new_names_.erase(from);
  return status;
}

}  // namespace parley
