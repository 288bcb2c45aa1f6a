// A read model's rows in a map, for tests of one projection by itself.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "projections/projection.h"
#include "tests/support/world.h"

namespace parley::test {

// Of a projection without an index.
class MapRows : public Rows {
 public:
  using Map = std::map<std::string, std::string, std::less<>>;

  MapRows() = default;
  MapRows(const MapRows& other) : Rows(other), rows_(other.rows()) {}

  const google::protobuf::Message* FindMessage(std::string_view key, const google::protobuf::Message& type,
                                               Reuse) override {
    auto& message = messages_[std::string(key)];
    const auto row = rows_.find(key);
    if (message == nullptr && row != rows_.end()) {
      message.reset(type.New());
      EXPECT_TRUE(message->ParseFromString(row->second)) << key;
    }
    return message.get();
  }
  google::protobuf::Message& MutableMessage(std::string_view key, const google::protobuf::Message& type,
                                            Reuse reuse) override {
    if (FindMessage(key, type, reuse) == nullptr) messages_[std::string(key)].reset(type.New());
    return *messages_[std::string(key)];
  }
  google::protobuf::Message& InsertMessage(std::string_view key, const google::protobuf::Message& type,
                                           Reuse) override {
    EXPECT_FALSE(rows().contains(key)) << key << " is there already";
    messages_[std::string(key)].reset(type.New());
    return *messages_[std::string(key)];
  }
  void PutBytes(std::string_view key, std::string value) override {
    messages_.erase(std::string(key));
    rows_[std::string(key)] = std::move(value);
  }
  void Delete(std::string_view key) override {
    messages_.erase(std::string(key));
    rows_.erase(std::string(key));
  }
  void Scan(std::string_view prefix,
            const std::function<bool(std::string_view key, std::string_view value)>& visit) override {
    const Map copy = rows();  // `visit` may write.
    for (auto it = copy.lower_bound(prefix); it != copy.end() && it->first.starts_with(prefix); ++it) {
      if (!visit(it->first, it->second)) return;
    }
  }
  void Index(std::string_view) override { ADD_FAILURE() << "the projection has no index"; }
  void Unindex(std::string_view) override { ADD_FAILURE() << "the projection has no index"; }
  const Map& rows() const {
    for (const auto& [key, message] : messages_) {
      if (message != nullptr) rows_[key] = Canonical(*message);
    }
    return rows_;
  }

 private:
  mutable Map rows_;
  std::map<std::string, std::unique_ptr<google::protobuf::Message>> messages_;  // Newer than the rows.
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
