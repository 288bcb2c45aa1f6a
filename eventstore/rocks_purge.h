// Has RocksDB forget: a value that was written over, or deleted, stays in files until something makes RocksDB rewrite them.
#pragma once

#include <rocksdb/db.h>

#include <atomic>
#include <set>
#include <string>

namespace parley {

// Two steps, since the second needs the database for itself.
class RocksPurge {
 public:
  // Writes anew the sorted files that may hold an earlier value of one of these keys, and what lies above them. Something was
  // written since the last flush. Others may read and write meanwhile. Incomplete where `cancel` came true.
  rocksdb::Status Rewrite(rocksdb::DB& db, const std::set<std::string>& keys, std::atomic<bool>& cancel);
  // Sees to it that the files written before are gone: RocksDB deletes them some time later, once no reader needs them. Nobody
  // else uses the database meanwhile. IOError where one cannot be deleted.
  rocksdb::Status DropOldFiles(rocksdb::DB& db);

 private:
  std::set<std::string> old_logs_;  // Write-ahead logs that held something before.
};

}  // namespace parley
