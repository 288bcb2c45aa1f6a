#include "eventstore/kv_rocks.h"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/experimental.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/metadata.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <filesystem>
#include <shared_mutex>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "eventstore/base/status.h"

namespace parley {
namespace {

using Visit = std::function<bool(std::string_view, std::string_view)>;

rocksdb::Slice ToSlice(std::string_view s) { return rocksdb::Slice(s.data(), s.size()); }
std::string_view ToView(const rocksdb::Slice& s) { return std::string_view(s.data(), s.size()); }

absl::Status FromRocks(const rocksdb::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const std::string message = absl::StrCat("derived store: ", status.ToString());
  if (status.IsCorruption()) return absl::DataLossError(message);
  return absl::UnavailableError(message);
}

// One cache for every store of the process, so that memory does not grow with their number. In few shards: what is larger than a
// shard is never kept, and would be read anew at each look-up.
const std::shared_ptr<rocksdb::Cache>& SharedBlockCache() {
  constexpr int kShardBits = 2;
  static const auto& cache = *new std::shared_ptr<rocksdb::Cache>(rocksdb::NewLRUCache(64 << 20, kShardBits));
  return cache;
}

rocksdb::Options StoreOptions(rocksdb::Env* env, KvUse use) {
  const bool for_readers = use != KvUse::kWriting;
  rocksdb::Options options;
  if (env != nullptr) options.env = env;
  options.create_if_missing = true;
  options.write_buffer_size = 32 << 20;  // Rows that change often are flushed once, however often they were written.
  // Most request ids that are asked for are new: that they are not there must be known without a search.
  options.memtable_whole_key_filtering = true;
  options.memtable_prefix_bloom_size_ratio = 0.02;
  // A row that was written often since the last flush has so many versions in memory. To step over some is quicker than to search anew.
  options.max_sequential_skip_in_iterations = 32;
  options.max_write_buffer_number = 3;  // One is filled while one is written, although another was flushed early.
  options.max_background_jobs = 2;
  if (!for_readers) {
    options.compaction_style = rocksdb::kCompactionStyleUniversal;
    options.level0_file_num_compaction_trigger = 6;
  }
  // Most of what a query asks for is there, and in the last level: a filter there would be one more thing to read. The price: what is
  // folded in and is new is looked for in vain in a block.
  options.optimize_filters_for_hits = for_readers;
  // A write-ahead log that ends too early was cut by a crash; one that is damaged before its end is not to be opened.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.max_open_files = 512;
  // Bit by bit, so that whoever syncs the log meanwhile does not wait for all of a file.
  options.bytes_per_sync = 1 << 20;
  options.keep_log_file_num = 2;
  options.info_log_level = rocksdb::WARN_LEVEL;
  const std::vector<rocksdb::CompressionType> supported = rocksdb::GetSupportedCompressions();
  const bool lz4 = std::find(supported.begin(), supported.end(), rocksdb::kLZ4Compression) != supported.end();
  options.compression = lz4 ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
  rocksdb::BlockBasedTableOptions table;
  // What belongs to a ledger lies together, and is mostly read together. Of thousands of ledgers, though, what a reader wants is in no
  // cache: then the less there is to unpack, the better.
  table.block_size = for_readers ? 4 << 10 : 16 << 10;
  // RocksDB keeps the first user's clock in the cache: one that is shared must not outlive anybody's environment.
  table.block_cache = env == nullptr ? SharedBlockCache() : rocksdb::NewLRUCache(8 << 20);
  table.cache_index_and_filter_blocks = true;  // So that they count against the cache's bound.
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  // In parts, of which a look-up needs one: those of a large file as a whole would push everything else out of the cache.
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  // Of index parts so few that those of hundreds of MiB are soon in the cache; of filters, the part that is read for one key is small.
  table.metadata_block_size = for_readers ? 16 << 10 : 4 << 10;
  table.partition_filters = true;
  table.pin_top_level_index_and_filter = true;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

// Reads at `snapshot`, or of the latest where that is nullptr.
absl::StatusOr<std::optional<std::string>> GetAt(rocksdb::DB& db, const rocksdb::Snapshot* snapshot,
                                                 std::string_view key) {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  std::string value;
  rocksdb::Status status = db.Get(options, db.DefaultColumnFamily(), ToSlice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  PARLEY_RETURN_IF_ERROR(FromRocks(status));
  return std::optional<std::string>(std::move(value));
}

enum class Direction { kUp, kDown };

absl::Status ScanAt(rocksdb::DB& db, const rocksdb::Snapshot* snapshot, Direction direction, std::string_view from,
                    std::string_view to, const Visit& visit) {
  if (!to.empty() && from >= to) return absl::OkStatus();
  const rocksdb::Slice lower = ToSlice(from), upper = ToSlice(to);
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  options.iterate_lower_bound = &lower;
  if (!to.empty()) options.iterate_upper_bound = &upper;
  std::unique_ptr<rocksdb::Iterator> it(db.NewIterator(options));
  if (direction == Direction::kUp) {
    for (it->Seek(lower); it->Valid(); it->Next()) {
      if (!visit(ToView(it->key()), ToView(it->value()))) break;
    }
  } else {
    for (it->SeekToLast(); it->Valid(); it->Prev()) {
      if (!visit(ToView(it->key()), ToView(it->value()))) break;
    }
  }
  return FromRocks(it->status());
}

class RocksSnapshot final : public KvReader {
 public:
  explicit RocksSnapshot(rocksdb::DB& db) : db_(db), snapshot_(db.GetSnapshot()) {}
  ~RocksSnapshot() override { db_.ReleaseSnapshot(snapshot_); }
  RocksSnapshot(const RocksSnapshot&) = delete;
  RocksSnapshot& operator=(const RocksSnapshot&) = delete;

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const override {
    return GetAt(db_, snapshot_, key);
  }
  absl::Status Scan(std::string_view from, std::string_view to, const Visit& visit) const override {
    return ScanAt(db_, snapshot_, Direction::kUp, from, to, visit);
  }
  absl::Status ScanReverse(std::string_view from, std::string_view to, const Visit& visit) const override {
    return ScanAt(db_, snapshot_, Direction::kDown, from, to, visit);
  }

 private:
  rocksdb::DB& db_;
  const rocksdb::Snapshot* snapshot_;
};

// The promise of a prefix rests on three things: one column family, whose memtables reach the disk in the order in
// which they were filled; a batch goes into one memtable; and ordered writes, RocksDB's default.
class RocksKvStore final : public KvStore {
 public:
  RocksKvStore(std::unique_ptr<rocksdb::DB> db, KvUse use) : db_(std::move(db)), leveled_(use != KvUse::kWriting) {
    write_.sync = use == KvUse::kKeeping;
    write_.disableWAL = !write_.sync;
  }

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const override {
    return GetAt(*db_, nullptr, key);
  }
  absl::Status Scan(std::string_view from, std::string_view to, const Visit& visit) const override {
    return ScanAt(*db_, nullptr, Direction::kUp, from, to, visit);
  }
  absl::Status ScanReverse(std::string_view from, std::string_view to, const Visit& visit) const override {
    return ScanAt(*db_, nullptr, Direction::kDown, from, to, visit);
  }

  absl::Status Write(const KvBatch& batch) override {
    // In the order of keys, each search in the memtable goes on where the one before it ended.
    std::vector<const KvBatch::Op*> sorted;
    sorted.reserve(batch.ops().size());
    for (const KvBatch::Op& op : batch.ops()) sorted.push_back(&op);
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->key < b->key; });
    rocksdb::WriteBatch ops;
    for (const KvBatch::Op* op : sorted) {
      rocksdb::Status status = op->value ? ops.Put(op->key, *op->value) : ops.Delete(op->key);
      PARLEY_RETURN_IF_ERROR(FromRocks(status));
    }
    std::shared_lock lock(mu_);
    return FromRocks(db_->Write(write_, &ops));
  }

  absl::Status DeleteRange(std::string_view from, std::string_view to) override {
    if (to.empty()) return DeleteFrom(from);
    if (from >= to) return absl::OkStatus();
    std::shared_lock lock(mu_);
    return FromRocks(db_->DeleteRange(write_, db_->DefaultColumnFamily(), ToSlice(from), ToSlice(to)));
  }

  absl::Status Flush() override {
    if (write_.sync) return absl::OkStatus();  // Each write was.
    return FromRocks(db_->Flush(rocksdb::FlushOptions()));
  }

  absl::Status StartFlush() override {
    if (write_.sync) return absl::OkStatus();
    rocksdb::FlushOptions options;
    options.wait = false;
    options.allow_write_stall = true;  // Otherwise it waits for a moment at which none is to be expected.
    return FromRocks(db_->Flush(options));
  }

  bool StartMerging() override {
    if (!leveled_) return false;
    // What lies in memory without a write-ahead log would be lost in a crash, and has every version of a row that changed often.
    constexpr uint64_t kRowsWorthAFile = 10'000;
    uint64_t in_memory = 0;
    if (write_.disableWAL) db_->GetIntProperty(rocksdb::DB::Properties::kNumEntriesActiveMemTable, &in_memory);
    if (in_memory >= kRowsWorthAFile) return StartFlush().ok();
    // Everything that lies in the last level below what is merged is written anew: for less than a tenth of it, it is not worth it.
    constexpr uint64_t kTenth = 10;
    rocksdb::ColumnFamilyMetaData store;
    db_->GetColumnFamilyMetaData(&store);
    uint64_t above = 0, last = 0;  // Where all is in level 0, that is the last: a few small files, and left alone.
    for (const rocksdb::LevelMetaData& level : store.levels) {
      if (level.files.empty()) continue;
      above += last;
      last = level.size;
    }
    // Marks the files above the last level, to be compacted a level down when nothing else is to be.
    return above > 0 && above * kTenth >= last &&
           rocksdb::experimental::SuggestCompactRange(db_.get(), nullptr, nullptr).ok();
  }

  std::unique_ptr<KvReader> Snapshot() const override { return std::make_unique<RocksSnapshot>(*db_); }

  absl::Status CopyTo(const std::string& directory) override {
    PARLEY_RETURN_IF_ERROR(Flush());
    rocksdb::Checkpoint* checkpoint = nullptr;
    PARLEY_RETURN_IF_ERROR(FromRocks(rocksdb::Checkpoint::Create(db_.get(), &checkpoint)));
    const std::unique_ptr<rocksdb::Checkpoint> owned(checkpoint);
    return FromRocks(owned->CreateCheckpoint(directory));
  }

 private:
  // RocksDB wants an upper bound: the key right after the last one, which must not change meanwhile.
  absl::Status DeleteFrom(std::string_view from) {
    std::unique_lock lock(mu_);
    std::optional<std::string> end;
    PARLEY_RETURN_IF_ERROR(ScanReverse(from, "", [&](std::string_view key, std::string_view) {
      end.emplace(key).push_back('\0');
      return false;
    }));
    if (!end) return absl::OkStatus();
    return FromRocks(db_->DeleteRange(write_, db_->DefaultColumnFamily(), ToSlice(from), *end));
  }

  std::unique_ptr<rocksdb::DB> db_;
  const bool leveled_;
  rocksdb::WriteOptions write_;
  std::shared_mutex mu_;  // Shared by writers; exclusive for DeleteFrom().
};

}  // namespace

absl::StatusOr<std::unique_ptr<KvStore>> OpenRocksKvStore(const std::string& path, rocksdb::Env* env, KvUse use) {
  if (env == nullptr) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) return absl::UnavailableError(absl::StrCat("cannot make ", path, ": ", error.message()));
  }
  rocksdb::DB* db = nullptr;
  PARLEY_RETURN_IF_ERROR(FromRocks(rocksdb::DB::Open(StoreOptions(env, use), path, &db)));
  return std::make_unique<RocksKvStore>(std::unique_ptr<rocksdb::DB>(db), use);
}

}  // namespace parley
