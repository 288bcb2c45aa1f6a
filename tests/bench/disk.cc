#include "tests/bench/disk.h"

#include "eventstore/base/random.h"
#include "services/server/store.h"
#include "tests/bench/process.h"
#include "tests/bench/rocks_compact.h"

namespace parley::bench {

DiskUse MeasureDisk(const std::string& data_dir) {
  DiskUse use;
  {
    SystemRandom random;
    const auto store = OpenStore(data_dir, random);
    if (!store.ok()) Die("cannot open " + data_dir + ": " + std::string(store.status().message()));
    for (Position at;;) {
      const auto entries = store->log->ReadShard(at, {});
      if (!entries.ok()) Die("cannot read the log: " + std::string(entries.status().message()));
      if (entries->empty()) break;
      for (const Entry& entry : *entries) {
        ++use.entries;
        use.stored += entry.stored.header().size();
        for (const auto& part : entry.stored.parts()) use.stored += part.ByteSizeLong();
      }
      at.offset = entries->back().position.offset + 1;
    }
  }
  CompactAll(data_dir);
  use.on_disk = BytesOnDisk(data_dir);
  return use;
}

}  // namespace parley::bench
