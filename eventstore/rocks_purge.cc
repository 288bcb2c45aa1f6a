#include "eventstore/rocks_purge.h"

#include <rocksdb/env.h>
#include <rocksdb/options.h>

#include <cstdint>
#include <utility>

namespace parley {
namespace {

rocksdb::Status FilesOf(rocksdb::DB& db, std::vector<std::string>& names) {
  return db.GetEnv()->GetChildren(db.GetName(), &names);
}

// The keys as ranges, one for all keys whose earliest values lie in one file: so it is written anew once, not for each of them.
std::vector<std::pair<std::string, std::string>> RangesByFile(rocksdb::DB& db, const std::set<std::string>& keys) {
  std::vector<rocksdb::LiveFileMetaData> files;
  db.GetLiveFilesMetaData(&files);
  std::vector<std::pair<std::string, std::string>> ranges;
  std::string last_file;
  for (const std::string& key : keys) {
    const rocksdb::LiveFileMetaData* deepest = nullptr;
    for (const rocksdb::LiveFileMetaData& file : files) {
      if (key < file.smallestkey || key > file.largestkey) continue;
      if (deepest == nullptr || file.level > deepest->level) deepest = &file;
    }
    if (deepest == nullptr || deepest->name != last_file) ranges.emplace_back(key, key);
    ranges.back().second = key;
    last_file = deepest == nullptr ? "" : deepest->name;
  }
  return ranges;
}

}  // namespace

rocksdb::Status RocksPurge::Rewrite(rocksdb::DB& db, const std::set<std::string>& keys, std::atomic<bool>& cancel) {
  std::vector<std::string> names;
  rocksdb::Status status = FilesOf(db, names);
  for (const std::string& name : names) {
    uint64_t size = 0;
    if (!name.ends_with(".log")) continue;
    if (!db.GetEnv()->GetFileSize(db.GetName() + "/" + name, &size).ok() || size > 0) old_logs_.insert(name);
  }
  // From the buffer and its write-ahead log into a sorted file, which holds the latest value of each key only.
  if (status.ok()) status = db.Flush(rocksdb::FlushOptions());
  rocksdb::CompactRangeOptions compact;
  compact.canceled = &cancel;
  // Level by level down to the last, where a later value meets the earlier one.
  compact.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  for (const auto& [first, last] : RangesByFile(db, keys)) {
    if (!status.ok()) break;
    const rocksdb::Slice from(first);
    const rocksdb::Slice to(last);
    status = db.CompactRange(compact, &from, &to);
  }
  return status;
}

rocksdb::Status RocksPurge::DropOldFiles(rocksdb::DB& db) {
  rocksdb::Status status = db.PauseBackgroundWork();  // Waits for jobs, which delete files at their end.
  if (status.ok()) status = db.ContinueBackgroundWork();
  // Looks through the directory for what is in use no more.
  if (status.ok()) status = db.DisableFileDeletions();
  if (status.ok()) status = db.EnableFileDeletions(true);
  std::vector<std::string> names;
  if (status.ok()) status = FilesOf(db, names);
  if (!status.ok()) return status;
  // A deletion that fails is noted in RocksDB's own log, and nowhere else.
  std::vector<rocksdb::LiveFileMetaData> live;
  db.GetLiveFilesMetaData(&live);
  std::set<std::string> in_use;
  for (const rocksdb::LiveFileMetaData& file : live) in_use.insert(file.relative_filename);
  for (const std::string& name : names) {
    if (old_logs_.contains(name) || (name.ends_with(".sst") && !in_use.contains(name))) {
      return rocksdb::Status::IOError("an old file cannot be deleted", name);
    }
  }
  return status;
}

}  // namespace parley
