#include "eventstore/kv_memory.h"

#include <map>
#include <mutex>

namespace parley {
namespace {

using Map = std::map<std::string, std::string, std::less<>>;
using Visit = std::function<bool(std::string_view, std::string_view)>;

// What the store held at one moment. Written to only while nobody reads it.
struct Version {
  Map map;
  int readers = 0;  // Guarded by the store's mutex.
};

// Pins a version for as long as it lives.
class View final : public KvReader {
 public:
  View(std::mutex& mu, const std::shared_ptr<Version>& current) : mu_(mu) {
    std::lock_guard lock(mu_);
    version_ = current;
    ++version_->readers;
  }
  ~View() override {
    std::lock_guard lock(mu_);
    --version_->readers;
  }
  View(const View&) = delete;
  View& operator=(const View&) = delete;

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const override {
    auto it = version_->map.find(key);
    if (it == version_->map.end()) return std::optional<std::string>();
    return std::optional<std::string>(it->second);
  }

  absl::Status Scan(std::string_view from, std::string_view to, const Visit& visit) const override {
    auto [begin, end] = Range(from, to);
    for (; begin != end; ++begin) {
      if (!visit(begin->first, begin->second)) break;
    }
    return absl::OkStatus();
  }

  absl::Status ScanReverse(std::string_view from, std::string_view to, const Visit& visit) const override {
    auto [begin, end] = Range(from, to);
    while (begin != end) {
      --end;
      if (!visit(end->first, end->second)) break;
    }
    return absl::OkStatus();
  }

 private:
  std::pair<Map::const_iterator, Map::const_iterator> Range(std::string_view from, std::string_view to) const {
    const Map& map = version_->map;
    if (to.empty()) return {map.lower_bound(from), map.end()};
    if (from >= to) return {map.end(), map.end()};
    return {map.lower_bound(from), map.lower_bound(to)};
  }

  std::mutex& mu_;
  std::shared_ptr<Version> version_;
};

class MemoryKvStore final : public KvStore {
 public:
  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const override {
    return View(mu_, current_).Get(key);
  }
  absl::Status Scan(std::string_view from, std::string_view to, const Visit& visit) const override {
    return View(mu_, current_).Scan(from, to, visit);
  }
  absl::Status ScanReverse(std::string_view from, std::string_view to, const Visit& visit) const override {
    return View(mu_, current_).ScanReverse(from, to, visit);
  }

  absl::Status Write(const KvBatch& batch) override {
    std::lock_guard lock(mu_);
    Map& map = Writable();
    for (const KvBatch::Op& op : batch.ops()) {
      if (op.value) {
        map.insert_or_assign(op.key, *op.value);
      } else {
        map.erase(op.key);
      }
    }
    return absl::OkStatus();
  }

  absl::Status DeleteRange(std::string_view from, std::string_view to) override {
    if (!to.empty() && from >= to) return absl::OkStatus();
    std::lock_guard lock(mu_);
    Map& map = Writable();
    map.erase(map.lower_bound(from), to.empty() ? map.end() : map.lower_bound(to));
    return absl::OkStatus();
  }

  absl::Status Flush() override { return absl::OkStatus(); }

  std::unique_ptr<KvReader> Snapshot() const override { return std::make_unique<View>(mu_, current_); }

 private:
  // Needs mu_. The current version if nobody reads it, else a copy that takes its place.
  Map& Writable() {
    if (current_->readers > 0) {
      auto copy = std::make_shared<Version>();
      copy->map = current_->map;
      current_ = std::move(copy);
    }
    return current_->map;
  }

  mutable std::mutex mu_;
  std::shared_ptr<Version> current_ = std::make_shared<Version>();
};

}  // namespace

std::unique_ptr<KvStore> NewMemoryKvStore() { return std::make_unique<MemoryKvStore>(); }

}  // namespace parley
