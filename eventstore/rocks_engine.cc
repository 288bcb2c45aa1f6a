#include "eventstore/rocks_engine.h"

#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <shared_mutex>

#include "eventstore/base/status.h"
#include "eventstore/rocks_purge.h"
#include "eventstore/rocks_record.h"

namespace parley {
namespace {

// Room that must be there before the handle that still reads is given up for an attempt to reopen.
constexpr size_t kProbeBytes = 4 << 20;

rocksdb::Slice AsSlice(std::string_view s) { return {s.data(), s.size()}; }
std::string_view AsView(const rocksdb::Slice& s) { return {s.data(), s.size()}; }

absl::Status FromRocks(const rocksdb::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const std::string message = "log: " + status.ToString();
  if (status.IsCorruption()) return Reject(v1::REASON_LEDGER_QUARANTINED, message);
  return Reject(v1::REASON_LOG_UNAVAILABLE, message);
}

// RocksDB by itself resumes after "no space". What a failed write left behind is not known then: here it is settled by
// closing and opening again, and only by that.
class NoAutoRecovery : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* auto_recovery) override {
    *auto_recovery = false;
  }
};

rocksdb::Options LogOptions(const RocksEngineOptions& options) {
  rocksdb::Options out;
  if (options.env != nullptr) out.env = options.env;
  out.create_if_missing = true;
  out.paranoid_checks = true;
  out.paranoid_file_checks = true;  // A sorted file is read back before the write-ahead log it replaces is dropped.
  // What a power cut leaves at the end of the write-ahead log, torn or out of order, was never acknowledged: recovery
  // stops there instead of refusing to open.
  out.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  // With this off (the default, said here because durability rests on it) everything replayed from the write-ahead log
  // is written to a synced file before the open succeeds: a write whose sync had failed is then truly durable or gone.
  out.avoid_flush_during_recovery = false;
  out.avoid_flush_during_shutdown = true;  // It is in the synced write-ahead log.
  out.max_bgerror_resume_count = 0;
  out.listeners.push_back(std::make_shared<NoAutoRecovery>());
  // Keys only grow, so files hardly overlap and compaction mostly moves them down unread: large buffers, few files.
  out.write_buffer_size = options.write_buffer_bytes;
  out.target_file_size_base = options.write_buffer_bytes;
  out.level_compaction_dynamic_level_bytes = true;
  out.max_background_jobs = 2;
  out.max_open_files = 256;
  out.bytes_per_sync =
      1 << 20;  // Sorted files reach the disk bit by bit: a sync of the write-ahead log waits for none of them.
  out.keep_log_file_num = 4;
  out.info_log_level = rocksdb::WARN_LEVEL;
  const auto supported = rocksdb::GetSupportedCompressions();
  const auto has = [&](rocksdb::CompressionType type) {
    return std::find(supported.begin(), supported.end(), type) != supported.end();
  };
  out.compression = has(rocksdb::kLZ4Compression) ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
  if (has(rocksdb::kZSTD)) out.bottommost_compression = rocksdb::kZSTD;
  rocksdb::BlockBasedTableOptions table;
  table.block_size = 32 << 10;
  out.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return out;
}

class RocksEngine : public Engine {
 public:
  explicit RocksEngine(RocksEngineOptions options) : options_(std::move(options)), rocks_(LogOptions(options_)) {}

  absl::Status Open() {
    std::unique_lock handle(handle_mu_);
    PARLEY_RETURN_IF_ERROR(OpenHandle());
    return LoadIncarnation();
  }

  AppendOutcome Append(const EngineRecord& record) override {
    std::lock_guard append(append_mu_);
    if (failed_) return AppendOutcome::kUnknown;
    const auto handle = UseHandle();
    const auto end = EndOf(record.position.shard);
    if (!end.ok() || record.position.offset > *end) return AppendOutcome::kUnknown;
    const std::string key = RecordKey(record.position);
    const std::string value = EncodeRecord(key, record.entries, record.bytes);
    if (record.position.offset < *end) {
      std::string there;
      const rocksdb::Status get = db_->Get(rocksdb::ReadOptions(), AsSlice(key), &there);
      if (!get.ok() && !get.IsNotFound()) return AppendOutcome::kUnknown;
      return get.ok() && there == value ? AppendOutcome::kWon : AppendOutcome::kTaken;
    }
    rocksdb::WriteOptions write;
    write.sync = options_.sync;
    failed_ = !db_->Put(write, AsSlice(key), AsSlice(value)).ok();
    if (failed_) return AppendOutcome::kUnknown;
    ends_[record.position.shard] = record.position.offset + record.entries;
    return AppendOutcome::kWon;
  }

  absl::Status Read(Position from, const std::function<bool(EngineRecord)>& visit) const override {
    const auto handle = UseHandle();
    if (db_ == nullptr) return Reject(v1::REASON_LOG_UNAVAILABLE, "log: cannot be opened");
    const std::string key = RecordKey(from);
    const std::string upper = RecordKey({static_cast<ShardId>(static_cast<uint32_t>(from.shard) + 1), 0});
    const rocksdb::Slice upper_slice = AsSlice(upper);
    rocksdb::ReadOptions read;
    read.iterate_upper_bound = &upper_slice;
    const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(read));
    it->SeekForPrev(AsSlice(key));  // The record that contains `from` starts there or before.
    if (it->status().ok() && (!it->Valid() || AsView(it->key()).substr(0, 4) != std::string_view(key).substr(0, 4))) {
      it->Seek(AsSlice(key));
    }
    for (uint64_t next = 0; it->Valid(); it->Next()) {
      PARLEY_ASSIGN_OR_RETURN(EngineRecord record, DecodeRecord(AsView(it->key()), AsView(it->value())));
      const uint64_t end = record.position.offset + record.entries;
      if (next == 0 && end <= from.offset) return FromRocks(it->status());  // `from` is the log's end or beyond.
      if (record.position.offset > std::max(next, from.offset))
        return DamagedRecord("a record is missing", RecordKey(from));
      next = end;
      if (!visit(std::move(record))) break;
    }
    return FromRocks(it->status());
  }

  absl::Status Redact(const EngineRecord& record) override {
    std::lock_guard purge(purge_mu_);
    std::lock_guard append(append_mu_);
    const auto handle = UseHandle();
    if (failed_) return Reject(v1::REASON_LOG_UNAVAILABLE, "log: a write has failed");
    const std::string key = RecordKey(record.position);
    std::string there;
    const rocksdb::Status get = db_->Get(rocksdb::ReadOptions(), AsSlice(key), &there);
    if (get.IsNotFound()) return absl::InternalError("log: there is no such record to redact");
    PARLEY_RETURN_IF_ERROR(FromRocks(get));
    PARLEY_ASSIGN_OR_RETURN(const EngineRecord old, DecodeRecord(key, there));
    if (old.entries != record.entries) return absl::InternalError("log: another record stands where one is redacted");
    // One write, so that what is not purged yet is known however this process ends.
    rocksdb::WriteBatch batch;
    batch.Put(AsSlice(key), AsSlice(EncodeRecord(key, record.entries, record.bytes)));
    batch.Put(AsSlice(std::string(kRedactedKeys) + key), "");
    return Write(batch);
  }

  absl::Status Purge() override {
    std::lock_guard purge(purge_mu_);
    RocksPurge files;
    std::set<std::string> keys;
    rocksdb::Status status;
    {
      const auto handle = UseHandle();
      if (db_ == nullptr) return Reject(v1::REASON_LOG_UNAVAILABLE, "log: cannot be opened");
      PARLEY_ASSIGN_OR_RETURN(keys, Redacted());
      if (keys.empty()) return absl::OkStatus();
      // Said again: without something to flush, the write-ahead log would stay, and it cannot be told whether that matters.
      status = db_->Put(rocksdb::WriteOptions(), AsSlice(std::string(kRedactedKeys) + *keys.begin()), "");
      if (status.ok()) status = files.Rewrite(*db_, keys, recovering_);
    }
    if (status.ok()) {
      const auto handle = UseHandleAlone();
      if (db_ == nullptr) return Reject(v1::REASON_LOG_UNAVAILABLE, "log: cannot be opened");
      status = files.DropOldFiles(*db_);
    }
    std::lock_guard append(append_mu_);
    if (status.ok()) {
      const auto handle = UseHandle();
      rocksdb::WriteBatch batch;
      for (const std::string& key : keys) batch.Delete(AsSlice(std::string(kRedactedKeys) + key));
      return Write(batch);
    }
    // Cut short by a recovery, there is nothing to recover from; after anything else RocksDB may take no more writes.
    failed_ = failed_ || !status.IsIncomplete();
    return FromRocks(status);
  }

  absl::StatusOr<uint64_t> End(ShardId shard) const override {
    const auto handle = UseHandle();
    if (db_ == nullptr) return Reject(v1::REASON_LOG_UNAVAILABLE, "log: cannot be opened");
    return ScanEnd(shard);
  }

  absl::Status Barrier() override { return absl::OkStatus(); }

  absl::Status Recover() override {
    std::lock_guard append(append_mu_);
    if (!failed_) return absl::OkStatus();
    PARLEY_RETURN_IF_ERROR(Probe());
    // A purge that is at work would keep the handle for long.
    recovering_ = true;
    const auto handle = UseHandleAlone();
    recovering_ = false;
    ends_.clear();
    db_.reset();
    const absl::Status opened = OpenHandle();
    failed_ = !opened.ok();
    if (failed_) {
      // Reads go on. What this shows beyond what was acknowledged may not be durable; LogStore does not look there.
      rocksdb::DB* db = nullptr;
      if (rocksdb::DB::OpenForReadOnly(rocks_, options_.path, &db).ok()) db_.reset(db);
    }
    return opened;
  }

  absl::Status CopyTo(const std::string& directory) override {
    PARLEY_RETURN_IF_ERROR(Purge());
    const auto handle = UseHandle();
    if (db_ == nullptr) return Reject(v1::REASON_LOG_UNAVAILABLE, "log: cannot be opened");
    rocksdb::Checkpoint* checkpoint = nullptr;
    PARLEY_RETURN_IF_ERROR(FromRocks(rocksdb::Checkpoint::Create(db_.get(), &checkpoint)));
    const std::unique_ptr<rocksdb::Checkpoint> owned(checkpoint);
    return FromRocks(owned->CreateCheckpoint(directory));
  }

  std::string incarnation() const override { return incarnation_; }

 private:
  // Keeps db_ as it is while held.
  std::shared_lock<std::shared_mutex> UseHandle() const {
    std::lock_guard turn(turn_mu_);
    return std::shared_lock(handle_mu_);
  }

  // The same for one alone: nobody reads meanwhile.
  std::unique_lock<std::shared_mutex> UseHandleAlone() {
    std::lock_guard turn(turn_mu_);
    return std::unique_lock(handle_mu_);
  }

  // append_mu_ and handle_mu_ are held.
  absl::Status Write(rocksdb::WriteBatch& batch) {
    if (failed_) return Reject(v1::REASON_LOG_UNAVAILABLE, "log: a write has failed");
    rocksdb::WriteOptions write;
    write.sync = options_.sync;
    const absl::Status written = FromRocks(db_->Write(write, &batch));
    failed_ = !written.ok();
    return written;
  }

  absl::Status OpenHandle() {
    rocksdb::DB* db = nullptr;
    PARLEY_RETURN_IF_ERROR(FromRocks(rocksdb::DB::Open(rocks_, options_.path, &db)));
    db_.reset(db);
    return absl::OkStatus();
  }

  absl::Status LoadIncarnation() {
    std::string format;
    const rocksdb::Status get = db_->Get(rocksdb::ReadOptions(), AsSlice(kFormatKey), &format);
    if (get.IsNotFound()) {
      const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(rocksdb::ReadOptions()));
      it->SeekToFirst();
      if (it->Valid()) return absl::FailedPreconditionError("log: the directory holds something else");
      PARLEY_RETURN_IF_ERROR(FromRocks(it->status()));
      incarnation_ = RandomId(*options_.random);
      rocksdb::WriteBatch batch;
      batch.Put(AsSlice(kFormatKey), AsSlice(kFormat));
      batch.Put(AsSlice(kIncarnationKey), incarnation_);
      rocksdb::WriteOptions write;
      write.sync = options_.sync;
      return FromRocks(db_->Write(write, &batch));
    }
    PARLEY_RETURN_IF_ERROR(FromRocks(get));
    if (format != kFormat) return absl::FailedPreconditionError("log: unknown format " + format);
    if (!options_.new_incarnation) {
      return FromRocks(db_->Get(rocksdb::ReadOptions(), AsSlice(kIncarnationKey), &incarnation_));
    }
    incarnation_ = RandomId(*options_.random);
    rocksdb::WriteOptions write;
    write.sync = options_.sync;
    return FromRocks(db_->Put(write, AsSlice(kIncarnationKey), incarnation_));
  }

  // The keys of records that were redacted and not purged. handle_mu_ is held.
  absl::StatusOr<std::set<std::string>> Redacted() const {
    std::set<std::string> keys;
    const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(rocksdb::ReadOptions()));
    for (it->Seek(AsSlice(kRedactedKeys)); it->Valid() && AsView(it->key()).starts_with(kRedactedKeys); it->Next()) {
      keys.emplace(AsView(it->key()).substr(kRedactedKeys.size()));
    }
    PARLEY_RETURN_IF_ERROR(FromRocks(it->status()));
    return keys;
  }

  // The end of a shard by its last key. handle_mu_ is held.
  absl::StatusOr<uint64_t> ScanEnd(ShardId shard) const {
    const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(rocksdb::ReadOptions()));
    it->SeekForPrev(AsSlice(RecordKey({shard, UINT64_MAX})));
    if (!it->Valid()) {
      PARLEY_RETURN_IF_ERROR(FromRocks(it->status()));
      return 0;
    }
    const std::string_view key = AsView(it->key());
    if (!IsRecordKeyOf(key, shard)) return 0;
    PARLEY_ASSIGN_OR_RETURN(const EngineRecord last, DecodeRecord(key, AsView(it->value())));
    return last.position.offset + last.entries;
  }

  // The same, from memory. append_mu_ is held too.
  absl::StatusOr<uint64_t> EndOf(ShardId shard) {
    if (const auto known = ends_.find(shard); known != ends_.end()) return known->second;
    PARLEY_ASSIGN_OR_RETURN(const uint64_t end, ScanEnd(shard));
    return ends_[shard] = end;
  }

  // Whether there is room: a file of some size can be written and synced.
  absl::Status Probe() {
    const std::string name = options_.path + "/PROBE";
    rocksdb::Env* env = rocks_.env;
    std::unique_ptr<rocksdb::WritableFile> file;
    rocksdb::Status status = env->NewWritableFile(name, &file, rocksdb::EnvOptions());
    if (status.ok()) status = file->Append(std::string(kProbeBytes, '\0'));
    if (status.ok()) status = file->Sync();
    if (file != nullptr) file->Close().PermitUncheckedError();
    file.reset();
    env->DeleteFile(name).PermitUncheckedError();
    return FromRocks(status);
  }

  const RocksEngineOptions options_;
  const rocksdb::Options rocks_;
  std::string incarnation_;

  // Held while redacting, and until what was redacted is purged; before append_mu_.
  std::mutex purge_mu_;
  // Held while writing or recovering; before handle_mu_.
  std::mutex append_mu_;
  bool failed_ = false;               // A write failed: nothing is appended until Recover().
  std::map<ShardId, uint64_t> ends_;  // Of shards appended to.

  // Shared by whoever uses the handle, exclusive while it is replaced. A shared mutex lets new readers in while others are
  // there, for ever if need be: whoever wants it holds turn_mu_ until it has it, so that recovery gets its turn.
  mutable std::mutex turn_mu_;
  mutable std::shared_mutex handle_mu_;
  std::atomic<bool> recovering_ = false;  // Whoever keeps the handle for long gives it back.
  std::unique_ptr<rocksdb::DB> db_;       // nullptr while it cannot be opened at all.
};

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> OpenRocksEngine(const RocksEngineOptions& options) {
  auto engine = std::make_unique<RocksEngine>(options);
  PARLEY_RETURN_IF_ERROR(engine->Open());
  return engine;
}

}  // namespace parley
