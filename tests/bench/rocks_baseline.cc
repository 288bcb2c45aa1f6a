#include "tests/bench/rocks_baseline.h"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <thread>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/ordered.h"
#include "eventstore/base/random.h"
#include "tests/bench/host_memory.h"

namespace parley::bench {
namespace {

constexpr int kThreads = 4;
constexpr int kBatch = 256;
constexpr size_t kValueBytes = 300;

// A baseline that fails says nothing.
void Must(const rocksdb::Status& status) {
  if (status.ok()) return;
  std::cerr << "bench: " << status.ToString() << "\n";
  std::exit(1);
}

std::unique_ptr<rocksdb::DB> Open(const std::string& directory) {
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* db = nullptr;
  Must(rocksdb::DB::Open(options, directory, &db));
  return std::unique_ptr<rocksdb::DB>(db);
}

void WriteBatch(rocksdb::DB& db, uint64_t first, const std::string& noise, bool sync) {
  rocksdb::WriteBatch batch;
  for (uint64_t i = first; i < first + kBatch; ++i) {
    std::string key;
    AppendOrdered(key, i);
    batch.Put(key, rocksdb::Slice(noise.data() + i % kValueBytes, kValueBytes));
  }
  rocksdb::WriteOptions write;
  write.sync = sync;
  Must(db.Write(write, &batch));
}

}  // namespace

struct RawLog::Impl {
  std::unique_ptr<rocksdb::DB> db;
  uint64_t next = 0;
};

RawLog::RawLog(const std::string& directory) : impl_(new Impl{.db = Open(directory)}) {}
RawLog::~RawLog() = default;

void RawLog::Append(const std::vector<std::string>& values) {
  rocksdb::WriteBatch batch;
  for (const std::string& value : values) {
    std::string key;
    AppendOrdered(key, impl_->next++);
    batch.Put(key, value);
  }
  rocksdb::WriteOptions write;
  write.sync = true;
  Must(impl_->db->Write(write, &batch));
}

double RawWritesPerSecond(const std::string& directory, absl::Duration duration) {
  const auto db = Open(directory);
  const std::string noise = SeededRandom(1).Bytes(2 * kValueBytes);
  FetchHostMemory(duration);
  std::atomic<uint64_t> next{0};
  const absl::Duration start = Monotonic();
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      while (Monotonic() - start < duration) WriteBatch(*db, next.fetch_add(kBatch), noise, true);
    });
  }
  for (std::thread& thread : threads) thread.join();
  return static_cast<double>(next.load()) / absl::ToDoubleSeconds(Monotonic() - start);
}

double RawScanPerSecond(const std::string& directory, uint64_t entries) {
  const auto db = Open(directory);
  const std::string noise = SeededRandom(1).Bytes(2 * kValueBytes);
  for (uint64_t i = 0; i < entries; i += kBatch) WriteBatch(*db, i, noise, false);
  Must(db->Flush(rocksdb::FlushOptions()));
  const absl::Duration start = Monotonic();
  uint64_t seen = 0, bytes = 0;
  const std::unique_ptr<rocksdb::Iterator> it(db->NewIterator(rocksdb::ReadOptions()));
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    ++seen;
    bytes += it->value().size();
  }
  return bytes == 0 ? 0 : static_cast<double>(seen) / absl::ToDoubleSeconds(Monotonic() - start);
}

}  // namespace parley::bench
