#include "tests/bench/rocks_compact.h"

#include <rocksdb/db.h>
#include <rocksdb/utilities/options_util.h>

#include <filesystem>
#include <memory>
#include <vector>

#include "tests/bench/process.h"

namespace parley::bench {
namespace {

void Require(const rocksdb::Status& status, const std::string& what) {
  if (!status.ok()) Die(what + ": " + status.ToString());
}

void Compact(const std::string& directory) {
  rocksdb::DBOptions options;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  rocksdb::ConfigOptions config;
  config.ignore_unknown_options = true;
  Require(rocksdb::LoadLatestOptions(config, directory, &options, &families), directory);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  Require(rocksdb::DB::Open(options, directory, families, &handles, &db), directory);
  const std::unique_ptr<rocksdb::DB> owned(db);
  for (rocksdb::ColumnFamilyHandle* family : handles) {
    Require(db->Flush(rocksdb::FlushOptions(), family), directory);
    rocksdb::CompactRangeOptions whole;
    whole.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
    Require(db->CompactRange(whole, family, nullptr, nullptr), directory);
  }
  for (rocksdb::ColumnFamilyHandle* family : handles) Require(db->DestroyColumnFamilyHandle(family), directory);
  Require(db->Close(), directory);
}

}  // namespace

void CompactAll(const std::string& data_dir) {
  for (const auto& entry : std::filesystem::directory_iterator(data_dir)) {
    if (std::filesystem::exists(entry.path() / "CURRENT")) Compact(entry.path().string());
  }
}

}  // namespace parley::bench
