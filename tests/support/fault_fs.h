// A file system in memory that fails as asked, and forgets what was not synced when its power is cut.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace parley {

// Stricter than most disks: a file whose sync failed never gets what was unsynced then onto the disk, however often it
// is synced afterwards; a new or renamed file is there after a power cut only if its directory was synced since.
class FaultFs : public rocksdb::FileSystemWrapper {
 public:
  enum class Fault {
    kWriteFails,  // The n-th write fails, and has written half of its bytes.
    kSyncFails,   // The n-th sync (of a file or a directory) fails.
    kPowerCut,    // At the n-th of both together the power goes: nothing works any more until Restart.
  };

  FaultFs();
  // An environment on this file system; it must not outlive it.
  std::unique_ptr<rocksdb::Env> NewEnv();

  // Counts from now: the first is number 1.
  void Arm(Fault fault, uint64_t n);
  // How many operations that kind of fault could have hit since Arm.
  uint64_t Count(Fault fault) const;
  // The power goes now.
  void CutPower();
  bool off() const;
  // The power is back, once everything that was open is closed. What was not synced is gone; with `torn`, half of each
  // file's unsynced end is there.
  void Restart(bool torn);
  // How many more bytes fit; nullopt: as many as you like.
  void SetRoom(std::optional<uint64_t> bytes);
  // Files whose names contain this cannot be made; empty: all can.
  void RefuseNames(std::string part);

  const char* Name() const override { return "FaultFs"; }
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file,
                                       rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* dbg) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* dbg) override;

  // What the files and directories handed out report, and ask leave for.
  rocksdb::IOStatus BeforeWrite(const std::string& name, uint64_t bytes);
  void Wrote(const std::string& name, uint64_t bytes);
  rocksdb::IOStatus BeforeSync(const std::string& name);
  void Synced(const std::string& name);
  void DirectorySynced(const std::string& name);
  void Truncated(const std::string& name, uint64_t size);

 private:
  struct File {
    uint64_t size = 0;
    uint64_t synced = 0;
    bool sync_lost = false;  // A sync failed: `synced` never grows again.
  };
  // A rename that the directory does not hold yet.
  struct Rename {
    std::string to;
    std::optional<std::string> replaced;  // What was there before.
  };

  // True where the armed fault hits now. mu_ is held.
  bool Hits(Fault fault);
  rocksdb::IOStatus Off() const;
  static std::string DirectoryOf(const std::string& name);

  mutable std::mutex mu_;
  Fault fault_ = Fault::kPowerCut;
  uint64_t at_ = 0;  // 0: not armed.
  uint64_t writes_ = 0;
  uint64_t syncs_ = 0;
  bool off_ = false;
  std::optional<uint64_t> room_;
  std::string refused_names_;
  std::map<std::string, File> files_;
  std::set<std::string> new_names_;  // Not in their synced directory yet.
  std::vector<Rename> renames_;
};

}  // namespace parley
