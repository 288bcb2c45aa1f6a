// A read model's rows in a map, for tests of one projection by itself.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "projections/projection.h"
#include "tests/support/world.h"

namespace parley::test {

// Of a projection without an index.
class MapRows final : public Rows {
 public:
  std::optional<std::string> GetBytes(std::string_view key) override {
    const auto it = rows_.find(key);
    return it == rows_.end() ? std::nullopt : std::optional(it->second);
  }
  void PutBytes(std::string_view key, std::string value) override { rows_[std::string(key)] = std::move(value); }
  void Delete(std::string_view key) override { rows_.erase(std::string(key)); }
  void Scan(std::string_view prefix,
            const std::function<bool(std::string_view key, std::string_view value)>& visit) override {
    for (auto it = rows_.lower_bound(prefix); it != rows_.end() && it->first.starts_with(prefix); ++it) {
      if (!visit(it->first, it->second)) return;
    }
  }
  void Index(std::string_view) override { ADD_FAILURE() << "the projection has no index"; }
  void Unindex(std::string_view) override { ADD_FAILURE() << "the projection has no index"; }
  const std::map<std::string, std::string, std::less<>>& rows() const { return rows_; }

 private:
  std::map<std::string, std::string, std::less<>> rows_;
};

inline MapRows FoldEvents(const Projection& projection, const std::vector<RecordedEvent>& events) {
  MapRows rows;
  for (const RecordedEvent& event : events) EXPECT_TRUE(projection.Apply(event, rows).ok());
  return rows;
}

// All that was recorded in `world`, decoded from its entries.
inline MapRows FoldWorld(const Projection& projection, const World& world) {
  std::vector<RecordedEvent> events;
  for (const Entry& entry : world.entries()) {
    auto event = DecodeEvent(entry);
    EXPECT_TRUE(event.ok()) << event.status();
    if (event.ok()) events.push_back(*std::move(event));
  }
  return FoldEvents(projection, events);
}

}  // namespace parley::test
