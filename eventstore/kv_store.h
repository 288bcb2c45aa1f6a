// An ordered key-value store for what is derived from the log: indexes, snapshots, read models. Nothing in it is the
// only copy of anything; a lost store is rebuilt.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventstore/base/ordered.h"

namespace parley {

// Changes applied together or not at all, in the order they were added.
class KvBatch {
 public:
  void Put(std::string key, std::string value) { ops_.push_back({std::move(key), std::move(value)}); }
  void Delete(std::string key) { ops_.push_back({std::move(key), std::nullopt}); }
  bool empty() const { return ops_.empty(); }
  void Clear() { ops_.clear(); }
  struct Op {
    std::string key;
    std::optional<std::string> value;  // nullopt: delete.
  };
  const std::vector<Op>& ops() const { return ops_; }

 private:
  std::vector<Op> ops_;
};

// Reads of one moment: what is written afterwards does not show.
class KvReader {
 public:
  virtual ~KvReader() = default;
  virtual absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const = 0;
  // Keys in [from, to) in ascending byte order, until `visit` returns false. An empty `to` means no upper bound.
  virtual absl::Status Scan(std::string_view from, std::string_view to,
                            const std::function<bool(std::string_view key, std::string_view value)>& visit) const = 0;
  // The same, from the last key in [from, to) downwards.
  virtual absl::Status ScanReverse(
      std::string_view from, std::string_view to,
      const std::function<bool(std::string_view key, std::string_view value)>& visit) const = 0;
};

// Thread-safe. Read through the store itself (the latest) or through a snapshot (one moment).
class KvStore : public KvReader {
 public:
  // Atomic and in order, but not synced: after a crash the store holds a prefix of its writes.
  virtual absl::Status Write(const KvBatch& batch) = 0;
  virtual absl::Status DeleteRange(std::string_view from, std::string_view to) = 0;
  // Makes everything written so far survive a crash.
  virtual absl::Status Flush() = 0;
  // Begins to do so where the store can without waiting for the end of it, which is then not told of.
  virtual absl::Status StartFlush() { return Flush(); }
  // Begins to bring what lies in several places, memory among them, into one, where the store can and it is worth its writes: what is in
  // no cache is then found at once. Waits for no end of it. For moments of few writes. False: there is nothing that would be worth it.
  virtual bool StartMerging() { return false; }
  virtual std::unique_ptr<KvReader> Snapshot() const = 0;
  // Copies what was written before the call into `directory`, which must not exist: a store that can be opened. UNIMPLEMENTED where
  // the store is not on a disk.
  virtual absl::Status CopyTo(const std::string& directory) {
    return absl::UnimplementedError("this store makes no copies: " + directory);
  }
};

// The first key after every key that starts with `prefix`; empty where there is none.
std::string PrefixEnd(std::string_view prefix);

}  // namespace parley
