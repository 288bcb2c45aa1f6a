#include "tests/eventstore/log_backend.h"

#include <rocksdb/db.h>

#include "eventstore/crc32c.h"
#include "eventstore/kv_store.h"
#include "eventstore/memory_engine.h"
#include "eventstore/rocks_engine.h"
#include "tests/eventstore/log_fixture.h"
#include "tests/support/scratch_dir.h"

namespace parley {
namespace {

class MemoryBackend : public LogBackend {
 public:
  Engine& Open() override { return engine_; }
  void Close() override {}
  void FlipBit(Position first) override { engine_.FlipBit(first, 100); }
  void Replace(Position first, const std::function<std::string(std::string)>& change) override {
    std::string bytes;
    EXPECT_TRUE(engine_
                    .Read(first,
                          [&](EngineRecord record) {
                            bytes = record.bytes;
                            return false;
                          })
                    .ok());
    engine_.Replace(first, change(bytes));
  }

 private:
  MemoryEngine engine_{"memory"};
};

class RocksBackend : public LogBackend {
 public:
  Engine& Open() override {
    auto engine = OpenRocksEngine({.path = dir_.path(), .random = &random_});
    EXPECT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
    return *engine_;
  }
  void Close() override { engine_.reset(); }
  void FlipBit(Position first) override {
    Rewrite(first, [](const std::string&, std::string value) {
      value[value.size() / 2] ^= 4;
      return value;
    });
  }
  void Replace(Position first, const std::function<std::string(std::string)>& change) override {
    // FORMAT.md's layout once more, on purpose: the engine must read what the page promises.
    Rewrite(first, [&](const std::string& key, const std::string& value) {
      const std::string summed = value.substr(4, 4) + change(value.substr(8));
      const uint32_t crc = Crc32c(key + summed);
      std::string out;
      for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(crc >> shift);
      return out + summed;
    });
  }

 private:
  void Rewrite(Position first, const std::function<std::string(std::string, std::string)>& change) {
    rocksdb::DB* raw = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(rocksdb::Options(), dir_.path(), &raw).ok());
    const std::unique_ptr<rocksdb::DB> db(raw);
    std::string key(3, '\0');
    key += static_cast<char>(first.shard);
    AppendOrdered(key, first.offset);
    std::string value;
    ASSERT_TRUE(db->Get(rocksdb::ReadOptions(), key, &value).ok());
    ASSERT_TRUE(db->Put(rocksdb::WriteOptions(), key, change(key, value)).ok());
  }

  test::ScratchDir dir_;
  SystemRandom random_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace

std::unique_ptr<LogBackend> NewMemoryBackend() { return std::make_unique<MemoryBackend>(); }
std::unique_ptr<LogBackend> NewRocksBackend() { return std::make_unique<RocksBackend>(); }

}  // namespace parley
