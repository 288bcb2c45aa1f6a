// Which generations of which projections there are, which are live, and how one takes another's place.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventstore/event_log.h"
#include "eventstore/kv_store.h"
#include "parley/v1/read_store.pb.h"
#include "projections/generation.h"
#include "projections/read_view.h"

namespace parley {

// Thread-safe.
//
// A projection's first generation is live from the start. A later one, of a new version or asked for by Rebuild, is
// folded beside the live one, which goes on being read, and kept up if its version is still in the code. When the new
// one has everything the log has, in every shard and partition, the two are compared, and one write makes it live.
class Catalog {
 public:
  // Brings the store in line with the code and the log: a store of another incarnation of the log (or one that is ahead
  // of it) is emptied; projections without a generation of their version get one; those that are no longer in the code
  // are retired.
  static absl::StatusOr<std::unique_ptr<Catalog>> Open(const EventLog& log, KvStore& store,
                                                       const std::vector<const Projection*>& projections,
                                                       uint32_t partitions);

  // Changes whenever Active() does.
  uint64_t revision() const { return revision_.load(); }
  // The generations to be folded into.
  std::vector<std::shared_ptr<Generation>> Active() const;
  // Of those, the one that is read; null where it is of a version that is not in the code.
  std::shared_ptr<Generation> Live(const std::string& projection) const;
  bool IsLive(const Generation& generation) const;
  // The store as it stands, and what is live in it.
  ReadMoment Snapshot() const;
  v1::ProjectionCatalog Describe(const std::string& projection) const;
  std::vector<std::string> names() const;

  // Starts another generation of the same version, beside the live one. ABORTED where one is being built already.
  absl::Status Rebuild(const std::string& projection);

  // One slot of `generation` has everything for now: if that was the last thing missing, it becomes live. True: it did. `write_all`
  // is called before its rows are compared with the old ones, by one caller at a time: to have both in the store. Where it says that
  // they are not, nothing happens.
  absl::StatusOr<bool> CaughtUp(const std::shared_ptr<Generation>& generation, const std::function<bool()>& write_all);
  // A worker will not write to a retired generation any more. When none does, its rows are removed.
  absl::Status LetGo(const std::shared_ptr<Generation>& generation);

 private:
  struct Entry {
    std::vector<const Projection*> versions;  // In the code, oldest first.
    v1::ProjectionCatalog row;
    std::map<uint64_t, std::shared_ptr<Generation>> generations;  // Not retired, and their code is there.
    std::map<uint64_t, uint32_t> holders;                         // Workers that have not let go of a retired one.
  };
  Catalog(KvStore& store, uint32_t shards, uint32_t partitions)
      : store_(store), shards_(shards), partitions_(partitions) {}

  absl::Status EmptyIfForeign(const EventLog& log);
  absl::Status RepartitionCheckpoints();
  absl::Status LoadEntry(const std::string& name, Entry& entry);
  absl::Status LoadProgress(Generation& generation) const;
  // To be called when another generation is read, before mu_ is given up.
  void NoteLive();
  absl::Status AddGeneration(Entry& entry, const Projection& projection);
  absl::Status Save(const std::string& name, const Entry& entry, KvBatch batch = {});
  // Of a generation that nobody reads, nor folds into: its rows, and then what is known of it.
  absl::Status RemoveRows(uint64_t number);
  absl::Status Forget(const std::string& name, Entry& entry, uint64_t number);
  // Both, while others go on reading: `lock`, of mu_, is let go of meanwhile.
  absl::Status RemoveBesideReaders(std::unique_lock<std::mutex>& lock, const std::string& name, uint64_t number);
  bool ReadyToSwitch(const Entry& entry, const Generation& generation) const;
  static v1::ProjectionGeneration* FindRow(Entry& entry, uint64_t number);

  KvStore& store_;
  const uint32_t shards_;
  const uint32_t partitions_;
  std::mutex switch_mu_;  // Held while two generations are compared; before mu_.
  mutable std::mutex mu_;
  std::atomic<uint64_t> revision_{1};
  std::map<std::string, Entry> entries_;
  std::shared_ptr<const ReadGenerations> live_;
};

// Compares two generations ledger by ledger, over one moment of the store.
absl::StatusOr<v1::ProjectionSwitch> CompareGenerations(const KvReader& store, const v1::ProjectionGeneration& from,
                                                        const v1::ProjectionGeneration& to);

}  // namespace parley
